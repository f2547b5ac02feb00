"""Linking Google accounts and signing in with Google, at a running gateway."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from tests.dashboard import PASSWORD, Dashboard

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"
CLOUD = "https://www.googleapis.com/auth/cloud-platform"


@pytest.fixture
def empty(gateway):
    """A gateway without accounts."""
    gateway.begin_anew([])
    return gateway


@pytest.fixture
def admin(empty):
    return empty.sign_in()


@pytest.fixture
def anybody(empty):
    """Somebody with a browser, who is not signed in."""
    return Dashboard(empty.url)


def way_to_google(person, **query):
    """Where somebody who wants to link an account (or sign in) is sent."""
    answer = person.get("/api/auth/google", params=query, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(person, location, **changes):
    """Follow Google's redirect, with other values in it."""
    query = dict(parse_qsl(urlsplit(location).query)) | changes
    return person.get(f"/api/auth/callback?{urlencode(query)}")


def outcome(page):
    """What the page tells the window that opened it."""
    assert page.headers["Content-Type"].startswith("text/html")
    told = re.search(r'data-outcome="([^"]*)"', page.text)
    return json.loads(html.unescape(told[1]))


def asked_of_google(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def known_accounts(gateway):
    return {account.email: account for account in gateway.rooms.accounts.all()}


# --------------------------------------------------------------------- linking


def test_google_is_asked_for_everything_with_a_proof(empty, admin):
    url = way_to_google(admin, intent="link", login_hint=ALICE)

    asked = asked_of_google(url)
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "sim-client.apps.example"
    assert asked["redirect_uri"] == f"{empty.settings.global_url}/api/auth/callback"
    assert asked["access_type"] == "offline"
    assert asked["prompt"] == "consent"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 43
    assert asked["login_hint"] == ALICE
    assert set(asked["scope"].split()) == {
        "openid",
        CLOUD,
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }


def test_a_linked_account_serves_at_once(empty, google, admin):
    location = google.consent(way_to_google(admin), ALICE)

    page = come_back(admin, location)

    assert page.status_code == 200
    assert outcome(page) == {
        "ok": True,
        "message": "Its projects in the pool: 4.",
        "actionUrl": None,
        "intent": "link",
        "email": ALICE,
    }
    assert len(empty.rooms.projects.of(ALICE)) == 4
    assert empty.ask().status_code == 200
    [entry] = admin.get("/api/audit?limit=1").json()["entries"]
    assert (entry["who"], entry["what"], entry["target"]) == (
        *("admin", "account.linked"),
        ALICE,
    )


def test_the_page_runs_our_own_script_and_nothing_else(google, admin):
    page = come_back(admin, google.consent(way_to_google(admin), ALICE))

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script>" not in page.text
    for file in re.findall(r'(?:src|href)="(/static/[^"]*)"', page.text):
        assert admin.get(file).status_code == 200
    assert "BroadcastChannel" in admin.get("/static/sign-in/outcome.js").text


def test_a_script_signs_in_and_begins_in_one_step(empty, google, anybody):
    given = {"username": "admin", "password": PASSWORD, "loginHint": BOB}
    begun = anybody.post("/api/auth/login", json=given)

    assert begun.status_code == 200
    told = begun.json()
    assert told["authenticated"] and told["user"] == "admin"
    asked = asked_of_google(told["authUrl"])
    assert (asked["state"], asked["login_hint"]) == (told["state"], BOB)
    anybody.headers["X-CSRF-Token"] = told["csrfToken"]
    assert anybody.get("/api/admin/session").status_code == 200
    come_back(anybody, google.consent(told["authUrl"], BOB))
    assert BOB in known_accounts(empty)


def test_who_cannot_come_back_pastes_the_address(empty, google, admin):
    url = way_to_google(admin, paste="true")
    port = empty.settings.port
    back = asked_of_google(url)["redirect_uri"]
    assert back == f"http://localhost:{port}/api/auth/callback"

    location = google.consent(url, ALICE)
    answer = admin.post("/api/auth/callback-url", json={"url": f" {location}\n"})

    assert answer.status_code == 200
    assert answer.json() == {
        "email": ALICE,
        "upstream": "cloudcode",
        "projects": ["alice-01", "alice-02", "alice-03", "alice-04"],
        "problem": None,
        "actionUrl": None,
    }
    assert empty.ask().status_code == 200


def test_signing_in_again_repairs(empty, google, admin):
    come_back(admin, google.consent(way_to_google(admin), ALICE))
    come_back(admin, google.consent(way_to_google(admin), BOB))
    google.account(ALICE, revoked=True)
    refreshed = admin.post("/api/refresh-tokens", json={"email": ALICE}).json()
    assert refreshed["failed"] == 1
    rows = {row["email"]: row for row in admin.get("/api/accounts").json()["accounts"]}
    assert rows[ALICE]["isInvalid"] and not rows[BOB]["isInvalid"]
    assert "expired or revoked" in rows[ALICE]["invalidReason"]

    page = come_back(admin, google.consent(way_to_google(admin), ALICE))

    assert outcome(page)["ok"]
    assert not empty.account(ALICE).is_invalid
    assert len(empty.rooms.projects.of(ALICE)) == 4


def test_what_one_browser_begins_no_other_can_finish(empty, google, admin, anybody):
    """Neither a stranger nor another operator, by their own hand or ours."""
    location = google.consent(way_to_google(admin), ALICE)
    colleague = empty.sign_in()
    google.forget_calls()

    for somebody in (anybody, colleague):
        refused(come_back(somebody, location), 403, "other_browser")
    pasted = colleague.post("/api/auth/callback-url", json={"url": location})

    assert (pasted.status_code, pasted.json()["error"]["code"]) == (
        *(403,),
        "other_browser",
    )
    assert google.counts(method="token") == 0
    assert known_accounts(empty) == {}
    by_hand = admin.post("/api/auth/callback-url", json={"url": location})
    assert by_hand.status_code == 200
    assert ALICE in known_accounts(empty)


def test_a_browser_that_knows_this_machine_by_another_name_is_sent_there(
    empty, google, admin
):
    location = google.consent(way_to_google(admin), ALICE)
    port = empty.settings.port
    assert location.startswith(f"http://localhost:{port}/")

    there = Dashboard(f"http://localhost:{port}")
    answer = there.get(location, allow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["Location"] == location.replace("localhost", "127.0.0.1", 1)
    assert outcome(admin.get(answer.headers["Location"]))["ok"]


# ------------------------------------------------------------------- refusals


def refused(page, status, code):
    told = outcome(page)
    assert (page.status_code, told["code"]) == (status, code), told
    assert told["ok"] is False
    return told["message"]


@pytest.mark.parametrize("state", ["", "made up", "A" * 43])
def test_a_tampered_state_ends_here(empty, google, admin, state):
    location = google.consent(way_to_google(admin), ALICE)
    google.forget_calls()

    refused(come_back(admin, location, state=state), 400, "unknown_state")

    assert known_accounts(empty) == {}
    assert google.counts(method="token") == 0


def test_the_code_of_one_visit_is_worth_nothing_in_another(empty, google, admin):
    """Each has a PKCE verifier of its own."""
    stolen = asked_of_google(google.consent(way_to_google(admin), ALICE))["code"]
    location = google.consent(way_to_google(admin), BOB)

    page = come_back(admin, location, code=stolen)

    assert "Invalid code verifier" in refused(page, 400, "code_refused")
    assert known_accounts(empty) == {}


def test_coming_back_twice_changes_nothing(empty, google, admin):
    location = google.consent(way_to_google(admin), ALICE)
    come_back(admin, location)
    google.forget_calls()

    refused(come_back(admin, location), 400, "unknown_state")

    assert google.counts(method="token") == 0
    assert not empty.account(ALICE).is_invalid


def test_a_replayed_code_is_refused_by_google(empty, google, admin):
    used = google.consent(way_to_google(admin), ALICE)
    come_back(admin, used)
    fresh = asked_of_google(way_to_google(admin))["state"]

    page = come_back(admin, used, state=fresh)

    assert "invalid_grant" in refused(page, 400, "code_refused")
    assert not empty.account(ALICE).is_invalid


def test_denied_consent_changes_nothing(empty, google, admin):
    location = google.consent(way_to_google(admin), ALICE, allow=False)

    message = refused(come_back(admin, location), 403, "consent_denied")

    assert "not granted" in message
    assert known_accounts(empty) == {}


def test_another_account_than_expected_is_not_linked(empty, google, admin):
    location = google.consent(way_to_google(admin, login_hint=ALICE), BOB)

    message = refused(come_back(admin, location), 400, "wrong_account")

    assert BOB in message and ALICE in message
    assert known_accounts(empty) == {}


def test_without_access_to_the_cloud_nothing_is_linked(empty, google, admin):
    email = "https://www.googleapis.com/auth/userinfo.email"
    location = google.consent(way_to_google(admin), ALICE, granted=["openid", email])

    refused(come_back(admin, location), 400, "scope_missing")

    assert known_accounts(empty) == {}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unlicensed", "no longer supported"),
        ("location", "not currently available in your location"),
        ("suspended", "Terms of Service"),
        ("validation", "Verify"),
    ],
)
def test_an_account_that_cannot_serve_is_shown_with_googles_reason(
    empty, google, admin, kind, said
):
    google.account(ALICE, kind=kind)

    page = come_back(admin, google.consent(way_to_google(admin), ALICE))

    assert page.status_code == 403
    told = outcome(page)
    assert said in told["message"]
    assert (told["ok"], told["email"]) == (False, ALICE)
    assert bool(told["actionUrl"]) is (kind in ("suspended", "validation"))
    account = empty.account(ALICE)
    assert account.is_invalid
    assert account.invalid_reason == told["message"]
    assert empty.ask().status_code == 503


