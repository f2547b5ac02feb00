"""A pool over a real store, a clock that stands still, and a few projects."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet

from gswarm.routing.pool import Pool
from gswarm.store import names
from gswarm.store.accounts import Accounts
from gswarm.store.connection import Store
from gswarm.store.encryption import Seal
from gswarm.store.leases import Lease
from gswarm.store.projects import Project, Projects


class Clock:
    """Time that moves when told to."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now = round(self.now + seconds, 3)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def add_projects(store: Store, clock: Clock) -> Callable[..., list[str]]:
    """``add_projects("alice", 3)`` adds alice-01, alice-02, alice-03."""

    def add(account: str, number: int = 1, upstream: str = "cloudcode") -> list[str]:
        ids = [f"{account}-{n:02}" for n in range(1, number + 1)]
        record = {"upstream": upstream, "enabled": "1", "is_invalid": "0"}
        store.sadd(names.ACCOUNTS, account)
        store.hset(names.account(account), mapping=record)
        store.hset(names.credential(account), "access_token", f"sealed-{account}")
        Projects(store, clock=clock).add(Project(each, account) for each in ids)
        return ids

    return add


@pytest.fixture
def make_pool(store: Store, clock: Clock) -> Callable[..., Pool]:
    def make(**options) -> Pool:
        return Pool(store, Lease(store, clock=clock), clock=clock, **options)

    return make


@pytest.fixture
def pool(make_pool: Callable[..., Pool]) -> Pool:
    return make_pool()


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    return Accounts(store, Seal([Fernet.generate_key().decode()]), clock=clock)
