"""The doors that API keys and sessions open."""

import pytest
from flask import Flask, g, request

from gswarm.errors import InvalidRequest
from gswarm.keys.api_keys import ApiKeys
from gswarm.limits.rate_limits import limits_in
from gswarm.settings import Settings
from gswarm.store.audit import Audit
from gswarm.store.sessions import Sessions
from gswarm.store.sign_ins import SignIns
from gswarm.web import headers
from gswarm.web.guards import Guard
from gswarm.web.login import Login
from gswarm.web.refusals import answer_exception
from gswarm.web.routes import admin
from tests.unit.store.round_trips import round_trips

SETTINGS = Settings.from_env(
    {
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "GLOBAL_URL": "https://swarm.example.com/gateway",
        "ADMIN_PASSWORD": "open sesame",
        "SESSION_SECRET": "only for these tests",
    }
)
HOME = "https://swarm.example.com"


@pytest.fixture
def rate_limit():
    """What the config says to keys without limits of their own."""
    return {}


@pytest.fixture
def keys(store, rate_limit):
    return ApiKeys(store, limits=lambda: limits_in(rate_limit))


@pytest.fixture
def app(store, keys):
    app = Flask("test")
    headers.init_app(app, SETTINGS)
    app.register_error_handler(Exception, answer_exception)
    sessions = Sessions(store)
    guard = Guard(app, keys, sessions, store, SETTINGS)
    login = Login(app, SETTINGS, guard, sessions, SignIns(store), Audit(store))
    app.register_blueprint(admin.blueprint(guard, login))

    @app.get("/v1/models")
    @guard.needs("chat")
    def models():
        return g.api_key.name

    @app.get("/api/gswarm/status")
    @guard.needs("monitor")
    def status():
        return g.api_key.name

    @app.get("/metrics")
    @guard.needs("monitor", counted="never")
    def metrics():
        return g.api_key.name

    @app.post("/v1/chat/completions")
    @guard.needs("chat", counted="by_the_view")
    def chat():
        keys.check_model(g.api_key, request.json["model"])
        raise InvalidRequest("messages is missing")

    @app.get("/v1beta/models")
    @guard.needs("chat")
    def gemini_models():
        return g.api_key.name

    @app.route("/api/accounts", methods=["GET", "POST"])
    @guard.session_required
    def accounts():
        return g.who

    @app.route("/api/gswarm/config", methods=["GET", "POST"])
    @guard.key_or_session("monitor", writes="admin")
    def config():
        return g.who

    @app.get("/api/gswarm/status/stream")
    @guard.key_or_session("monitor")
    def stream():
        if g.get("session"):
            Sessions(store).end(g.session.id)
        else:
            keys.revoke(g.api_key.id)
        guard.confirm()
        return "open"

    return app


@pytest.fixture
def client(app):
    return app.test_client()


def test_a_key_is_taken_from_every_dialects_place(client, keys):
    _, raw = keys.create(name="alice")

    for shown in (
        {"Authorization": f"Bearer {raw}"},
        {"Authorization": f"bearer  {raw} "},
        {"x-api-key": raw},
        {"x-goog-api-key": raw},
        {"Authorization": "Basic YWxpY2U6eA==", "x-api-key": raw},
    ):
        assert client.get("/v1/models", headers=shown).text == "alice"


STALE = "sk-gswarm-" + "0" * 32


@pytest.mark.parametrize("wrong", [STALE, "sk-ant-somebody-elses", "dummy"])
def test_of_two_keys_the_good_one_opens(client, keys, wrong):
    _, raw = keys.create(name="alice")

    for shown in (
        {"x-api-key": wrong, "Authorization": f"Bearer {raw}"},
        {"x-api-key": raw, "Authorization": f"Bearer {wrong}"},
        {"x-goog-api-key": raw, "Authorization": f"Bearer {wrong}"},
    ):
        assert client.get("/v1/models", headers=shown).text == "alice"


def test_of_two_good_keys_the_header_for_keys_counts(client, keys):
    shown = {
        "Authorization": f"Bearer {keys.create(name='bob')[1]}",
        "x-api-key": keys.create(name="alice")[1],
    }

    assert client.get("/v1/models", headers=shown).text == "alice"


