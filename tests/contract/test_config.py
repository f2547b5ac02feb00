"""The config over HTTP: read, changed, refused."""

from __future__ import annotations

import pytest

from gswarm.store import names
from tests.gateway_process import wait_for

PATH = "/api/gswarm/config"


@pytest.fixture
def admin(gateway):
    yield gateway.sign_in()
    if gateway.store.exists(names.CONFIG):
        gateway.store.delete(names.CONFIG)
        gateway.wait_for_pulses()


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_a_config_nobody_changed_is_the_defaults(admin):
    config = admin.get(PATH).json()

    assert config["version"] == 0
    assert config["cooldown"] == {
        "initialMs": 60_000,
        "maxMs": 3_600_000,
        "multiplier": 2,
        "consecutiveErrorThreshold": 3,
        "authMs": 300_000,
    }
    assert config["quotaManagement"]["warningThreshold"] == 0.8
    assert config["models"]["aliases"]["gpt-4o"].startswith("gemini-")


def test_a_change_is_merged_versioned_and_written_down(admin):
    changes = {
        "generation": {"temperature": 0.5},
        "models": {"aliases": {"house": "gemini-2.5-pro"}},
    }
    answer = admin.post(PATH, json={"version": 0, **changes})
    config = answer.json()

    assert answer.status_code == 200, answer.text
    assert config["version"] == 1
    assert config["generation"]["temperature"] == 0.5
    assert config["generation"]["includeThoughts"] is True
    assert config["models"]["aliases"]["house"] == "gemini-2.5-pro"
    assert config["models"]["aliases"]["gpt-4o"], "one row changes one name"
    assert config["models"]["default"], "was not named, and stays"
    assert {str(admin.get(PATH).json()) for _ in range(6)} == {str(config)}
    [entry] = [
        each
        for each in admin.get("/api/audit").json()["entries"]
        if each["what"] == "config.changed"
    ]
    assert (entry["who"], entry["details"]) == ("admin", changes)


def test_a_row_of_the_aliases_changes_one_name(gateway, admin):
    rows = {"house": "gemini-2.5-flash", "claude-*": "gemini-2.5-pro", "gpt-4o": None}
    changed = admin.post(PATH, json={"version": 0, "models": {"aliases": rows}})
    assert changed.status_code == 200, changed.text
    gateway.wait_for_pulses()

    def answers(name):
        reply = gateway.ask("Hello", model=name)
        if reply.status_code != 200:
            return reply.status_code
        return reply.json()["choices"][0]["message"]["content"].split()[1]

    assert answers("house") == "gemini-2.5-flash"
    assert answers("claude-sonnet-4-5") == "gemini-2.5-pro"
    assert answers("gpt-4o") == 404
    assert answers("gpt-4o-mini") == "gemini-3.1-flash-lite"
    listed = [model["id"] for model in gateway.get("/v1/models").json()["data"]]
    assert "house" in listed and "claude-*" not in listed
    assert gateway.get("/v1/models/house").json()["id"] == "house"
    again = {"models": {"aliases": {"house": "", "gpt-4o": ""}}}
    now = admin.post(PATH, json={"version": 1, **again}).json()["models"]["aliases"]
    assert "house" not in now
    assert now["gpt-4o"] == "gemini-3.5-flash"


def test_a_change_that_says_nothing_of_a_part_changes_nothing(gateway, admin):
    before = admin.get(PATH).json()
    parts = [name for name in before if name != "version"]
    for version, part in enumerate(parts):
        changed = admin.post(PATH, json={"version": version, part: {}})
        assert changed.json() == before | {"version": version + 1}, part
    gateway.wait_for_pulses()

    assert {gateway.ask("Hello").status_code for _ in range(6)} == {200}
    assert {gateway.get("/api/gswarm/status").status_code for _ in range(6)} == {200}