@pytest.mark.parametrize("method", ["token", "userinfo"])
def test_when_google_fails_nothing_is_stored(empty, google, admin, method):
    location = google.consent(way_to_google(admin), ALICE)
    google.script({"error": "internal"}, times=None, method=method)

    refused(come_back(admin, location), 502, "google_unavailable")

    assert known_accounts(empty) == {}


def test_strangers_who_set_out_to_sign_in_leave_nothing_in_the_store(empty, anybody):
    before = set(empty.store.scan_iter("gswarm:*visit*"))

    for _ in range(20):
        way_to_google(anybody, intent="signin")

    assert set(empty.store.scan_iter("gswarm:*visit*")) == before


def test_a_visit_lasts_ten_minutes(empty, admin):
    way_to_google(admin)

    [key] = empty.store.scan_iter("gswarm:visit:*")
    assert 590 <= empty.store.ttl(key) <= 600


def test_only_somebody_who_is_signed_in_begins_to_link(anybody, empty):
    for headers in ({}, empty.headers):
        answer = anybody.get("/api/auth/google", headers=headers, allow_redirects=False)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_signed_in"


@pytest.mark.parametrize(
    "query", ["intent=steal", "login_hint=", "paste=perhaps", "redirect_uri=x"]
)
def test_a_wrong_query_is_refused(admin, query):
    answer = admin.get(f"/api/auth/google?{query}", allow_redirects=False)

    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["error"]["details"]


