"""Access tokens against the simulator and a real store: one refresh, whoever asks."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from cryptography.fernet import Fernet

from gswarm.accounts.credentials import REFUSED_SECONDS, Credentials
from gswarm.errors import (
    AccountBlocked,
    AuthFailure,
    CredentialRejected,
    NotLoggedIn,
    ServerFailure,
)
from gswarm.google.endpoints import Endpoints
from gswarm.google.json_client import JsonClient
from gswarm.google.oauth import Grant, OAuth, OAuthClient
from gswarm.rotation.health import Health
from gswarm.routing.pool import Reservation
from gswarm.store.accounts import Accounts
from gswarm.store.connection import Store, connect
from gswarm.store.encryption import Seal
from gswarm.store.locks import Locks
from tests.simulator_process import Simulator, start_simulator

ALICE = "alice@example.com"
KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def google() -> Iterator[Simulator]:
    with start_simulator(accounts=1, projects=1) as simulator:
        yield simulator


@dataclass
class World:
    """Everything a credential needs, with alice signed in."""

    google: Simulator
    store: Store
    accounts: Accounts
    credentials: Credentials

    def keep(self, *, access_token: str = "", seconds: float = -1, **fields) -> None:
        """Store alice's credential, with an access token for so many seconds."""
        entry = self.google.accounts()[0]
        credential = {
            name: entry[name]
            for name in ("refresh_token", "client_id", "client_secret")
        }
        if access_token:
            ends_at = int((time.time() + seconds) * 1000)
            credential |= {"access_token": access_token, "expiry_date": str(ends_at)}
        self.accounts.keep(ALICE, "cloudcode", credential | fields)

    def taken(self) -> Reservation:
        return taken_with(self.accounts.credential(ALICE))

    def refreshes(self) -> int:
        return self.google.counts(method="token")


@pytest.fixture
def world(google: Simulator, store: Store) -> Iterator[World]:
    google.reset(accounts=1, projects=1)
    rest = JsonClient()
    accounts, credentials = built(store, google.url, rest)
    yield World(google, store, accounts, credentials)
    rest.close()


def built(store: Store, url: str, rest: JsonClient) -> tuple[Accounts, Credentials]:
    seal = Seal([KEY])
    accounts = Accounts(store, seal)
    oauth = OAuth(rest, Endpoints.at(url))
    return accounts, Credentials(accounts, Locks(store), seal, oauth)


def taken_with(sealed, upstream="cloudcode") -> Reservation:
    return Reservation(
        project_id="alice-01",
        account=ALICE,
        model="gemini-2.5-flash",
        upstream=upstream,
        sealed=sealed,
        health=Health(1.0, 1.0, 0.0),
        taken_at=0.0,
        is_probe=False,
        candidates=1,
        passed_over={},
        reservation="",
        turn=1,
        rested_for="",
    )


def test_a_token_with_minutes_to_live_is_used_as_it_is(world):
    now = time.time()
    world.credentials._clock = lambda: now
    world.keep(access_token="old", seconds=301)

    assert world.credentials.fresh(world.taken()) == "old"
    assert world.refreshes() == 0


@pytest.mark.parametrize("seconds", [299, 1, -1])
def test_a_token_that_ends_soon_is_replaced_before_use(world, seconds):
    world.keep(access_token="old", seconds=seconds)

    token = world.credentials.fresh(world.taken())

    assert token.startswith("sim-access-")
    assert world.refreshes() == 1
    assert world.credentials.fresh(world.taken()) == token
    assert world.refreshes() == 1


def test_an_account_without_a_token_gets_one(world):
    world.keep()

    assert world.credentials.fresh(world.taken()).startswith("sim-access-")


def test_who_holds_an_outdated_copy_finds_what_another_fetched(world):
    world.keep(access_token="old", seconds=-1)
    outdated = world.taken()

    token = world.credentials.fresh(outdated)

    assert world.credentials.fresh(outdated) == token
    assert world.refreshes() == 1


def test_an_api_key_is_its_own_secret(world):
    sealed = world.accounts.sealed({"api_key": "sim-key-1"})
    taken = taken_with(sealed, upstream="gemini_api")

    assert world.credentials.fresh(taken) == "sim-key-1"
    with pytest.raises(CredentialRejected):
        world.credentials.renew(taken, "sim-key-1")


