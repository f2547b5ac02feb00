"""Signing in to the dashboard of a running gateway, and what it opens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.dashboard import PASSWORD, Dashboard

SESSION_PATHS = [("GET", "/api/admin/session"), ("GET", "/api/audit")]


@pytest.fixture
def somebody(gateway):
    """Somebody who is not signed in yet."""
    return Dashboard(gateway.url)


@pytest.fixture
def admin(gateway):
    return gateway.sign_in()


def coming_from(address):
    return {"X-Forwarded-For": address}


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


# ---------------------------------------------------------------- in and out


def test_the_right_password_begins_a_session(somebody):
    answer = somebody.log_in()

    assert answer.status_code == 200
    assert answer.json().keys() == {
        "authenticated",
        "user",
        "expiresAt",
        "csrfToken",
        "simulated",
        "canLink",
    }
    assert answer.json()["user"] == "admin"
    assert answer.json()["expiresAt"].endswith("Z")
    assert answer.headers["Cache-Control"] == "no-store"
    assert somebody.get("/api/admin/session").json() == answer.json()


def test_anybody_may_ask_how_to_sign_in(somebody):
    def ways():
        return somebody.get("/api/admin/login").json()

    assert ways() == {"authenticated": False, "google": True}
    somebody.log_in()
    assert ways() == {"authenticated": True, "google": True}


def test_the_dashboard_knows_that_a_simulator_is_in_use(admin):
    assert admin.get("/api/admin/session").json()["simulated"] is True


def test_the_cookie_is_kept_from_scripts_and_other_sites(somebody):
    flags = somebody.log_in().headers["Set-Cookie"].split("; ")

    assert flags[0].startswith("gswarm_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} < set(flags)
    assert "Secure" not in flags


def test_the_cookie_is_secure_behind_https(somebody):
    answer = somebody.log_in(headers={"X-Forwarded-Proto": "https"})

    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_every_worker_knows_the_session(gateway, admin):
    cookie = {"Cookie": f"gswarm_session={admin.cookies['gswarm_session']}"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: Dashboard(gateway.url).get(
                    "/api/admin/session", headers=cookie
                ),
                range(24),
            )
        )

    assert {answer.status_code for answer in answers} == {200}


def test_signing_out_ends_the_session_wherever_its_cookie_went(gateway, admin):
    thief = Dashboard(gateway.url)
    thief.cookies.update(admin.cookies)
    assert thief.get("/api/admin/session").status_code == 200

    assert admin.post("/api/admin/logout").json() == {"authenticated": False}

    assert not admin.cookies
    assert error_of(thief.get("/api/admin/session")) == (401, "not_signed_in")


def test_signing_in_again_ends_the_session_before(gateway, admin):
    before = Dashboard(gateway.url)
    before.cookies.update(admin.cookies)

    admin.log_in()

    assert before.get("/api/admin/session").status_code == 401
    assert admin.get("/api/admin/session").status_code == 200


def test_a_tampered_cookie_opens_nothing(admin):
    signed = admin.cookies["gswarm_session"]
    admin.cookies.clear()
    admin.cookies["gswarm_session"] = signed[:-2] + ("aa" if signed[-2] != "a" else "b")

    assert admin.get("/api/admin/session").status_code == 401


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("username", "password"),
    [("admin", "wrong"), ("Admin", PASSWORD), ("nobody", PASSWORD), ("admin", "ü\n")],
)
def test_wrong_name_and_wrong_password_sound_the_same(somebody, username, password):
    answer = somebody.log_in(username, password)

    assert error_of(answer) == (401, "wrong_password")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "admin"}, "password"),
        ({"username": 1, "password": "x"}, "username"),
        ({"username": "admin", "password": "x" * 1001}, "password"),
        ({"username": "admin", "password": "x", "role": "root"}, "role"),
        (["admin", "x"], "_schema"),
    ],
)
def test_a_body_that_is_none_is_told_what_is_wrong(somebody, body, field):
    answer = somebody.post("/api/admin/login", json=body)

    assert error_of(answer) == (400, "validation")
    assert field in answer.json()["error"]["details"]


@pytest.mark.parametrize("body", [b"", b"{", b"username=admin&password=x"])
def test_a_body_that_is_not_json_is_refused(somebody, body):
    assert somebody.post("/api/admin/login", data=body).status_code == 400


def test_a_body_beyond_reason_is_refused(somebody):
    assert somebody.post("/api/admin/login", data=b"x" * 20_000).status_code == 413


@pytest.mark.parametrize(("method", "path"), SESSION_PATHS)
def test_without_a_session_these_paths_stay_shut(gateway, method, path):
    somebody = Dashboard(gateway.url)
    assert error_of(somebody.request(method, path)) == (401, "not_signed_in")

    with_key = somebody.request(method, path, headers=gateway.headers)
    assert error_of(with_key) == (401, "not_signed_in")


def test_signing_out_needs_the_token_of_the_session(gateway, admin):
    other = gateway.sign_in().headers["X-CSRF-Token"]
    for token in (None, "", other):
        answer = admin.post("/api/admin/logout", headers={"X-CSRF-Token": token})
        assert error_of(answer) == (403, "wrong_csrf_token")

    assert admin.get("/api/admin/session").status_code == 200


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://["])
def test_pages_of_other_sites_can_neither_sign_in_nor_out(admin, somebody, origin):
    here = {"Origin": origin}

    assert error_of(admin.post("/api/admin/logout", headers=here)) == (
        403,
        "wrong_origin",
    )
    assert error_of(somebody.log_in(headers=here)) == (403, "wrong_origin")


def test_our_own_page_can(gateway, somebody):
    assert somebody.log_in(headers={"Origin": gateway.url}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/admin/login"),
        ("DELETE", "/api/admin/session"),
        ("POST", "/api/audit"),
    ],
)
def test_other_methods_are_refused_in_json(admin, method, path):
    assert error_of(admin.request(method, path)) == (405, "method_not_allowed")


def test_unknown_paths_are_refused_in_json(somebody):
    assert somebody.get("/api/admin/nothing").status_code == 404
    assert somebody.get("/api/admin/nothing").json()["error"]


# ------------------------------------------------------------------ guessing


def test_five_failures_shut_an_address_out_and_no_other(gateway, admin):
    def tried(password, address):
        return Dashboard(gateway.url).log_in(
            password=password, headers=coming_from(address)
        )

    wrong = [tried("wrong", "203.0.113.5").status_code for _ in range(6)]
    assert wrong == [401] * 5 + [429]

    even_the_right = tried(PASSWORD, "203.0.113.5")
    assert error_of(even_the_right) == (429, "too_many_sign_ins")
    assert 800 < int(even_the_right.headers["Retry-After"]) <= 900
    assert tried(PASSWORD, "203.0.113.6").status_code == 200
    newest = admin.get("/api/audit?limit=10").json()["entries"]
    shut_out = [entry for entry in newest if entry["what"] == "address.shut_out"]
    assert [entry["target"] for entry in shut_out] == ["203.0.113.5"]


def test_an_ipv6_neighbourhood_counts_as_one_address(gateway):
    somebody = Dashboard(gateway.url)
    for n in range(5):
        here = coming_from(f"2001:db8:1:2::{n}")
        assert somebody.log_in(password="wrong", headers=here).status_code == 401

    here = coming_from("2001:db8:1:2:ffff::1")
    assert somebody.log_in(headers=here).status_code == 429
    assert somebody.log_in(headers=coming_from("2001:db8:1:3::1")).status_code == 200


def test_a_name_under_fire_is_slowed_and_its_owner_still_gets_in(gateway):
    def guess(n):
        here = coming_from(f"198.51.100.{n}")
        return Dashboard(gateway.url).log_in(password="wrong", headers=here)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(24)))
    assert {answer.status_code for answer in answers} == {401}

    owner = Dashboard(gateway.url).log_in(headers=coming_from("198.51.100.99"))
    assert owner.status_code == 200
    assert owner.elapsed.total_seconds() >= 1


def test_an_address_is_believed_from_a_trusted_proxy_alone(gateway, admin):
    """The proxy is trusted here, the one before it is not."""
    here = coming_from("192.0.2.77, 203.0.113.9")
    Dashboard(gateway.url).log_in(headers=here)

    [entry] = admin.get("/api/audit?limit=1").json()["entries"]
    assert entry["address"] == "203.0.113.9"


# ---------------------------------------------------------------- playground


def test_a_session_may_ask_the_models(admin):
    question = {"messages": [{"role": "user", "content": "Hello"}]}
    answer = admin.post("/v1/chat/completions", json=question)

    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]
    assert not answer.headers["x-gswarm-project"].isalnum()  # in clear: alice-01
    assert admin.get("/v1/models").status_code == 200


def test_a_page_of_another_site_may_not(admin):
    del admin.headers["X-CSRF-Token"]
    question = {"messages": [{"role": "user", "content": "Hello"}]}
    answer = admin.post("/v1/chat/completions", json=question)

    assert error_of(answer) == (403, "wrong_csrf_token")


# --------------------------------------------------------------------- audit


def test_the_audit_log_tells_who_came_and_went(gateway, admin):
    here = coming_from("203.0.113.40")
    somebody = Dashboard(gateway.url)
    somebody.log_in(headers=here)
    somebody.post("/api/admin/logout", headers=here)

    left, came = admin.get("/api/audit?limit=2").json()["entries"]
    assert came.keys() == {"id", "at", "who", "what", "target", "address", "details"}
    assert (came["who"], came["what"]) == ("admin", "session.began")
    assert (left["who"], left["what"]) == ("admin", "session.ended")
    assert came["address"] == left["address"] == "203.0.113.40"
    assert came["at"].endswith("Z")


def test_the_audit_log_comes_page_by_page(gateway, admin):
    for _ in range(4):
        gateway.sign_in()

    whole = admin.get("/api/audit?limit=200").json()["entries"]
    seen, cursor = [], {}
    while True:
        page = admin.get("/api/audit", params={"limit": 2, **cursor}).json()
        seen += page["entries"]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == whole


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=1-1%0A", "page=2"],
)
def test_a_wrong_page_is_refused(admin, query):
    answer = admin.get(f"/api/audit?{query}")

    assert error_of(answer) == (400, "validation")
    assert query.partition("=")[0] in answer.json()["error"]["details"]


def test_no_credential_is_in_the_log_or_the_store(gateway, admin):
    Dashboard(gateway.url).log_in(
        password="a wrong password", headers=coming_from("192.0.2.200")
    )
    kept = [gateway.log()]
    for key in gateway.store.scan_iter("gswarm:*", count=1000):
        kind = gateway.store.type(key)
        if kind == "string":
            kept.append(key + gateway.store.get(key))
        elif kind == "stream":
            kept.append(str(gateway.store.xrange(key)))
    told = "\n".join(kept)

    assert "session.began" in told
    for secret in (
        PASSWORD,
        "a wrong password",
        admin.cookies["gswarm_session"],
        admin.headers["X-CSRF-Token"],
    ):
        assert secret not in told
