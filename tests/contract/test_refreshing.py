"""Access tokens fetched ahead of requests, against the simulator and a real store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet

from gswarm.accounts.credentials import Credentials
from gswarm.accounts.token_refresh import Refreshed, TokenRefresh
from gswarm.errors import AccountBlocked, Conflict
from gswarm.google.endpoints import Endpoints
from gswarm.google.json_client import JsonClient
from gswarm.google.oauth import OAuth
from gswarm.store.accounts import Accounts
from gswarm.store.connection import Store
from gswarm.store.encryption import Seal
from gswarm.store.locks import Locks
from tests.simulator_process import Simulator

ALICE, BOB = "alice@example.com", "bob@example.com"


@dataclass
class World:
    """Two accounts, each with an access token that ends some time."""

    google: Simulator
    accounts: Accounts
    credentials: Credentials
    store: Store

    def keep(self, seconds: float, email: str = ALICE) -> None:
        """Store an account with an access token for so many seconds."""
        entry = next(e for e in self.google.accounts() if e["email"] == email)
        names = ("refresh_token", "client_id", "client_secret")
        ends_at = str(int((time.time() + seconds) * 1000))
        token = {"access_token": "old", "expiry_date": ends_at}
        credential = {name: entry[name] for name in names} | token
        self.accounts.keep(email, "cloudcode", credential)

    def process(self) -> TokenRefresh:
        """What one more process has of it."""
        return TokenRefresh(self.accounts, self.credentials, Locks(self.store))

    def token(self, email: str = ALICE) -> str:
        return self.accounts.opened(self.accounts.credential(email))["access_token"]

    def refreshes(self) -> int:
        return self.google.counts(method="token")


@pytest.fixture
def world(google: Simulator, store: Store) -> Iterator[World]:
    seal = Seal([Fernet.generate_key().decode()])
    accounts = Accounts(store, seal)
    with closing(JsonClient()) as rest:
        oauth = OAuth(rest, Endpoints.at(google.url))
        credentials = Credentials(accounts, Locks(store), seal, oauth)
        yield World(google, accounts, credentials, store)


def test_tokens_are_replaced_ahead_of_requests(world):
    world.keep(599)

    assert world.process().refresh_due() == [Refreshed(ALICE)]
    assert world.process().refresh_due() == []

    assert world.token() != "old"
    assert world.accounts.find(ALICE).access_ends_at > time.time() + 3000


def test_tokens_with_time_left_are_left_alone(world):
    process, now = world.process(), time.time()
    process._clock = lambda: now
    world.keep(602)

    assert process.refresh_due() == []
    assert world.refreshes() == 0


def test_of_all_processes_one_goes_round(world):
    world.keep(-1)

    for _ in range(5):
        world.process().go_round()
        world.keep(-1)

    assert world.refreshes() == 1


def test_who_must_sign_in_again_leaves_the_pool_and_the_others_stay(world):
    world.keep(-1)
    world.keep(-1, BOB)
    world.google.account(ALICE, revoked=True)

    alice, bob = world.process().refresh_due()

    assert "expired or revoked" in alice.problem
    assert bob.problem is None
    assert world.accounts.find(ALICE).is_invalid
    assert world.process().refresh_due() == []


@pytest.mark.parametrize("state", ["disabled", "suspended"])
def test_an_account_out_of_the_pool_is_not_asked_about(world, state):
    world.keep(-1)
    if state == "disabled":
        world.accounts.enable(ALICE, False)
    else:
        world.accounts.invalidate(ALICE, AccountBlocked("Suspended."))

    assert world.process().refresh_due() == world.process().refresh_all() == []
    assert world.refreshes() == 0


def test_on_demand_even_a_good_token_is_replaced(world):
    world.keep(3000)
    world.keep(3000, BOB)

    assert world.process().refresh_one(world.accounts.find(ALICE)) == [Refreshed(ALICE)]
    assert (world.token() == "old", world.token(BOB)) == (False, "old")

    assert world.process().refresh_all() == [Refreshed(ALICE), Refreshed(BOB)]
    assert world.token(BOB) != "old"


def test_an_api_key_has_no_token_to_replace(world):
    world.accounts.keep("studio", "gemini_api", {"api_key": "sim-key"})

    with pytest.raises(Conflict):
        world.process().refresh_one(world.accounts.find("studio"))
    assert world.process().refresh_all() == []


def test_a_credential_that_cannot_be_read_does_not_stop_the_others(world):
    world.keep(-1)
    world.keep(-1, BOB)
    world.store.hset(f"oauth-tokens:{ALICE}", "refresh_token", "sealed by a stranger")

    alice, bob = world.process().refresh_due()

    assert "GSWARM_ENCRYPTION_KEY" in alice.problem
    assert bob.problem is None
