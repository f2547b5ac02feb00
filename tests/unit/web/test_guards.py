"""The door that API keys open."""

import pytest
from flask import Flask, g

from gswarm.api_keys import ApiKeys
from gswarm.settings import Settings
from gswarm.web import headers, refusals
from gswarm.web.guards import KeyGuard
from tests.unit.store.round_trips import round_trips

NETWORK = Settings.from_env({"TRUSTED_PROXIES": "127.0.0.1/32"}).trusted_proxies


@pytest.fixture
def keys(store):
    return ApiKeys(store)


@pytest.fixture
def client(store, keys):
    app = Flask("test")
    headers.init_app(app, Settings.from_env({}))
    refusals.init_app(app)
    guard = KeyGuard(app, keys, store, NETWORK)

    @app.get("/v1/models")
    @guard.needs("chat")
    def models():
        return g.api_key.name

    @app.get("/api/gswarm/status")
    @guard.needs("monitor")
    def status():
        return g.api_key.name

    @app.get("/metrics")
    @guard.needs("monitor", counts=False)
    def metrics():
        return g.api_key.name

    @app.get("/v1beta/models")
    @guard.needs("chat")
    def gemini_models():
        return g.api_key.name

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
    _, raw = keys.create(name="alice", rate_limit=1)
    shown = {"x-api-key": raw}

    answers = [client.get("/metrics", headers=shown) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "x-ratelimit-limit-requests" not in answers[0].headers
    assert client.get("/v1/models", headers=shown).status_code == 200


def test_a_guarded_request_costs_two_round_trips(client, keys, store):
    _, raw = keys.create(name="alice", rate_limit=10)
    shown = {"x-api-key": raw}
    client.get("/v1/models", headers=shown)

    with round_trips(store) as trips:
        client.get("/v1/models", headers=shown)

    assert trips == [["HGET"], ["EVALSHA"]]