def test_a_refused_token_is_replaced_although_it_seems_good(world):
    world.keep(access_token="refused", seconds=3000)
    taken = world.taken()

    token = world.credentials.renew(taken, "refused")

    assert token.startswith("sim-access-")
    assert world.credentials.renew(taken, "refused") == token
    assert world.refreshes() == 1


def test_a_token_that_was_refused_twice_is_replaced_twice(world):
    world.keep(access_token="refused", seconds=3000)
    taken = world.taken()

    first = world.credentials.renew(taken, "refused")

    assert world.credentials.renew(taken, first) != first
    assert world.refreshes() == 2


def test_a_dead_refresh_token_says_so(world):
    world.keep(access_token="old", seconds=-1)
    world.google.account(ALICE, revoked=True)

    with pytest.raises(NotLoggedIn, match="expired or revoked") as caught:
        world.credentials.fresh(world.taken())

    assert caught.value.is_lasting


def test_a_dead_refresh_token_is_asked_about_once_in_a_while(world):
    world.keep(refresh_token="sim-refresh-dead")
    said = set()
    for _ in range(3):
        with pytest.raises(NotLoggedIn) as caught:
            world.credentials.fresh(world.taken())
        said.add(caught.value.message)
    assert len(said) == 1
    assert world.google.counts(method="token") == 1

    world.credentials._clock = lambda: time.time() + REFUSED_SECONDS + 1
    with pytest.raises(NotLoggedIn):
        world.credentials.fresh(world.taken())
    assert world.google.counts(method="token") == 2


def test_one_who_signs_in_anew_while_the_old_credential_dies_is_not_turned_away(world):
    good = world.google.accounts()[0]["refresh_token"]
    world.keep(refresh_token="sim-refresh-dead")
    taken, refresh = world.taken(), world.credentials._oauth.refresh

    def sign_in_meanwhile(client: OAuthClient, refresh_token: str) -> Grant:
        if refresh_token != good:
            world.keep()
        return refresh(client, refresh_token)

    world.credentials._oauth.refresh = sign_in_meanwhile

    assert world.credentials.fresh(taken).startswith("sim-access-")


def test_a_refresh_token_that_comes_with_a_refresh_replaces_the_old_one(world):
    world.keep()
    before = world.taken()
    body = {"access_token": "new", "expires_in": 3599, "refresh_token": "rotated"}
    world.google.script({"status": 200, "body": body}, method="token")

    assert world.credentials.fresh(before) == "new"

    kept = world.accounts.opened(world.accounts.credential(ALICE))
    assert kept["refresh_token"] == "rotated"
    assert kept["access_token"] == "new"


def test_a_rotated_refresh_token_survives_a_new_key_of_the_store(world):
    world.keep()
    old_seal, new_key = KEY, Fernet.generate_key().decode()
    both = Accounts(world.store, Seal([new_key, old_seal]))
    refresh = world.credentials._oauth.refresh
    world.credentials._open = Seal([new_key, old_seal]).open

    def reseal_meanwhile(client: OAuthClient, refresh_token: str) -> Grant:
        grant = refresh(client, refresh_token)
        assert both.reseal() == 2
        return replace(grant, refresh_token="rotated")

    world.credentials._oauth.refresh = reseal_meanwhile

    world.credentials.fresh(world.taken())

    assert both.opened(both.credential(ALICE))["refresh_token"] == "rotated"


def test_an_account_that_is_out_of_the_pool_is_not_asked_about(world):
    world.keep(access_token="old", seconds=-1)
    world.accounts.invalidate(ALICE, AccountBlocked("It is suspended."))

    with pytest.raises(AccountBlocked, match="suspended"):
        world.credentials.refresh(ALICE)

    assert world.refreshes() == 0


def test_who_must_sign_in_again_leaves_the_pool(world):
    world.keep(access_token="old", seconds=-1)
    world.google.account(ALICE, revoked=True)

    with pytest.raises(NotLoggedIn):
        world.credentials.refresh(ALICE)

    assert world.accounts.find(ALICE).is_invalid