def test_two_wrong_keys_open_nothing(client):
    shown = {"x-api-key": STALE, "Authorization": "Bearer dummy"}

    assert client.get("/v1/models", headers=shown).status_code == 401


def test_a_forbidden_model_is_told_before_the_limit(client, keys):
    _, raw = keys.create(name="alice", allowed_models=["gemini-2*"], rate_limit=2)
    shown = {"Authorization": f"Bearer {raw}"}

    def ask(model):
        path = "/v1/chat/completions"
        return client.post(path, headers=shown, json={"model": model}).status_code

    asked = [ask(model) for model in ("gemini-3", *["gemini-2"] * 3, "gemini-3")]
    assert asked == [403, 400, 400, 429, 403]


def test_a_key_in_the_query_counts_on_geminis_paths_alone(client, keys):
    _, raw = keys.create(name="alice")

    assert client.get(f"/v1beta/models?key={raw}").text == "alice"
    assert client.get(f"/v1/models?key={raw}").status_code == 401


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YWxpY2U6eA=="},
        {"Cookie": "session=abc"},
    ],
)
def test_without_a_key_there_is_no_way_in(client, shown):
    answer = client.get("/v1/models", headers=shown)

    assert answer.status_code == 401
    assert answer.json["error"]["message"].startswith("You didn't provide an API key")
    assert answer.json["error"]["code"] is None


def test_a_wrong_key_is_told_so(client):
    answer = client.get("/v1/models", headers={"x-api-key": "sk-gswarm-" + "0" * 32})

    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "invalid_api_key"


def test_a_key_opens_only_what_its_scopes_name(client, keys):
    _, raw = keys.create(name="alice", scopes=["monitor"])
    shown = {"Authorization": f"Bearer {raw}"}

    assert client.get("/api/gswarm/status", headers=shown).status_code == 200
    answer = client.get("/v1/models", headers=shown)
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "permission_denied"


def test_the_address_is_believed_from_trusted_proxies_alone(client, keys):
    _, raw = keys.create(name="alice", allowed_ips=["203.0.113.0/24"])
    shown = {"x-api-key": raw, "X-Forwarded-For": "203.0.113.9"}

    assert client.get("/v1/models", headers=shown).status_code == 200
    elsewhere = {"REMOTE_ADDR": "198.51.100.1"}
    answer = client.get("/v1/models", headers=shown, environ_base=elsewhere)
    assert answer.status_code == 403
    assert "198.51.100.1" in answer.json["error"]["message"]


def test_every_limited_answer_tells_its_limits(client, keys):
    _, raw = keys.create(name="alice", rate_limit=2)
    shown = {"x-api-key": raw}

    answers = [client.get("/v1/models", headers=shown) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    left = [answer.headers["x-ratelimit-remaining-requests"] for answer in answers]
    assert left == ["1", "0", "0"]
    assert answers[2].headers["x-ratelimit-limit-requests"] == "2"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].json["error"]["code"] == "rate_limit_exceeded"
    assert answers[2].json["error"]["type"] == "requests"


