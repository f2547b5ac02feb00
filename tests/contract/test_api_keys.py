"""The API keys of a running gateway, as the dashboard makes and changes them."""

from __future__ import annotations

import time

import pytest

from gswarm.monitoring.request_log import RequestLog

PATH = "/api/api-keys"
CHAT = "/v1/chat/completions"
ACTS_SECONDS = 0.1
"""Within which every process knows of a change."""


@pytest.fixture
def admin(gateway):
    return gateway.sign_in()


@pytest.fixture
def make(admin):
    def make(**settings):
        answer = admin.post(PATH, json={"name": "made", **settings})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make


def use(gateway, raw, path="/v1/models"):
    """What the gateway answers to the holder of a key."""
    headers = {"Authorization": f"Bearer {raw}"}
    return gateway.http.get(gateway.url + path, headers=headers)


def record_of(gateway, answer):
    return RequestLog(gateway.store).find(answer.headers["x-request-id"])


def statuses(gateway, raw, number=8, **options):
    """The answers of several requests: over both workers, most likely."""
    return {use(gateway, raw, **options).status_code for _ in range(number)}


def statuses_of_all(gateway, raw):
    """As `statuses`, on connections of their own: over both workers, surely."""
    headers = {"Authorization": f"Bearer {raw}", "Connection": "close"}
    url = gateway.url + "/v1/models"
    return {gateway.http.get(url, headers=headers).status_code for _ in range(20)}


def entry(admin, key_id):
    [found] = [key for key in admin.get(PATH).json()["apiKeys"] if key["id"] == key_id]
    return found


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


# ------------------------------------------------------------------- making


def test_a_key_is_made_with_everything_that_can_be_chosen(make, admin):
    chosen = {
        "name": "laptop",
        "scopes": ["chat"],
        "expiresAt": "2030-01-31T12:00:00.000Z",
        "rateLimit": 5,
        "tokensPerDay": 1000,
        "maxConcurrent": 2,
        "allowedEndpoints": ["/v1/*"],
        "allowedIps": ["127.0.0.0/8", "::1"],
        "allowedModels": ["gemini-3*"],
        "maySeeProjects": True,
    }
    made = make(**chosen)

    assert made.items() >= chosen.items()
    assert made["key"].startswith("sk-gswarm-")
    assert made["active"]
    assert made["lastUsedAt"] is None


def test_the_raw_key_is_shown_once_only(make, admin, gateway):
    made = make()
    raw = made.pop("key")

    assert entry(admin, made["id"]) == made
    assert raw not in admin.get(PATH).text
    assert raw not in admin.patch(f"{PATH}/{made['id']}", json={"name": "b"}).text
    assert raw not in admin.get("/api/audit").text
    assert raw not in gateway.log()


def test_a_new_key_may_chat_and_monitor(make):
    assert make()["scopes"] == ["chat"]


def test_a_time_without_offset_is_in_utc(make):
    assert make(expiresAt="2030-01-31T12:00:00")["expiresAt"].endswith("12:00:00.000Z")


# ------------------------------------------------------------------- in effect


def test_a_new_key_opens_every_worker_at_once(make, gateway):
    assert statuses(gateway, make()["key"]) == {200}


def test_a_key_shows_when_and_how_often_it_was_used(make, gateway, admin):
    made = make()
    statuses(gateway, made["key"], number=3)
    used = entry(admin, made["id"])

    assert used["requests"] == 3
    assert used["lastUsedAt"] > made["createdAt"]


def test_a_change_acts_in_every_worker_at_once(make, gateway, admin):
    changed, revoked = make(), make()
    for made in (changed, revoked):
        assert statuses_of_all(gateway, made["key"]) == {200}
    admin.patch(f"{PATH}/{changed['id']}", json={"scopes": ["monitor"]})
    admin.delete(f"{PATH}/{revoked['id']}")
    time.sleep(ACTS_SECONDS)

    assert statuses_of_all(gateway, changed["key"]) == {403}
    assert statuses_of_all(gateway, revoked["key"]) == {401}


def test_a_change_leaves_alone_what_it_does_not_name(make, admin):
    made = make(rateLimit=5, allowedModels=["gemini-3*"])
    changed = admin.patch(f"{PATH}/{made['id']}", json={"rateLimit": None}).json()

    assert changed["rateLimit"] is None
    assert changed["allowedModels"] == ["gemini-3*"]
    assert changed["name"] == "made"


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(make, gateway, admin):
    made = make()
    revoked = admin.delete(f"{PATH}/{made['id']}")

    assert revoked.status_code == 200
    assert not revoked.json()["active"]
    assert statuses(gateway, made["key"]) == {401}
    assert not entry(admin, made["id"])["active"]


