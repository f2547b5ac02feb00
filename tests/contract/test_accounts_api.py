"""The accounts of a running gateway, as the dashboard and API keys see them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from tests.dashboard import Dashboard

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"
PASSPHRASE = "a passphrase of the tests"
ROW = {
    *("id", "email", "upstream", "status", "enabled", "tier", "projects"),
    *("projectIds", "isInvalid", "invalidReason", "actionUrl", "isExpired"),
    *("tokenExpiry", "lastUsed", "createdAt", "updatedAt"),
}


@pytest.fixture
def admin(gateway):
    return gateway.sign_in()


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def emails(answer):
    assert answer.status_code == 200, answer.text
    return [row["email"] for row in answer.json()["accounts"]]


# ------------------------------------------------------------------------ listing


def test_every_account_is_listed_for_keys_and_sessions(gateway, admin):
    gateway.ask()

    by_key = gateway.look("/api/gswarm/accounts").json()
    by_session = admin.get("/api/gswarm/accounts").json()

    assert by_key == by_session
    assert by_key["count"] == 3
    alice, *others = by_key["accounts"]
    assert alice.keys() == ROW
    assert alice["email"] == ALICE
    assert alice["status"] == "active"
    assert alice["projects"] == 4
    assert alice["projectIds"] == ["alice-01", "alice-02", "alice-03", "alice-04"]
    assert alice["isExpired"] is False
    assert datetime.fromisoformat(alice["tokenExpiry"])
    assert alice["tokenExpiry"].endswith("Z")
    used = [row["lastUsed"] for row in (alice, *others)]
    assert sum(1 for each in used if each) == 1


def test_an_account_that_waits_for_a_project_is_onboarded_with_the_one_chosen(
    gateway, google, admin
):
    google.options(operation_polls=0)
    google.account(ALICE, kind="not_onboarded_licensed")
    for project_id in ("alice-01", "alice-02", "alice-03", "alice-04"):
        google.project(project_id, api_enabled=False)
    [entry] = [each for each in google.accounts() if each["email"] == ALICE]

    [told] = admin.post("/api/accounts/import", json=entry | {"projects": None}).json()[
        "accounts"
    ]
    assert "needs one of the account's own projects" in told["problem"]
    row = _row(admin, ALICE)
    assert (row["isInvalid"], row["needsProject"]) == (True, True)
    enabled = admin.post(f"/api/accounts/{ALICE}/toggle", json={"enabled": True})
    assert error_of(enabled) == (409, "project_needed")

    google.project("alice-03", api_enabled=True)
    refused = admin.post(f"/api/accounts/{ALICE}/onboard", json={"project": "x/y"})
    assert error_of(refused) == (400, "validation")
    onboarded = admin.post(
        f"/api/accounts/{ALICE}/onboard", json={"project": "alice-03"}
    )
    assert onboarded.json()["problem"] is None, onboarded.text
    assert _row(admin, ALICE)["status"] == "active"
    assert "needsProject" not in _row(admin, ALICE)


def _row(admin, email):
    rows = admin.get("/api/accounts").json()["accounts"]
    return next(each for each in rows if each["email"] == email)


def test_a_key_without_monitor_sees_no_account(gateway):
    key = gateway.new_key("chat only", scopes=["chat"])
    headers = {"Authorization": f"Bearer {key}"}
    answer = Dashboard(gateway.url).get("/api/gswarm/accounts", headers=headers)

    assert error_of(answer) == (403, "permission_denied")


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_accounts_that_were_never_used_come_last(gateway, admin, direction):
    gateway.ask()

    query = f"sort=lastUsed&direction={direction}"
    rows = admin.get(f"/api/accounts?{query}").json()["accounts"]

    assert [row["lastUsed"] is None for row in rows] == [False, True, True]


def test_a_misspelt_field_of_an_import_is_refused(admin, google):
    entry = google.accounts()[0] | {"refreshtoken": "x"}

    refused = admin.post("/api/accounts/import", json=entry)

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["refreshtoken"]


def test_accounts_are_searched_sorted_and_paged(gateway, google, admin):
    gateway.import_entries(google.api_keys()[:1])
    name = google.api_keys()[0]["name"]
    google.account(BOB, revoked=True)
    admin.post("/api/refresh-tokens", json={"email": BOB})

    assert emails(admin.get("/api/accounts?search=BOB-02")) == [BOB]
    assert emails(admin.get("/api/accounts?search=expired or revoked")) == [BOB]
    assert emails(admin.get("/api/accounts?search=nobody")) == []
    by_name = sorted([ALICE, BOB, CAROL, name], reverse=True)
    assert emails(admin.get("/api/accounts?direction=desc")) == by_name
    assert emails(admin.get("/api/accounts?sort=projects"))[0] == name
    assert emails(admin.get("/api/accounts?sort=lastUsed&direction=desc"))
    assert emails(admin.get("/api/accounts?sort=status"))[-1] == BOB
    second = admin.get("/api/accounts?pageSize=3&page=2").json()
    assert len(second["accounts"]) == 1
    assert (second["total"], second["page"], second["pageSize"]) == (4, 2, 3)


@pytest.mark.parametrize(
    "query", ["sort=password", "page=0", "pageSize=201", "direction=up", "limit=3"]
)
def test_a_wrong_listing_is_refused(admin, query):
    answer = admin.get(f"/api/accounts?{query}")

    assert error_of(answer) == (400, "validation")
    assert query.partition("=")[0] in answer.json()["error"]["details"]


# -------------------------------------------------------------------------- guards


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/accounts"),
        ("POST", "/api/accounts/import"),
        ("POST", "/api/accounts/export"),
        ("POST", "/api/accounts/x/toggle"),
        ("POST", "/api/accounts/x/logout"),
        ("POST", "/api/auth/logout"),
        ("GET", "/api/refresh-tokens"),
        ("POST", "/api/refresh-tokens"),
    ],
)
def test_these_paths_take_a_session_and_its_token(gateway, admin, method, path):
    somebody = Dashboard(gateway.url)
    assert error_of(somebody.request(method, path)) == (401, "not_signed_in")
    by_key = somebody.request(method, path, headers=gateway.headers)
    assert error_of(by_key) == (401, "not_signed_in")
    if method == "POST":
        del admin.headers["X-CSRF-Token"]
        answer = admin.post(path, json={})
        assert error_of(answer) == (403, "wrong_csrf_token")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/accounts/export", {}, "passphrase"),
        ("/api/accounts/export", {"passphrase": "short"}, "passphrase"),
        (f"/api/accounts/{ALICE}/toggle", {}, "enabled"),
        (f"/api/accounts/{ALICE}/toggle", {"enabled": "yes"}, "enabled"),
        (f"/api/accounts/{ALICE}/logout", {"revoke": "yes"}, "revoke"),
        ("/api/auth/logout", {}, "email"),
        ("/api/refresh-tokens", {"email": 1}, "email"),
        ("/api/refresh-tokens", {"all": True}, "all"),
        ("/api/accounts/import", {"email": "no address"}, "email"),
        ("/api/accounts/import", [{"email": ALICE}], "[0].refresh_token"),
        ("/api/accounts/import", {"upstream": "azure"}, "upstream"),
    ],
)
def test_a_wrong_body_is_told_what_is_wrong(admin, path, body, field):
    answer = admin.post(path, json=body)

    assert error_of(answer) == (400, "validation")
    assert field in answer.json()["error"]["details"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/accounts/nobody@example.com/toggle", {"enabled": True}),
        ("/api/accounts/nobody@example.com/logout", {}),
        ("/api/auth/logout", {"email": "nobody@example.com"}),
        ("/api/refresh-tokens", {"email": "nobody@example.com"}),
        ("/api/gswarm/accounts/nobody@example.com/discover-projects", {}),
    ],
)
def test_an_unknown_account_is_not_found(admin, path, body):
    assert error_of(admin.post(path, json=body)) == (404, "not_found")


# ------------------------------------------------------------------- in and out


def test_an_account_is_switched_off_and_on_for_every_worker(gateway, admin):
    rows = admin.get("/api/accounts").json()["accounts"]
    for row in rows:
        answer = admin.post(
            f"/api/accounts/{row['id']}/toggle", json={"enabled": False}
        )
        assert (answer.json()["status"], answer.json()["enabled"]) == (
            "disabled",
            False,
        )

    assert {gateway.ask().status_code for _ in range(4)} == {503}

    admin.post(f"/api/accounts/{BOB}/toggle", json={"enabled": True})
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: gateway.ask(), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    newest = admin.get("/api/audit?limit=1").json()["entries"][0]
    assert (newest["what"], newest["target"]) == ("account.enabled", BOB)


def test_a_suspended_account_is_left_alone_until_it_is_enabled(gateway, google, admin):
    for email in (BOB, CAROL):
        admin.post(f"/api/accounts/{email}/toggle", json={"enabled": False})
    google.account(ALICE, kind="suspended")
    assert gateway.ask().status_code == 503
    assert admin.get("/api/accounts?search=alice").json()["accounts"][0]["isInvalid"]
    google.forget_calls()

    path = f"/api/gswarm/accounts/{ALICE}/discover-projects"
    assert error_of(admin.post(path)) == (409, "account_refused")
    assert "Terms of Service" in admin.post(path).json()["error"]["message"]
    assert (
        admin.post("/api/refresh-tokens", json={"email": ALICE}).json()["failed"] == 1
    )
    assert admin.post("/api/refresh-tokens").json()["results"] == []
    gateway.ask()
    assert google.calls(account=ALICE) == []

    google.account(ALICE, kind="standard")
    answer = admin.post(f"/api/accounts/{ALICE}/toggle", json={"enabled": True})
    assert answer.json()["status"] == "active"
    assert gateway.ask().status_code == 200


def test_a_suspended_account_is_forgotten_without_a_word_to_google(
    gateway, google, admin
):
    for email in (BOB, CAROL):
        admin.post(f"/api/accounts/{email}/toggle", json={"enabled": False})
    google.account(ALICE, kind="suspended")
    gateway.ask()
    google.forget_calls()

    answer = admin.post(f"/api/accounts/{ALICE}/logout", json={"revoke": True})

    assert answer.json() == {"email": ALICE, "revoked": False}
    assert google.calls(account=ALICE) == []


def test_logging_out_forgets_the_credential(gateway, google, admin):
    answer = admin.post("/api/auth/logout", json={"email": ALICE, "revoke": True})

    assert answer.json() == {"email": ALICE, "revoked": True}
    assert google.counts(method="revoke", status=200) == 1
    assert not gateway.store.exists(f"oauth-tokens:{ALICE}")
    assert emails(admin.get("/api/accounts")) == [BOB, CAROL]

    bob = admin.get("/api/accounts").json()["accounts"][0]["id"]
    assert admin.post(f"/api/accounts/{bob}/logout").json()["revoked"] is False
    assert google.counts(method="revoke") == 1
    assert emails(admin.get("/api/accounts")) == [CAROL]


def test_where_revoking_fails_nothing_is_forgotten(google, admin):
    google.script({"error": "internal"}, times=None, method="revoke")

    answer = admin.post("/api/auth/logout", json={"email": ALICE, "revoke": True})

    assert error_of(answer) == (502, "google_unavailable")
    assert ALICE in emails(admin.get("/api/accounts"))


# ----------------------------------------------------------------------- importing


def test_the_three_formats_are_imported(gateway, google, admin):
    alice, bob, _ = google.accounts()
    entries = [alice, bob, *google.api_keys()[:1]]
    cli_file = {
        "access_token": "unused",
        "refresh_token": google.accounts()[2]["refresh_token"],
        "scope": "openid",
        "token_type": "Bearer",
        "id_token": "unused",
        "expiry_date": 1,
    }
    gateway.store.flushall()
    admin = gateway.sign_in()

    many = admin.post("/api/accounts/import", json=entries).json()
    one = admin.post("/api/accounts/import", json=cli_file).json()

    assert (many["imported"], many["failed"]) == (3, 0)
    assert [each["problem"] for each in many["accounts"]] == [None] * 3
    assert (one["imported"], one["accounts"][0]["email"]) == (1, CAROL)
    assert len(emails(admin.get("/api/accounts"))) == 4


def test_what_google_refuses_is_kept_with_its_reason(google, admin):
    google.account(ALICE, kind="suspended")

    answer = admin.post("/api/accounts/import", json=google.accounts()).json()

    assert (answer["imported"], answer["failed"]) == (2, 1)
    alice = answer["accounts"][0]
    assert "Terms of Service" in alice["problem"]
    row = admin.get("/api/accounts?search=alice").json()["accounts"][0]
    assert (row["status"], row["invalidReason"]) == ("invalid", alice["problem"])


def test_an_export_is_read_with_its_passphrase_only(gateway, google, admin):
    gateway.import_entries(google.api_keys()[:1])
    before = emails(admin.get("/api/accounts"))
    answer = admin.post("/api/accounts/export", json={"passphrase": PASSPHRASE})
    export = answer.json()
    assert "attachment" in answer.headers["Content-Disposition"]
    gateway.store.flushall()
    admin = gateway.sign_in()

    without = admin.post("/api/accounts/import", json=export)
    wrong = admin.post("/api/accounts/import", json=export | {"passphrase": "x" * 20})
    right = admin.post("/api/accounts/import", json=export | {"passphrase": PASSPHRASE})

    for answer in (without, wrong):
        assert error_of(answer) == (400, "validation")
        assert "passphrase" in answer.json()["error"]["details"]
    assert right.json()["failed"] == 0
    assert emails(admin.get("/api/accounts")) == before
    assert "Traceback" not in gateway.log()


@pytest.mark.parametrize(
    "damage", [{"salt": "zz"}, {"sealed": 1}, {"gswarmExport": 2}, {"salt": None}]
)
def test_a_damaged_export_is_refused(admin, damage):
    export = admin.post("/api/accounts/export", json={"passphrase": PASSPHRASE}).json()

    answer = admin.post(
        "/api/accounts/import", json=export | {"passphrase": PASSPHRASE} | damage
    )

    assert answer.status_code == 400


# ---------------------------------------------------------------- looking again


def test_projects_are_discovered_again(gateway, google):
    gateway.begin_anew([entry | {"projects": None} for entry in google.accounts()])
    google.project("alice-09", owner=ALICE)
    google.project("alice-03", state="DELETE_REQUESTED")
    path = f"/api/gswarm/accounts/{ALICE}/discover-projects"

    seen = gateway.sign_in().post(path).json()

    assert seen == {
        "email": ALICE,
        "projectCount": 4,
        "projects": ["alice-01", "alice-02", "alice-04", "alice-09"],
        "added": ["alice-09"],
        "removed": ["alice-03"],
    }


def test_a_key_discovers_with_the_scope_admin_only(gateway):
    path = f"/api/gswarm/accounts/{ALICE}/discover-projects"
    admin_key = gateway.new_key("admin", scopes=["admin"])
    headers = {"Authorization": f"Bearer {admin_key}"}

    assert error_of(gateway.post(path, {})) == (403, "permission_denied")
    assert gateway.post(path, {}, headers=headers).json()["projectCount"] == 4


def test_what_google_says_is_shown(google, admin):
    google.script({"error": "internal"}, times=None, method="listProjects")

    answer = admin.post(f"/api/gswarm/accounts/{ALICE}/discover-projects")

    assert error_of(answer) == (502, "google_unavailable")
    assert "nternal error" in answer.json()["error"]["message"]


def test_an_api_key_has_no_projects_to_discover(gateway, google, admin):
    entry = google.api_keys()[0]
    gateway.import_entries([entry])
    path = f"/api/gswarm/accounts/{entry['name']}/discover-projects"

    assert error_of(admin.post(path)) == (404, "not_found")
    refreshed = admin.post("/api/refresh-tokens", json={"email": entry["name"]})
    assert error_of(refreshed) == (409, "conflict")


# -------------------------------------------------------------------------- tokens


def test_access_tokens_are_refreshed_on_demand(gateway, google, admin):
    assert admin.get("/api/refresh-tokens").json() == {
        "refreshed": 0,
        "failed": 0,
        "results": [],
    }
    one = admin.post("/api/refresh-tokens", json={"email": ALICE}).json()
    assert one["results"] == [{"email": ALICE, "ok": True}]
    google.account(BOB, revoked=True)

    every = admin.post("/api/refresh-tokens").json()

    assert (every["refreshed"], every["failed"]) == (2, 1)
    [failed] = [each for each in every["results"] if not each["ok"]]
    assert failed["email"] == BOB
    assert "expired or revoked" in failed["message"]
    assert {gateway.ask().status_code for _ in range(8)} == {200}


def test_fifty_requests_with_an_expired_token_refresh_it_once(gateway, google, admin):
    for email in (BOB, CAROL):
        admin.post(f"/api/accounts/{email}/toggle", json={"enabled": False})
    google.account(ALICE, expire_access=True)
    google.forget_calls()
    gateway.store.hset(f"oauth-tokens:{ALICE}", "expiry_date", "1")

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: gateway.ask(), range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(google.calls(method="token", brief=True)) == 1


# ------------------------------------------------------------------------- secrets


def test_no_credential_leaves_the_gateway_or_lies_open_in_it(gateway, google, admin):
    key = google.api_keys()[0]
    gateway.import_entries([key])
    secrets = [key["api_key"], google.accounts()[0]["client_secret"], PASSPHRASE]
    secrets += [entry["refresh_token"] for entry in google.accounts()]
    location = google.consent(
        admin.get("/api/auth/google", allow_redirects=False).headers["Location"], ALICE
    )
    shown = [admin.get(location[location.index("/api/") :]).text]
    for path in ("/api/accounts", "/api/gswarm/accounts", "/api/audit"):
        shown.append(admin.get(path).text)
    shown.append(admin.post("/api/refresh-tokens").text)
    shown.append(
        admin.post("/api/accounts/export", json={"passphrase": PASSPHRASE}).text
    )
    bad = {"email": "no address", "refresh_token": "planted-refresh-token"}
    shown.append(admin.post("/api/accounts/import", json=bad).text)
    wrong = {"email": ALICE, "refresh_token": "planted dead\ntoken"}
    shown.append(admin.post("/api/accounts/import", json=wrong).text)
    dead = {"email": ALICE, "refresh_token": "planted-dead-token"}
    shown.append(admin.post("/api/accounts/import", json=dead).text)
    gateway.ask()
    secrets += ["planted", "sim-access-", "sim-refresh-", "sim-code-"]

    for told in (*shown, gateway.log(), dump(gateway.store)):
        for secret in secrets:
            assert secret not in told
    assert ALICE in dump(gateway.store)


def dump(store):
    """Everything in the store, whatever its type."""
    read = {
        "string": store.get,
        "hash": store.hgetall,
        "list": lambda key: store.lrange(key, 0, -1),
        "set": lambda key: sorted(store.smembers(key)),
        "zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        "stream": store.xrange,
    }
    everything = {key: read[store.type(key)](key) for key in store.scan_iter()}
    return json.dumps(everything, default=str)


NONSENSE = {
    "an empty page": ("token", {"status": 502, "body": ""}, "502 without a word"),
    "an empty object": ("token", {"status": 200, "body": {}}, "no access token"),
    "a list": ("token", {"status": 200, "body": "[1, 2]"}, "not a JSON object"),
    "a tier that is text": (
        "loadCodeAssist",
        {"status": 200, "body": {"allowedTiers": ["free"], "currentTier": "free"}},
        "project",
    ),
    "an empty page for the standing": (
        "loadCodeAssist",
        {"status": 502, "body": ""},
        "502 without a word",
    ),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_an_import_says_what_google_made_of_it(admin, google, nonsense):
    method, do, words = NONSENSE[nonsense]
    entry = google.add_account("dora@example.com", kind="free", projects=1)
    entry.pop("projects")
    google.script(do, method=method, times=None)

    answer = admin.post("/api/accounts/import", json=entry)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["imported"], told["failed"]) == (0, 1)
    assert words in told["accounts"][0]["problem"]