def test_uncounted_paths_leave_the_limits_alone(client, keys):
    _, raw = keys.create(name="alice", rate_limit=1, scopes=["chat", "monitor"])
    shown = {"x-api-key": raw}

    answers = [client.get("/metrics", headers=shown) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "x-ratelimit-limit-requests" not in answers[0].headers
    assert client.get("/v1/models", headers=shown).status_code == 200


def test_a_guarded_request_costs_two_round_trips_and_the_next_one(client, keys, store):
    (_, other), (_, raw) = keys.create(name="bob"), keys.create(name="alice")
    client.get("/v1/models", headers={"x-api-key": other})

    with round_trips(store) as trips:
        client.get("/v1/models", headers={"x-api-key": raw})
        client.get("/v1/models", headers={"x-api-key": raw})

    # A thread of the process waits for changes of keys meanwhile.
    costs = [trip for trip in trips if trip != ["XREAD"]]
    assert costs == [["HGET"], ["EVALSHA"], ["EVALSHA"]]


# ------------------------------------------------------------------- sessions


def https(client, method, path, **options):
    """As a browser asks, which shows a Secure cookie over https alone."""
    return client.open(path, method=method, base_url=HOME, **options)


@pytest.fixture
def browser(app):
    return app.test_client()


@pytest.fixture
def token(browser):
    """The CSRF token of the session that `browser` has."""
    given = {"username": "admin", "password": "open sesame"}
    return https(browser, "POST", "/api/admin/login", json=given).json["csrfToken"]


def test_a_session_opens_what_a_key_cannot(browser, token, client, keys):
    _, raw = keys.create(name="alice", scopes=["admin", "monitor", "chat"])

    assert https(browser, "GET", "/api/accounts").text == "admin"
    answer = client.get("/api/accounts", headers={"x-api-key": raw})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "not_signed_in"


def test_what_ends_while_a_stream_opens_opens_none(browser, token, client, keys):
    _, raw = keys.create(name="alice", scopes=["monitor"])
    path = "/api/gswarm/status/stream"

    assert client.get(path, headers={"x-api-key": raw}).status_code == 401
    assert https(browser, "GET", path).status_code == 401


def test_a_session_opens_no_path_that_is_for_keys_alone(browser, token):
    shown = {"X-CSRF-Token": token}

    assert https(browser, "GET", "/metrics", headers=shown).status_code == 401


@pytest.mark.parametrize("path", ["/api/accounts", "/api/gswarm/config"])
def test_a_change_by_session_needs_its_csrf_token(browser, token, path):
    def change(**headers):
        return https(browser, "POST", path, headers=headers)

    assert change(**{"X-CSRF-Token": token}).status_code == 200
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": token[:-1] + "\xff"}):
        answer = change(**wrong)
        assert answer.status_code == 403
        assert answer.json["error"]["code"] == "wrong_csrf_token"


@pytest.mark.parametrize("origin", [HOME, "http://10.0.0.1:3000"])
def test_pages_of_our_own_may_ask_for_changes(browser, token, origin):
    shown = {"X-CSRF-Token": token, "Origin": origin, "Host": "10.0.0.1:3000"}
    cookie = browser.get_cookie("gswarm_session", "swarm.example.com")
    browser.set_cookie(cookie.key, cookie.value, domain="10.0.0.1")

    answer = browser.post(
        "/api/accounts", headers=shown, base_url="https://10.0.0.1:3000"
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "https://swarm.example.com.evil.example",
        "https://swarm.example.com:444",
        "http://[",
    ],
)
def test_pages_of_others_may_not(browser, token, origin):
    shown = {"X-CSRF-Token": token, "Origin": origin}

    answer = https(browser, "POST", "/api/accounts", headers=shown)
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "wrong_origin"


def test_a_key_or_a_session_will_do(browser, token, client, keys):
    _, raw = keys.create(name="alice", scopes=["monitor"])

    assert https(browser, "GET", "/api/gswarm/config").text == "admin"
    shown = {"x-api-key": raw}
    assert client.get("/api/gswarm/config", headers=shown).text == "key:alice"
    assert client.get("/api/gswarm/config").status_code == 401


def test_changes_ask_more_of_a_key(client, keys):
    _, weak = keys.create(name="alice", scopes=["chat", "monitor"])
    _, strong = keys.create(name="root", scopes=["admin"])

    def change(raw):
        return client.post("/api/gswarm/config", headers={"x-api-key": raw})

    assert change(weak).status_code == 403
    assert change(strong).text == "key:root"


def test_a_wrong_key_is_not_saved_by_a_session(browser, token):
    shown = {"x-api-key": "sk-gswarm-" + "0" * 32}

    answer = https(browser, "GET", "/api/gswarm/config", headers=shown)
    assert answer.status_code == 401


def test_the_playground_asks_without_a_key(browser, token):
    answer = https(browser, "GET", "/v1/models", headers={"X-CSRF-Token": token})

    assert answer.text == "playground"


def test_the_playground_needs_the_csrf_token_whatever_it_asks(browser, token):
    assert https(browser, "GET", "/v1/models").status_code == 403


def test_the_playground_is_held_to_the_configs_limits(rate_limit, browser, token):
    rate_limit["requestsPerMinute"] = 1

    def ask():
        return https(browser, "GET", "/v1/models", headers={"X-CSRF-Token": token})

    assert ask().text == "playground"
    assert ask().status_code == 429