def test_a_key_ends_with_its_time(gateway):
    over = gateway.new_key("over", expires_at=time.time() - 1)

    assert error_of(use(gateway, over)) == (
        401,
        "invalid_api_key",
    )


def test_a_key_is_held_to_its_rate_limit(make, gateway):
    raw = make(rateLimit=2)["key"]
    answers = [use(gateway, raw) for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]

    assert len(refused) >= 2, "two minutes' worth, if it turns"
    assert refused[-1].headers["x-ratelimit-limit-requests"] == "2"
    assert int(refused[-1].headers["Retry-After"]) <= 60


@pytest.mark.parametrize("path", [CHAT, "/api/gswarm/chat", "/api/gswarm/generate"])
def test_a_refusal_says_once_when_to_try_again(make, gateway, path):
    headers = {"Authorization": f"Bearer {make(rateLimit=1)['key']}"}
    answers = [
        gateway.http.post(f"{gateway.url}{path}", json={}, headers=headers)
        for _ in range(3)
    ]
    refused = next(answer for answer in answers if answer.status_code == 429)

    message = refused.json()["error"]["message"]
    wait = refused.headers["Retry-After"]
    assert message.endswith(f"Limit 1. Please try again in {wait}s.")
    assert message.count("try again") == 1


@pytest.mark.parametrize("body", [{}, {"messages": 5}, {"model": "llama-3"}])
def test_questions_that_are_none_count_too(make, gateway, body):
    headers = {"Authorization": f"Bearer {make(rateLimit=2)['key']}"}
    answers = [
        gateway.http.post(f"{gateway.url}{CHAT}", json=body, headers=headers)
        for _ in range(6)
    ]
    refused = [answer for answer in answers if answer.status_code == 429]

    assert 2 <= len(refused) <= 4, "two minutes' worth, if it turns"
    assert {answer.status_code for answer in answers} - {429} <= {400, 404}
    assert {answer.headers["x-ratelimit-limit-requests"] for answer in answers} == {"2"}


def test_a_key_is_held_to_its_network_and_endpoints(make, gateway):
    elsewhere = make(allowedIps=["203.0.113.0/24"])["key"]
    for_chat = make(allowedEndpoints=["/v1/chat/*"])["key"]

    assert statuses(gateway, elsewhere, number=1) == {403}
    assert statuses(gateway, for_chat, number=1) == {403}


COUNTS = {
    "/v1/messages/count_tokens": {"messages": [{"role": "user", "content": "Hello"}]},
    "/v1/responses/input_tokens": {"input": "Hello"},
    "/v1beta/models/{}:countTokens": {"contents": [{"parts": [{"text": "Hello"}]}]},
}


@pytest.mark.parametrize("path", COUNTS)
def test_a_key_counts_tokens_for_its_own_models_only(make, gateway, path):
    gateway.key = make(name="counts", allowedModels=["gemini-3*", "gpt-4o"])["key"]

    def count(model: str) -> int:
        body = {"model": model, **COUNTS[path]}
        return gateway.post(path.replace("{}", model), body).status_code

    assert count("gemini-2.5-pro") == 403
    assert count("gemini-3.5-flash") == 200
    assert count("gpt-4o") == 200


# ------------------------------------------------------------------- written down


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"scopes": ["monitor"]}, 403),
        ({"allowedIps": ["192.0.2.0/24"]}, 403),
        ({"allowedEndpoints": ["/v1/models"]}, 403),
        ({"allowedModels": ["gemini-3*"]}, 403),
        ({"expires_at": 1_600_000_000}, 401),
    ],
)
def test_what_a_key_is_refused_is_recorded_as_its_own(make, gateway, settings, status):
    make = make if "expires_at" not in settings else gateway.new_key
    made = make(name="misconfigured", **settings)
    gateway.key = made if isinstance(made, str) else made["key"]
    refused = gateway.ask(model="gemini-2.5-pro")

    assert refused.status_code == status
    assert record_of(gateway, refused)["key_name"] == "misconfigured"


def test_what_a_revoked_key_is_refused_is_recorded_as_its_own(make, gateway, admin):
    made = make(name="revoked")
    admin.delete(f"{PATH}/{made['id']}")
    gateway.key = made["key"]
    refused = gateway.ask()

    assert refused.status_code == 401
    assert record_of(gateway, refused)["key_name"] == "revoked"
    assert admin.get("/api/gswarm/metrics").json()["by_key"]["revoked"]["failed"] == 1


def test_what_nobodys_key_is_refused_is_nobodys(gateway):
    gateway.key = "sk-gswarm-" + "0" * 32
    refused = gateway.ask()

    assert refused.status_code == 401
    assert record_of(gateway, refused)["key_name"] is None