def test_a_refused_client_is_not_a_dead_refresh_token(world):
    world.keep(client_secret="wrong")

    with pytest.raises(AuthFailure, match="invalid_client") as caught:
        world.credentials.fresh(world.taken())

    assert not caught.value.is_lasting


def test_the_operators_client_serves_accounts_that_brought_none(world):
    entry = world.google.accounts()[0]
    client = OAuthClient(entry["client_id"], entry["client_secret"])
    refresh_token = {"refresh_token": entry["refresh_token"]}
    world.accounts.keep(ALICE, "cloudcode", refresh_token)

    with pytest.raises(AuthFailure, match="GOOGLE_CLIENT_ID"):
        world.credentials.fresh(world.taken())

    world.credentials._client = client
    assert world.credentials.fresh(world.taken()).startswith("sim-access-")


def test_while_google_does_not_refresh_a_living_token_is_used(world):
    world.google.script({"error": "internal"}, times=None, method="token")
    world.keep(access_token="old", seconds=60)

    assert world.credentials.fresh(world.taken()) == "old"

    world.keep(access_token="old", seconds=-1)
    with pytest.raises(ServerFailure):
        world.credentials.fresh(world.taken())


def test_while_another_process_refreshes_a_living_token_is_used(world):
    world.keep(access_token="old", seconds=60)

    with Locks(world.store).attempt(f"refresh:{ALICE}", 10):
        assert world.credentials.fresh(world.taken()) == "old"


def test_a_dead_token_waits_for_the_process_that_refreshes(world):
    world.keep(access_token="old", seconds=-1)
    taken = world.taken()

    def finish_elsewhere() -> None:
        time.sleep(0.2)
        world.accounts.keep_access(
            ALICE, taken.sealed["refresh_token"], "new", time.time() + 3600
        )

    with Locks(world.store).attempt(f"refresh:{ALICE}", 10):
        other = threading.Thread(target=finish_elsewhere)
        other.start()
        assert world.credentials.fresh(taken) == "new"
        other.join()

    assert world.refreshes() == 0


def test_a_process_that_died_while_refreshing_blocks_only_for_moments(world):
    world.keep(access_token="old", seconds=-1)
    world.store.set(f"gswarm:lock:refresh:{ALICE}", "of the dead", px=300)

    assert world.credentials.fresh(world.taken()).startswith("sim-access-")


def test_one_who_fails_fails_for_all_who_waited(world):
    world.google.account(ALICE, revoked=True)
    world.keep(access_token="old", seconds=-1)
    taken = world.taken()

    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(world.credentials.fresh, taken) for _ in range(20)]
        failures = [type(each.exception()) for each in asked]

    assert failures == [NotLoggedIn] * 20
    assert world.refreshes() < 20


def test_fifty_at_once_in_five_processes_refresh_once(world, redis_url):
    world.keep(access_token="old", seconds=-1)
    context = multiprocessing.get_context("spawn")
    start, tokens = context.Barrier(5), context.Queue()
    processes = [
        context.Process(
            target=ask_ten_times, args=(redis_url, world.google.url, KEY, start, tokens)
        )
        for _ in range(5)
    ]

    for process in processes:
        process.start()
    got = {token for _ in processes for token in tokens.get(timeout=30)}
    for process in processes:
        process.join()

    assert len(got) == 1
    assert world.refreshes() == 1


def ask_ten_times(redis_url: str, url: str, key: str, start, tokens) -> None:
    """One process's share; runs in it."""
    globals()["KEY"] = key
    store, rest = connect(redis_url), JsonClient()
    accounts, credentials = built(store, url, rest)
    taken = taken_with(accounts.credential(ALICE))
    start.wait()
    with ThreadPoolExecutor(10) as threads:
        asked = [threads.submit(credentials.fresh, taken) for _ in range(10)]
        tokens.put([each.result() for each in asked])
    rest.close()
    store.close()


def test_nothing_secret_is_shown(world):
    grant = world.credentials._oauth.refresh(
        OAuthClient("sim-client.apps.example", "sim-client-secret"),
        world.google.accounts()[0]["refresh_token"],
    )

    shown = repr(grant) + repr(OAuthClient("id", "s3cret")) + repr(world.taken())
    assert "sim-access" not in shown
    assert "s3cret" not in shown
