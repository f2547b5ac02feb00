"""One simulator and one gateway for all of these tests, with a fresh world for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gswarm.store.config import Config
from tests.gateway_process import Gateway, start_gateway
from tests.simulator_process import Simulator, start_simulator

MAX_BODY_MB = 4
CONFIG_SECONDS = 2.0
"""Within which every worker knows of a changed config."""


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with start_simulator() as running:
        yield running


@pytest.fixture(scope="session")
def running_gateway(simulator: Simulator) -> Iterator[Gateway]:
    env = {
        "GSWARM_MAX_BODY_MB": str(MAX_BODY_MB),
        "GOOGLE_CLIENT_ID": "sim-client.apps.example",
        "GOOGLE_CLIENT_SECRET": "sim-client-secret",
        "GSWARM_ADMIN_EMAILS": "carol@example.com",
    }
    with start_gateway(simulator, workers=2, env=env) as running:
        yield running


@pytest.fixture
def google(simulator: Simulator) -> Simulator:
    """Three accounts of four projects each."""
    simulator.reset(accounts=3, projects=4)
    return simulator


@pytest.fixture
def gateway(running_gateway: Gateway, google: Simulator) -> Gateway:
    """Two workers that know this Google's accounts and one key, and nothing else."""
    running_gateway.begin_anew(google.accounts())
    google.forget_calls()
    return running_gateway


@pytest.fixture
def configure(gateway: Gateway) -> Iterator[Callable[..., None]]:
    """``configure(models={...})`` changes the config for the length of a test."""
    config = Config(gateway.store, {})

    def change(**changes: Any) -> None:
        config.change(changes, version=0)
        gateway.wait_for_pulses(CONFIG_SECONDS)

    yield change
    gateway.store.flushall()
    gateway.wait_for_pulses(CONFIG_SECONDS)