@pytest.mark.parametrize("path", [CHAT, "/api/gswarm/chat", "/api/gswarm/generate"])
def test_a_question_that_is_refused_is_recorded_with_its_model(gateway, path):
    refused = gateway.post(path, {"model": "gemini-2.5-pro", "temperature": "hot"})

    assert refused.status_code == 400
    record = record_of(gateway, refused)
    assert (record["key_name"], record["model"]) == ("test", "gemini-2.5-pro")


def test_every_change_is_in_the_audit_log(make, admin):
    made = make(rateLimit=5)
    admin.patch(f"{PATH}/{made['id']}", json={"expiresAt": "2030-01-01T00:00Z"})
    admin.delete(f"{PATH}/{made['id']}")
    entries = [
        each
        for each in admin.get("/api/audit").json()["entries"]
        if each["target"] == made["id"]
    ]

    assert [each["what"] for each in entries] == [
        "api_key.revoked",
        "api_key.changed",
        "api_key.created",
    ]
    assert {each["who"] for each in entries} == {"admin"}
    assert all(each["address"] for each in entries)
    assert entries[1]["details"] == {"expiresAt": "2030-01-01T00:00:00.000Z"}
    assert entries[2]["details"] == {"name": "made", "rateLimit": 5}


# ------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["root"]}, "scopes.0"),
        ({"name": "a", "rateLimit": -1}, "rateLimit"),
        ({"name": "a", "rateLimit": 1.5}, "rateLimit"),
        ({"name": "a", "rateLimit": "5"}, "rateLimit"),
        ({"name": "a", "rateLimit": 1e300}, "rateLimit"),
        ({"name": "a", "expiresAt": "tomorrow"}, "expiresAt"),
        ({"name": "a", "expiresAt": "0001-01-01T00:00:00+14:00"}, "expiresAt"),
        ({"name": "a", "expiresAt": "1969-12-31T23:59:59Z"}, "expiresAt"),
        ({"name": "a", "expiresAt": "2020-01-31T12:00:00Z"}, "expiresAt"),
        ({"name": "a", "expiresAt": "9999-12-31T23:59:59-14:00"}, "expiresAt"),
        ({"name": "a", "allowedIps": ["example.com"]}, "allowedIps"),
        ({"name": "a", "allowedEndpoints": ["*/chat"]}, "allowedEndpoints"),
        ({"name": "a", "allowedModels": [""]}, "allowedModels.0"),
        ({"name": "a", "active": False}, "active"),
        ({"name": "a", "digest": "00"}, "digest"),
        (["name"], "_schema"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_by_field(admin, body, field):
    answer = admin.post(PATH, json=body)

    assert error_of(answer) == (400, "validation")
    assert list(answer.json()["error"]["details"]) == [field]
    assert len(admin.get(PATH).json()["apiKeys"]) == 1, "the gateway's own"


def test_a_change_is_checked_like_a_new_key(make, admin):
    made = make()
    answer = admin.patch(f"{PATH}/{made['id']}", json={"scopes": [], "rateLimit": -1})

    assert error_of(answer) == (400, "validation")
    assert set(answer.json()["error"]["details"]) == {"scopes", "rateLimit"}
    assert entry(admin, made["id"])["scopes"] == ["chat"]


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_an_unknown_key_is_not_found(admin, verb):
    options = {"json": {"name": "a"}} if verb == "patch" else {}

    assert error_of(getattr(admin, verb)(f"{PATH}/none", **options)) == (
        404,
        "not_found",
    )


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", ""), ("POST", ""), ("PATCH", "/some"), ("DELETE", "/some")],
)
def test_only_somebody_signed_in_sees_and_changes_keys(gateway, verb, path):
    url = gateway.url + PATH + path
    nobody = gateway.http.request(verb, url, json={})
    with_key = gateway.http.request(verb, url, json={}, headers=gateway.headers)

    assert error_of(nobody) == error_of(with_key) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("verb", "path"), [("POST", ""), ("PATCH", "/some"), ("DELETE", "/some")]
)
def test_a_change_needs_the_csrf_token(gateway, admin, verb, path):
    cookie = {"Cookie": f"gswarm_session={admin.cookies['gswarm_session']}"}
    answer = gateway.http.request(
        verb, gateway.url + PATH + path, json={"name": "a"}, headers=cookie
    )

    assert error_of(answer) == (403, "wrong_csrf_token")


def test_a_wrong_method_is_answered_in_json(admin):
    answer = admin.put(PATH, json={})

    assert error_of(answer) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("path", ["/api", "/api/none", "/api/api-keys/a/b", "/v1/none"])
def test_an_unknown_path_is_answered_in_json(admin, path):
    assert error_of(admin.get(path)) == (404, "unknown_url")