def test_a_wrong_password_begins_nothing(empty, anybody):
    given = {"username": "admin", "password": "wrong"}

    answer = anybody.post("/api/auth/login", json=given)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "wrong_password"
    assert not list(empty.store.scan_iter("gswarm:visit:*"))


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "url"), ({"url": 1}, "url"), ({"url": "x", "code": "y"}, "code")],
)
def test_a_pasted_body_that_is_none_is_told_what_is_wrong(admin, body, field):
    answer = admin.post("/api/auth/callback-url", json=body)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


@pytest.mark.parametrize("url", ["nonsense", "http://[", "http://x/?code=1&state=2"])
def test_a_pasted_address_of_no_visit_is_refused(admin, url):
    answer = admin.post("/api/auth/callback-url", json={"url": url})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unknown_state"


def test_pasting_needs_a_session_with_its_token(anybody, admin):
    given = {"url": "http://localhost/"}
    assert anybody.post("/api/auth/callback-url", json=given).status_code == 401
    del admin.headers["X-CSRF-Token"]
    assert admin.post("/api/auth/callback-url", json=given).status_code == 403


# ------------------------------------------------------------- signing in by it


def test_an_operator_signs_in_with_google(empty, google, anybody):
    url = way_to_google(anybody, intent="signin")
    asked = asked_of_google(url)
    assert CLOUD not in asked["scope"]
    assert "access_type" not in asked

    page = come_back(anybody, google.consent(url, CAROL))

    assert outcome(page)["intent"] == "signin"
    assert page.status_code == 200
    session = anybody.get("/api/admin/session").json()
    assert session["user"] == CAROL
    assert known_accounts(empty) == {}


def test_nobody_else_does(google, anybody):
    location = google.consent(way_to_google(anybody, intent="signin"), ALICE)

    assert ALICE in refused(come_back(anybody, location), 403, "permission_denied")
    assert anybody.get("/api/admin/session").status_code == 401


def test_nobody_is_signed_in_by_an_address_they_were_sent(empty, google, anybody):
    location = google.consent(way_to_google(anybody, intent="signin"), CAROL)
    victim = Dashboard(empty.url)

    refused(come_back(victim, location), 403, "other_browser")

    assert victim.get("/api/admin/session").status_code == 401


def test_a_sign_in_cannot_be_turned_into_a_link(empty, google, admin):
    location = google.consent(way_to_google(admin, intent="signin"), CAROL)

    answer = admin.post("/api/auth/callback-url", json={"url": location})

    assert answer.status_code == 400
    assert known_accounts(empty) == {}
