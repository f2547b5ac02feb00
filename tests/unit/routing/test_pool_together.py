"""Many takers at once: threads, processes, and workers that die."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter

import pytest

from gswarm import errors
from gswarm.routing.pool import Pool, Reservation
from gswarm.store import names
from gswarm.store.connection import Store, connect
from gswarm.store.leases import Lease

MODEL = "gemini-2.5-pro"

TAKER = """
import sys
from gswarm.routing.pool import Pool
from gswarm.store.connection import connect
from gswarm.store.leases import Lease

store = connect(sys.argv[1])
pool = Pool(store, Lease(store))
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    print(pool.take("gemini-2.5-pro").project_id, flush=True)
if "stay" in sys.argv:
    sys.stdin.readline()
"""


def at_once(number: int, work) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def start_taker(redis_url: str, takes: int, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TAKER, redis_url, str(takes), *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)


def in_flight(store: Store) -> int:
    return sum(
        int(store.hget(names.project_status(each), "inFlight") or 0)
        for each in store.smembers(names.USABLE)
    )


def test_three_hundred_requests_at_once_spread_evenly_over_threads(
    pool: Pool, add_projects
) -> None:
    add_projects("alice", 12)
    chosen: list[str] = []
    at_once(30, lambda: chosen.extend(pool.take(MODEL).project_id for _ in range(10)))
    assert set(Counter(chosen).values()) == {25}


def test_three_hundred_requests_at_once_spread_evenly_over_processes(
    redis_url: str, add_projects
) -> None:
    add_projects("alice", 12)
    takers = [start_taker(redis_url, 75) for _ in range(4)]
    for each in takers:
        each.stdin.write("go\n")
        each.stdin.flush()
    chosen = [line for each in takers for line in each.communicate()[0].split()]
    assert set(Counter(chosen).values()) == {25}


def test_twenty_writers_at_once_lose_nothing(
    pool: Pool, add_projects, store: Store
) -> None:
    (one,) = add_projects("alice")
    verdict = errors.RateLimited("slow down", seconds=0.001)

    def work() -> None:
        for n in range(10):
            found = pool.take(MODEL, past_model_rest=True)
            if isinstance(found, Reservation):
                pool.fail(found, verdict) if n % 2 else pool.succeed(found)
            else:
                store.hincrby("test:nothing", "times", 1)

    at_once(20, work)
    pair = store.hgetall(names.pair_status(one, MODEL))
    counted = int(pair["successCount"]) + int(pair.get("limitedCount", 0))
    assert counted + int(store.hget("test:nothing", "times") or 0) == 200
    assert in_flight(store) == 0


def test_what_a_killed_worker_held_is_free_within_fifteen_seconds(
    redis_url: str, pool: Pool, add_projects, store: Store, clock
) -> None:
    add_projects("alice", 3)
    doomed = start_taker(redis_url, 5, "stay")
    with doomed:
        doomed.stdin.write("go\n")
        doomed.stdin.flush()
        for _ in range(5):
            doomed.stdout.readline()
        assert in_flight(store) == 5
        doomed.kill()
    (lease_end,) = (
        end for _, end in store.zrange(names.WORKERS, 0, -1, withscores=True)
    )
    clock.now = lease_end / 1000 - 0.001
    pool.release(pool.take(MODEL))
    assert in_flight(store) == 5, "its lease still runs"
    clock.pass_(0.001)
    pool.release(pool.take(MODEL))
    assert in_flight(store) == 0
    assert [key for key in store.keys("gswarm:held:*")] == []


def test_a_lease_lasts_ten_seconds_and_is_renewed_by_its_pulse(
    store: Store, add_projects, clock
) -> None:
    add_projects("alice")
    slow, other = Lease(store, clock=clock), Lease(store, clock=clock)
    pool = Pool(store, slow, clock=clock)
    for _ in range(5):
        pool.take(MODEL)
    for _ in range(4):
        clock.pass_(9)
        slow.renew()
        other.renew()
    assert in_flight(store) == 5
    clock.pass_(10)
    other.renew()
    assert in_flight(store) == 0


def test_a_worker_that_leaves_gives_everything_back_at_once(
    store: Store, add_projects, clock
) -> None:
    add_projects("alice")
    lease = Lease(store, clock=clock)
    pool = Pool(store, lease, clock=clock)
    for _ in range(3):
        pool.take(MODEL)
    lease.retire()
    assert in_flight(store) == 0
    assert store.zcard(names.WORKERS) == 0


def test_a_reclaimed_reservation_settled_late_frees_nobody_elses(
    store: Store, add_projects, clock
) -> None:
    add_projects("alice")
    slow = Pool(store, Lease(store, clock=clock), clock=clock)
    quick = Pool(store, Lease(store, clock=clock), clock=clock)
    late = slow.take(MODEL)
    clock.pass_(11)
    quick.take(MODEL)
    slow.succeed(late)
    assert in_flight(store) == 1


def test_the_pool_survives_a_store_that_forgets_its_scripts(
    pool: Pool, add_projects, redis_url: str
) -> None:
    add_projects("alice")
    other = connect(redis_url)
    other.script_flush()
    found = pool.take(MODEL)
    other.script_flush()
    with pool.pipeline() as pipe:
        pipe.set("before", 1)
        pool.succeed(found, pipe)
        replies = pipe.set("after", 1).execute()
    assert replies == [True, 0, True]
    assert in_flight(other) == 0
    other.close()


def commands_of_a_take(store: Store, pool: Pool) -> int:
    """How many store commands one take runs inside its script."""
    store.config_resetstat()
    found = pool.take(MODEL)
    stats = store.info("commandstats")
    if isinstance(found, Reservation):
        pool.release(found)
    # Other tests' readers may still wait for events.
    return sum(each["calls"] for name, each in stats.items() if "xread" not in name)


def rest_nearly_all(pool: Pool, store: Store, projects: int) -> None:
    for _ in range(projects - 2):
        pool.fail(pool.take(MODEL), errors.RateLimited("slow down", seconds=3000))


def taint_nearly_all(pool: Pool, store: Store, projects: int) -> None:
    for _ in range(projects - 2):
        pool.fail(pool.take(MODEL), errors.ServerFailure("boom"))
    pool._clock.pass_(61)  # type: ignore[attr-defined]
    for _ in range(projects):
        pool.release(pool.take(MODEL))


@pytest.mark.parametrize("spoil", [rest_nearly_all, taint_nearly_all])
def test_the_work_of_a_take_does_not_grow_with_the_pool(
    make_pool, add_projects, store: Store, spoil
) -> None:
    work = []
    for account, projects in (("alice", 100), ("bob", 300)):
        store.flushall()
        add_projects(account, projects)
        pool = make_pool()
        spoil(pool, store, projects)
        work.append(commands_of_a_take(store, pool))
    small, large = work
    assert large <= small + 2
