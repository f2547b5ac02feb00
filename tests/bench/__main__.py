"""``make bench``: the figures the gateway is held to, measured in one run.

Absolute times are this machine's; the ratios are what counts. How much of Google's
quotas gets through takes minutes of its own: ``python -m tests.bench.quota``.
"""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import click

from gswarm.routing.pool import Pool
from gswarm.store.connection import connect
from gswarm.store.embedded import EmbeddedStore
from gswarm.store.leases import Lease
from tests.gateway_process import start_gateway
from tests.simulator_process import start_simulator

from . import dialects, recovery, take
from .contestants import (
    MODEL,
    SHORT,
    CannedGoogle,
    Contestant,
    bare,
    gateway,
    stream_of,
)
from .load import DONE, Target

ROUNDS = 4
REQUESTS = 800
"""In each round, for each contestant."""

STREAMS, STREAM_SECONDS = 50, 3.0
MANY_CHUNKS, FEW_CHUNKS = 301, 3
"""Many enough that a tick of the clock of CPU time is less than 1 µs of a chunk."""
MANY_STREAMS, LONG_PAUSE = 1000, 1.0


def per_request(bare_app: Contestant, gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """CPU of whole answers, the contestants taking turns."""

    def milliseconds(contestant: Contestant) -> float:
        spent = contestant.cpu_seconds()
        answers = contestant.ask_all([SHORT] * REQUESTS, at_once=8)
        assert all(answer.is_good for answer in answers)
        return (contestant.cpu_seconds() - spent) / REQUESTS * 1000

    yield compare("CPU per request", "1.0", milliseconds, bare_app, gswarm, "ms")


def per_chunk(bare_app: Contestant, gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """CPU of what streams of many chunks cost beyond those of few, equally long."""

    def spent_on(contestant: Contestant, chunks: int) -> float:
        spent = contestant.cpu_seconds()
        bodies = [stream_of(chunks, STREAM_SECONDS / (chunks - 1))] * STREAMS
        answers = contestant.open_all(bodies, pause=0.001)
        assert all(answer.body.count(b"data: ") >= chunks for answer in answers)
        return contestant.cpu_seconds() - spent

    def microseconds(contestant: Contestant) -> float:
        more = spent_on(contestant, MANY_CHUNKS) - spent_on(contestant, FEW_CHUNKS)
        return more / STREAMS / (MANY_CHUNKS - FEW_CHUNKS) * 1_000_000

    yield compare("CPU per chunk", "1.5", microseconds, bare_app, gswarm, "µs")


def compare(
    what: str,
    target: str,
    measure: Callable[[Contestant], float],
    bare_app: Contestant,
    gswarm: Contestant,
    unit: str,
) -> tuple[str, ...]:
    """A row: for each the round that was disturbed least, and their ratio."""
    rounds = [(measure(bare_app), measure(gswarm)) for _ in range(ROUNDS)]
    theirs, ours = map(min, zip(*rounds, strict=True))
    told = f"{ours:.2f} {unit}, bare {theirs:.2f} {unit}"
    return what, f"<= {target} x bare", f"{ours / theirs:.2f} x", told


def first_token(google: Target, gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """What the gateway adds to the first token while fifty streams are open."""

    def median_ms(target: Target) -> float:
        bodies = [stream_of(20, 0.1)] * (4 * STREAMS)
        answers = target.open_all(bodies, pause=2.0 / STREAMS)
        return statistics.median(answer.first_byte for answer in answers) * 1000

    direct, through = median_ms(google), median_ms(gswarm)
    told = f"{through:.2f} ms, direct {direct:.2f} ms"
    yield (
        f"first token added, {STREAMS} streams",
        "<= 5 ms",
        f"{through - direct:.2f} ms",
        told,
    )


def many_streams(gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """A thousand streams on one worker: whether all end well, and their memory."""
    before, during = gswarm.memory_kb(), list[int]()
    # All of them are open once the last has begun, and none has ended by then.
    look = Timer(9.0, lambda: during.append(gswarm.memory_kb()))
    look.start()
    bodies = [stream_of(14, LONG_PAUSE)] * MANY_STREAMS
    answers = gswarm.open_all(bodies, pause=6.0 / MANY_STREAMS)
    look.join()
    whole = sum(DONE in answer.body for answer in answers)
    yield "streams on one worker", f"{MANY_STREAMS}", f"{whole}", "that ended well"
    each = (during[0] - before) / MANY_STREAMS
    yield "memory per stream", "<= 60 KB", f"{each:.0f} KB", "store included"


def taking() -> Iterator[tuple[str, ...]]:
    """The store's script, from this process and back."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedStore(Path(folder)) as server:
        store = connect(server.url)
        for projects, target in ((36, 0.5), (10_000, 1.0)):
            take.fill(store, projects)
            p50, p99, _, ping = take.measure(store, Pool(store, Lease(store)))
            told = f"p99 {p99:.2f} ms, an empty round trip {ping:.2f} ms"
            yield (
                f"take of {projects} projects, p50",
                f"<= {target} ms",
                f"{p50:.2f} ms",
                told,
            )
        store.close()


def evenness(google: str) -> Iterator[tuple[str, ...]]:
    """300 requests at once over twelve equal projects and two workers."""
    with (
        start_simulator(accounts=1, projects=12) as simulator,
        start_gateway(simulator, 2, {"CODE_ASSIST_ENDPOINT": google}) as process,
    ):
        target = Target(process.url, process.key)
        answers = target.open_all([SHORT] * 300, pause=0)
    served = Counter(answer.header("x-gswarm-project") for answer in answers)
    least, most = min(served.values()), max(served.values())
    told = f"by {len(served)} of 12 projects, {MODEL}"
    yield "evenness, 300 at once", "25 ± 3 each", f"{least} to {most}", told


def rows() -> Iterator[tuple[str, ...]]:
    """Every figure as (what, target, measured, made of)."""
    with CannedGoogle() as canned:
        google = canned.url
        with bare(google) as bare_app, gateway(google) as gswarm:
            for contestant in (bare_app, gswarm):
                contestant.ask_all([SHORT] * 100, at_once=8)
            yield from per_request(bare_app, gswarm)
            yield from per_chunk(bare_app, gswarm)
            direct = Target(google, path="/stream")
            yield from first_token(direct, gswarm)
            yield from dialects.rows(gswarm)
            yield from many_streams(gswarm)
        yield from evenness(google)
    yield from taking()
    yield from recovery.rows()


def main() -> None:
    show("figure", "target", "measured", "made of")
    for row in rows():
        show(*row)


def show(what: str, target: str, measured: str, told: str) -> None:
    """Print one row as soon as it is known."""
    click.echo(f"{what:30} {target:>14} {measured:>12}   {told}")


if __name__ == "__main__":
    main()
