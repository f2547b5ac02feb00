"""What taking a project costs: by the pool's size, its state, and the live models.

python tests/bench/take.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from gswarm import errors
from gswarm.routing.pool import Pool, Reservation
from gswarm.store import names
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import EmbeddedStore
from gswarm.store.leases import Lease
from gswarm.store.projects import Project, Projects

MODEL = "gemini-2.5-pro"
ROUNDS = 500


def fill(store: Store, projects: int) -> None:
    """Accounts of twelve projects each."""
    store.flushall()
    accounts = [f"user{n}@example.com" for n in range((projects + 11) // 12)]
    with store.pipeline() as pipe:
        for email in accounts:
            record = {"upstream": "cloudcode", "enabled": "1", "is_invalid": "0"}
            pipe.sadd(names.ACCOUNTS, email)
            pipe.hset(names.account(email), mapping=record)
            pipe.hset(names.credential(email), "access_token", "x" * 400)
        pipe.execute()
    ids = [Project(f"project-{n:05}", accounts[n // 12]) for n in range(projects)]
    for n in range(0, projects, 500):
        Projects(store).add(ids[n : n + 500])


def leave_well(store: Store, pool: Pool, projects: int) -> None:
    """Everything is ready."""


def leave_tainted(store: Store, pool: Pool, projects: int) -> None:
    """Nearly everything has failed lately, and rests no more."""
    _fail(pool, projects - 3, errors.RateLimited("over already", seconds=0.001))
    store.delete(names.LIVE_MODELS)
    for key in store.scan_iter(f"{names.PROJECT_STATUS}*:{MODEL}"):
        now = time.time() * 1000
        store.hset(key, mapping={"recentErrors": 1.0, "recentAt": now})


def leave_cooling(store: Store, pool: Pool, projects: int) -> None:
    """Nearly everything rests."""
    _fail(pool, projects - 3, errors.RateLimited("slow down", seconds=3000))


def leave_resting(store: Store, pool: Pool, projects: int) -> None:
    """Everything rests."""
    _fail(pool, projects, errors.QuotaExhausted("used up", seconds=3000))


def _fail(pool: Pool, times: int, verdict: errors.Verdict) -> None:
    for _ in range(times):
        found = pool.take(MODEL)
        if not isinstance(found, Reservation):
            return
        pool.fail(found, verdict)


def measure(store: Store, pool: Pool) -> tuple[float, float, float, float]:
    """p50 and p99 of take, p50 of succeed, p50 of an empty round trip; in ms."""
    takes, settles, pings = [], [], []
    pool.take(MODEL)
    for _ in range(ROUNDS):
        pings.append(_timed(store.ping)[0])
        milliseconds, found = _timed(lambda: pool.take(MODEL))
        takes.append(milliseconds)
        if isinstance(found, Reservation):
            settles.append(_timed(lambda found=found: pool.succeed(found))[0])
    return (
        statistics.median(takes),
        statistics.quantiles(takes, n=100)[98],
        statistics.median(settles or [0.0]),
        statistics.median(pings),
    )


def _timed(call: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    found = call()
    return (time.perf_counter() - started) * 1000, found


def main() -> None:
    head = ("projects", "state", "models", "take p50", "p99", "settle p50", "ping p50")
    click.echo(" ".join(f"{each:>11}" for each in head))
    with tempfile.TemporaryDirectory() as folder, EmbeddedStore(Path(folder)) as server:
        store = connect(server.url)
        for projects in (36, 10_000):
            for leave in (leave_well, leave_tainted, leave_cooling, leave_resting):
                for models in (1, 30):
                    fill(store, projects)
                    pool = Pool(store, Lease(store), is_known=lambda name: True)
                    leave(store, pool, projects)
                    for n in range(models - 1):
                        found = pool.take(f"other-{n}")
                        assert isinstance(found, Reservation)
                        pool.release(found)
                    row = (leave.__name__.removeprefix("leave_"), models)
                    figures = " ".join(f"{each:11.3f}" for each in measure(store, pool))
                    click.echo(f"{projects:11} {row[0]:>11} {row[1]:11} {figures}")
        store.close()


if __name__ == "__main__":
    main()
