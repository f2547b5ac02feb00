"""A new encryption key, step by step; and a gateway without an OAuth client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from gswarm.store.accounts import Accounts
from gswarm.store.encryption import Seal, claim_keys
from tests.dashboard import PASSWORD, Dashboard
from tests.gateway_process import Gateway, start_gateway, wait_for

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
ALICE = "alice@example.com"
SECRETS = ("refresh_token", "access_token", "client_secret")


@pytest.fixture(scope="module")
def lonely(simulator) -> Iterator[Gateway]:
    """One worker, the old key, no OAuth client of its operator's."""
    simulator.reset(accounts=1, projects=1)
    env = {"GSWARM_ENCRYPTION_KEY": OLD, "GOOGLE_CLIENT_ID": ""}
    with start_gateway(simulator, workers=1, env=env) as running:
        yield running


def test_without_a_client_nobody_is_sent_to_google(lonely):
    admin, script = lonely.sign_in(), Dashboard(lonely.url)
    given = {"username": "admin", "password": PASSWORD}

    for answer in (
        admin.get("/api/auth/google", allow_redirects=False),
        script.post("/api/auth/login", json=given),
    ):
        assert not answer.cookies
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "no_google_client"
        assert "GOOGLE_CLIENT_ID" in answer.json()["error"]["message"]


def test_without_named_operators_nobody_signs_in_by_google(lonely):
    answer = Dashboard(lonely.url).get(
        "/api/auth/google?intent=signin", allow_redirects=False
    )

    assert answer.status_code == 403
    assert "GSWARM_ADMIN_EMAILS" in answer.json()["error"]["message"]


def sealed(gateway):
    kept = gateway.store.hgetall(f"oauth-tokens:{ALICE}")
    return {name: kept[name] for name in SECRETS}


def test_a_machine_that_lacks_the_new_key_says_so(lonely):
    before, old = len(lonely.log()), sealed(lonely)
    token = Seal([OLD]).open(old["access_token"])
    lonely.store.hset(f"oauth-tokens:{ALICE}", "access_token", Seal([NEW]).seal(token))

    for answer in (
        lonely.ask(),
        lonely.ask(stream=True),
        lonely.sign_in().post("/api/accounts/export", json={"passphrase": "8 letters"}),
    ):
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "misconfigured"
    told = lonely.look("/api/gswarm/requests").json()["requests"][:2]
    assert [(each["status_code"], each["error_type"]) for each in told] == [
        (503, "misconfigured")
    ] * 2
    log = lonely.log()[before:]
    assert "GSWARM_ENCRYPTION_KEY: a credential in the store" in log
    assert "failed unexpectedly" not in log

    lonely.store.hset(f"oauth-tokens:{ALICE}", mapping=old)
    assert lonely.ask().status_code == 200


def test_a_new_key_takes_the_place_of_the_old_one_in_two_steps(lonely):
    lonely.environ["GSWARM_ENCRYPTION_KEY"] = f"{OLD},{NEW}"
    lonely.restart()
    other = Accounts(lonely.store, Seal([NEW, OLD]))
    claim_keys(lonely.store, "GSWARM_ENCRYPTION_KEY", [NEW, OLD])
    wait_for(other.reseal)
    assert lonely.ask().status_code == 200

    lonely.environ["GSWARM_ENCRYPTION_KEY"] = f"{NEW},{OLD}"
    lonely.restart()

    wait_for(lambda: all(map(Seal([NEW]).is_current, sealed(lonely).values())))
    assert lonely.ask().status_code == 200
