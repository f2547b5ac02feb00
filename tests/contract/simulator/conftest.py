"""A fresh world for each of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.contract.simulator.client import Client
from tests.simulator_process import Simulator


@pytest.fixture
def google(simulator: Simulator) -> Simulator:
    simulator.reset(accounts=2, projects=2)
    return simulator


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def alice(google: Simulator, http: requests.Session) -> Client:
    return Client(google, http, google.accounts()[0])