def test_of_two_changes_on_one_version_the_second_is_refused_with_both(admin):
    admin.post(PATH, json={"version": 0, "googleSearch": {"enabled": True}})
    late = {"version": 0, "cache": {"ttlSeconds": 9}}
    answer = admin.post(PATH, json=late)
    details = answer.json()["error"]["details"]

    assert error_of(answer) == (409, "conflict")
    assert details["current"]["version"] == 1
    assert details["current"]["googleSearch"] == {"enabled": True}
    assert details["yours"] == {"cache": {"ttlSeconds": 9}}
    again = admin.post(PATH, json=late | {"version": 1})
    assert again.json()["version"] == 2
    assert again.json()["googleSearch"] == {"enabled": True}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": None}, "version"),
        ({"version": "0"}, "version"),
        ({"version": -1}, "version"),
        ({"unknown": {}}, "unknown"),
        ({"cache": None}, "cache"),
        ({"cache": {"mode": "some"}}, "cache.mode"),
        ({"cache": {"ttlSeconds": 0}}, "cache.ttlSeconds"),
        ({"cache": {"size": 1}}, "cache.size"),
        ({"responses": {"storeSeconds": 59}}, "responses.storeSeconds"),
        ({"media": {"allowedBuckets": ["gs://a"]}}, "media.allowedBuckets.0"),
        ({"responses": {"storeSeconds": -1}}, "responses.storeSeconds"),
        ({"googleSearch": {"enabled": "yes"}}, "googleSearch.enabled"),
        ({"generation": {"temperature": 2.1}}, "generation.temperature"),
        ({"generation": {"temperature": "0.5"}}, "generation.temperature"),
        ({"generation": {"topP": -0.1}}, "generation.topP"),
        ({"generation": {"topP": "0.5"}}, "generation.topP"),
        ({"generation": {"topK": 1.5}}, "generation.topK"),
        ({"generation": {"maxTokens": 65_537}}, "generation.maxTokens"),
        ({"generation": {"thinkingLevel": "deep"}}, "generation.thinkingLevel"),
        ({"generation": {"includeThoughts": None}}, "generation.includeThoughts"),
        ({"systemPrompts": {"default": 7}}, "systemPrompts.default"),
        ({"systemPrompts": {"other": "x"}}, "systemPrompts.other"),
        ({"rateLimit": {"burstLimit": -1}}, "rateLimit.burstLimit"),
        ({"cooldown": {"initialMs": 0}}, "cooldown.initialMs"),
        ({"cooldown": {"multiplier": 0.5}}, "cooldown.multiplier"),
        ({"cooldown": {"multiplier": "2"}}, "cooldown.multiplier"),
        ({"cooldown": {"maxMs": 59_999}}, "cooldown.maxMs"),
        (
            {"quotaManagement": {"warningThreshold": 1.5}},
            "quotaManagement.warningThreshold",
        ),
        (
            {"quotaManagement": {"warningThreshold": "0.5"}},
            "quotaManagement.warningThreshold",
        ),
        (
            {"quotaManagement": {"limits": {"gpt-4o": {}}}},
            "quotaManagement.limits.gpt-4o.key",
        ),
        (
            {"quotaManagement": {"limits": {"gemini-2.5-pro": {"perHour": 1}}}},
            "quotaManagement.limits.gemini-2.5-pro.value.perHour",
        ),
        ({"models": {"default": "nobody"}}, "models.default"),
        ({"models": {"aliases": {"a": "b"}}}, "models.aliases.a.value"),
        (
            {"models": {"fallbacks": {"gemini-2.5-pro": ["x"]}}},
            "models.fallbacks.gemini-2.5-pro.value.0",
        ),
        ({"models": {"hidden": ["x"]}}, "models.hidden.0"),
    ],
)
def test_a_bad_value_is_refused_by_field(admin, changes, field):
    answer = admin.post(PATH, json={"version": 0, **changes})

    assert error_of(answer) == (400, "validation")
    assert list(answer.json()["error"]["details"]) == [field]
    assert admin.get(PATH).json()["version"] == 0


def test_google_reads_no_bucket_but_those_that_are_allowed(gateway, google):
    def ask(url):
        image = {"type": "image_url", "image_url": {"url": url}}
        return gateway.ask([image]).status_code, google.calls(brief=True)

    assert ask("gs://secret/a.png") == (400, [])
    gateway.configure(media={"allowedBuckets": ["mine"]})
    assert ask("gs://secret/a.png") == (400, [])
    # The other worker may read the change a little later.
    wait_for(lambda: ask("gs://mine/a.png")[1])


def test_a_change_without_a_version_is_refused(admin):
    answer = admin.post(PATH, json={"googleSearch": {"enabled": True}})

    assert error_of(answer) == (400, "validation")
    assert list(answer.json()["error"]["details"]) == ["version"]


def test_a_key_reads_and_only_an_admins_key_writes(gateway, admin):
    change = {"version": 0, "cache": {"ttlSeconds": 9}}

    assert gateway.get(PATH).json()["version"] == 0
    assert error_of(gateway.post(PATH, change)) == (403, "permission_denied")
    gateway.key = gateway.new_key("boss", scopes=("admin",))
    assert gateway.post(PATH, change).json()["cache"]["ttlSeconds"] == 9


def test_nobody_else_sees_or_changes_it(gateway, admin):
    url, change = gateway.url + PATH, {"version": 0}
    cookie = {"Cookie": f"gswarm_session={admin.cookies['gswarm_session']}"}
    for_chat = {"Authorization": f"Bearer {gateway.new_key('c', scopes=('chat',))}"}

    assert gateway.http.get(url).status_code == 401
    assert gateway.http.post(url, json=change).status_code == 401
    assert error_of(gateway.http.get(url, headers=for_chat))[0] == 403
    refused = gateway.http.post(url, json=change, headers=cookie)
    assert error_of(refused) == (403, "wrong_csrf_token")
    assert admin.delete(PATH).status_code == 405
