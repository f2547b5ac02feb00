import pytest
from cryptography.fernet import Fernet

from gswarm import errors
from gswarm.store import names
from gswarm.store.accounts import Accounts
from gswarm.store.encryption import Seal

CREDENTIAL = {
    "refresh_token": "refresh-me",
    "access_token": "let-me-in",
    "client_id": "our-client",
    "client_secret": "our-secret",
    "expiry_date": "1800000000000",
}


@pytest.fixture
def alice(accounts: Accounts) -> str:
    accounts.keep("alice@example.com", "cloudcode", CREDENTIAL, tier="standard")
    return "alice@example.com"


def test_a_kept_account_is_usable_and_found(accounts, alice, clock) -> None:
    found = accounts.find(alice)
    assert (found.upstream, found.tier, found.enabled) == (
        "cloudcode",
        "standard",
        True,
    )
    assert (found.is_invalid, found.created_at) == (False, clock())
    assert found.access_ends_at == 1_800_000_000
    assert accounts.all() == [found]
    assert accounts.find("nobody@example.com") is None


def test_secrets_lie_sealed_in_the_store(accounts, alice, store) -> None:
    stored = str(store.hgetall(names.credential(alice)))
    for secret in ("refresh-me", "let-me-in", "our-secret"):
        assert secret not in stored
    assert "our-client" in stored
    assert accounts.opened(accounts.credential(alice)) == CREDENTIAL


def test_a_new_credential_replaces_the_old_one_whole(accounts, alice, clock) -> None:
    clock.pass_(5)
    accounts.keep(alice, "cloudcode", {"refresh_token": "newer"})
    assert accounts.opened(accounts.credential(alice)) == {"refresh_token": "newer"}
    assert accounts.find(alice).created_at == clock() - 5
    assert accounts.find(alice).updated_at == clock()


def test_an_account_may_come_in_dead_and_signing_in_again_repairs_it(
    accounts, add_projects, pool
) -> None:
    add_projects("alice")
    verdict = errors.VerificationRequired("Verify it", action_url="https://g.example")
    accounts.keep("alice", "cloudcode", CREDENTIAL, verdict=verdict)
    found = accounts.find("alice")
    assert (found.is_invalid, found.invalid_word) == (True, "auth")
    assert (found.invalid_reason, found.action_url) == (
        "Verify it",
        "https://g.example",
    )
    assert pool.take("gemini-2.5-pro").reason == "no_account"
    accounts.keep("alice", "cloudcode", CREDENTIAL)
    assert accounts.find("alice").invalid_reason == ""
    assert pool.take("gemini-2.5-pro").account == "alice"


def test_repairing_ends_an_accounts_rests(accounts, add_projects, pool) -> None:
    add_projects("alice", 2)
    pool.fail(pool.take("gemini-2.5-pro"), errors.LocationUnsupported("not here"))
    assert accounts.find("alice").rest_reason == "auth"
    accounts.enable("alice", True)
    assert accounts.find("alice").rests_until == 0
    assert pool.take("gemini-2.5-pro").account == "alice"


def test_an_account_found_dead_elsewhere_leaves_the_pool(
    accounts, add_projects, pool
) -> None:
    add_projects("alice", 2)
    accounts.invalidate("alice", errors.NotLoggedIn("invalid_grant"))
    assert pool.take("gemini-2.5-pro").reason == "no_account"
    assert pool.state().usable == 0


def test_a_removed_account_leaves_nothing_behind(
    accounts, add_projects, pool, store
) -> None:
    add_projects("alice", 2)
    accounts.keep("alice", "cloudcode", CREDENTIAL)
    pool.release(pool.take("gemini-2.5-pro"))
    accounts.remove("alice")
    assert accounts.all() == []
    assert pool.take("gemini-2.5-pro").reason == "no_account"
    assert [
        key for key in store.keys("*") if "alice" in key and ":gemini" not in key
    ] == []


def test_an_access_token_is_kept_for_the_refresh_token_it_came_from(
    accounts, alice
) -> None:
    before = accounts.credential(alice)["refresh_token"]
    assert accounts.keep_access(alice, before, "fresh", 1_900_000_000.0)
    assert accounts.opened(accounts.credential(alice))["access_token"] == "fresh"
    assert accounts.find(alice).access_ends_at == 1_900_000_000
    accounts.keep(alice, "cloudcode", CREDENTIAL)
    assert not accounts.keep_access(alice, before, "stale", 2_000_000_000.0)
    assert accounts.opened(accounts.credential(alice))["access_token"] == "let-me-in"
    accounts.remove(alice)
    assert not accounts.keep_access(alice, before, "stale", 2_000_000_000.0)
    assert accounts.credential(alice) == {}


def test_a_new_key_opens_old_seals_and_seals_them_anew(store, clock) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    Accounts(store, Seal([old]), clock=clock).keep("alice", "cloudcode", CREDENTIAL)
    both = Accounts(store, Seal([new, old]), clock=clock)
    assert both.opened(both.credential("alice")) == CREDENTIAL
    assert both.reseal() == 3
    assert both.reseal() == 0
    only_new = Accounts(store, Seal([new]), clock=clock)
    assert only_new.opened(only_new.credential("alice")) == CREDENTIAL
