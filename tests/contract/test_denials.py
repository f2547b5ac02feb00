"""What Google shuts out for good, and what an OAuth client of one's own may not."""

from __future__ import annotations

from tests.contract.asking import FLASH, ask_all
from tests.contract.test_failover import ask, begin_with


def test_a_client_without_the_private_api_is_asked_once(gateway, google):
    begin_with(gateway, google, accounts=2, projects=6)
    google.script({"error": "private_api"}, times=None, model=FLASH)

    assert ask(gateway).status_code == 502
    assert ask(gateway).status_code == 503

    assert len(google.calls(brief=True, model=FLASH)) == 1
    for row in gateway.look("/api/gswarm/accounts").json()["accounts"]:
        assert not row["isInvalid"]
        assert "OAuth client's own project" in row["invalidReason"]
        assert row["actionUrl"] is None


def test_a_project_that_is_denied_access_is_not_asked_again(gateway, google):
    begin_with(gateway, google, accounts=1, projects=2)
    admin = gateway.sign_in()
    google.script({"error": "denied_project"}, times=None, project="alice-01")

    assert {reply.status_code for reply in ask_all(gateway, 8)} == {200}
    google.forget_calls()
    assert {reply.status_code for reply in ask_all(gateway, 8)} == {200}

    assert not google.calls(brief=True, project="alice-01")
    row = admin.get("/api/projects?search=alice-01").json()["projects"][0]
    assert (row["status"], row["enabled"]) == ("error", False)
    assert row["cooldownReason"] == (
        "Your project has been denied access. Please contact support."
    )
    assert row["cooldownUntil"] is None

    google.clear_scripts()
    admin.post("/api/projects/alice-01/toggle", json={"enabled": True})
    admin.post("/api/projects/alice-02/toggle", json={"enabled": False})

    row = admin.get("/api/projects?search=alice-01").json()["projects"][0]
    assert (row["status"], row["enabled"], row["cooldownReason"]) == (
        "active",
        True,
        None,
    )
    assert ask(gateway).status_code == 200
    assert google.calls(brief=True, project="alice-01")
