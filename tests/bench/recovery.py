"""What clients notice when a worker, the store or Google is killed under load."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tests.gateway_process import Gateway, start_gateway
from tests.simulator_process import start_simulator
from tests.steady_load import SteadyLoad, counted

from .contestants import CannedGoogle

AFTERWARDS = 5.0
"""Seconds of load after the kill."""


def rows() -> Iterator[tuple[str, ...]]:
    """For each that is killed: when the last request that failed had its answer."""
    with (
        CannedGoogle() as google,
        start_simulator() as simulator,
        start_gateway(simulator, 2, {"CODE_ASSIST_ENDPOINT": google.url}) as gateway,
    ):
        kills: dict[str, Callable[[], object]] = {
            "a worker": gateway.kill9_worker,
            "the store": gateway.kill9_store,
            "Google": google.kill9_and_restart,
        }
        for victim, kill in kills.items():
            yield f"kill -9 of {victim}", "<= 3 s", *_measure(gateway, kill)


def _measure(gateway: Gateway, kill: Callable[[], object]) -> tuple[str, str]:
    before = counted(gateway)
    with SteadyLoad(gateway) as load:
        killed_at = time.monotonic()
        kill()
        time.sleep(AFTERWARDS)
    failed = [each for each in load.seen if each.status != 200]
    last = max((each.answered_at for each in failed), default=killed_at)
    answered = len(load.seen) - len(failed)
    count = counted(gateway) - before
    told = f"{len(failed)} failed, {answered} answered, {count} counted"
    return f"{last - killed_at:.1f} s", told
