"""Every field of the config, proven by a request that goes differently."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest

from gswarm.store import names
from tests.contract.asking import FLASH, PRO, ask_all, until_minute_is_young

PATH = "/api/gswarm/config"
LITE, THIRD = "gemini-2.5-flash-lite", "gemini-3-flash-preview"

CHANGES = {
    "googleSearch": {"enabled": True},
    "generation": {
        "maxTokens": 321,
        "temperature": 0.25,
        "topP": 0.5,
        "topK": 7,
        "thinkingLevel": "low",
        "includeThoughts": False,
    },
    "systemPrompts": {"default": "Answer like a pirate."},
    "rateLimit": {
        "requestsPerMinute": 6,
        "burstLimit": 3,
        "tokensPerDay": 5,
        "maxConcurrent": 2,
    },
    "cooldown": {
        "initialMs": 200,
        "maxMs": 900,
        "multiplier": 3,
        "consecutiveErrorThreshold": 1,
        "authMs": 700,
    },
    "quotaManagement": {
        "warningThreshold": 0.5,
        "limits": {
            THIRD: {"perMinutePerProject": 3},
            LITE: {"perDayPerAccount": 4},
        },
    },
    "models": {
        "default": PRO,
        "aliases": {"house": FLASH, "gpt-4o": None},
        "fallbacks": {FLASH: [PRO]},
        "hidden": ["gemini-2.0-flash"],
    },
    "cache": {"mode": "all", "ttlSeconds": 3},
}
ASKED = "streamGenerateContent"
FREE = {"rate_limit": 0, "tokens_per_day": 0, "max_concurrent": 0}


@pytest.fixture(scope="module")
def changed(running_gateway, simulator):
    """One account with one project, and a config that is nowhere the default one."""
    simulator.reset(accounts=1, projects=1)
    running_gateway.begin_anew(simulator.accounts())
    running_gateway.key = running_gateway.new_key(**FREE)
    admin = running_gateway.sign_in()
    change(running_gateway, admin, **CHANGES)
    yield running_gateway
    simulator.reset()
    running_gateway.begin_anew(simulator.accounts())
    running_gateway.wait_for_pulses()


def change(gateway, admin, **changes):
    version = admin.get(PATH).json()["version"]
    answer = admin.post(PATH, json={"version": version, **changes})
    assert answer.status_code == 200, answer.text
    gateway.wait_for_pulses()


@pytest.fixture
def google(simulator):
    simulator.clear_scripts()
    simulator.forget_calls()
    return simulator


@pytest.fixture
def sent(changed, google):
    """What reaches Google of a question."""

    def send(text, **fields):
        assert changed.ask(text, **fields).status_code == 200
        return google.calls(method=ASKED)[-1]["request"]

    return send


def test_generation_defaults_fill_what_a_request_leaves_open(sent):
    asked = sent("defaults", model=FLASH)["request"]["generationConfig"]

    assert (asked["maxOutputTokens"], asked["temperature"]) == (321, 0.25)
    assert (asked["topP"], asked["topK"]) == (0.5, 7)
    assert asked["thinkingConfig"]["includeThoughts"] is False
    low = asked["thinkingConfig"]["thinkingBudget"]
    high = sent("think", model=FLASH, reasoning_effort="high")["request"]
    assert low < high["generationConfig"]["thinkingConfig"]["thinkingBudget"]


def test_a_requests_own_values_win(sent):
    asked = sent("own", model=FLASH, max_tokens=9, temperature=1, top_p=0.9, top_k=3)
    generation = asked["request"]["generationConfig"]

    assert (generation["maxOutputTokens"], generation["temperature"]) == (9, 1)
    assert (generation["topP"], generation["topK"]) == (0.9, 3)


def test_the_default_system_prompt_goes_before_the_requests_own(sent):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Ahoy"},
    ]
    parts = sent("", messages=messages)["request"]["systemInstruction"]["parts"]
    said = " ".join(part["text"] for part in parts)

    assert said.startswith("Answer like a pirate.")
    assert said.endswith("Be brief.")


def test_search_grounds_requests_without_functions(sent):
    function = {"name": "f", "parameters": {"type": "object", "properties": {}}}
    tools = [{"type": "function", "function": function}]

    assert sent("search", model=FLASH)["request"]["tools"] == [{"googleSearch": {}}]
    [tool] = sent("call", model=FLASH, tools=tools)["request"]["tools"]
    assert "googleSearch" not in tool


def test_models_go_by_the_names_the_operator_gave_them(changed, sent):
    listed = {each["id"] for each in changed.get("/v1/models").json()["data"]}

    assert sent("default")["model"] == PRO
    assert sent("alias", model="house")["model"] == FLASH
    assert changed.ask("none", model="gpt-4o").status_code == 404
    assert changed.ask("another", model="gpt-4o-mini").status_code == 200
    assert "house" in listed
    assert "gemini-2.0-flash" not in listed
    assert PRO in listed
    known = changed.get("/api/gswarm/models").json()
    assert "gemini-2.0-flash" not in {each["id"] for each in known["models"]}
    assert known["defaultModel"] == PRO


def test_a_model_without_capacity_gives_way_to_its_fallback(changed, google):
    google.quota(capacity={FLASH: False})
    answer = changed.ask("fallback", model=FLASH)
    google.quota(capacity={FLASH: True})

    assert answer.status_code == 200
    assert google.calls(method=ASKED, status=200)[-1]["model"] == PRO


def test_answers_are_kept_as_long_as_the_cache_says(changed, google):
    def asked():
        fields = {"model": PRO, "temperature": 1}
        return changed.ask("cached", **fields).headers["x-gswarm-cache"]

    assert [asked(), asked()] == ["miss", "hit"]
    time.sleep(3.1)
    assert asked() == "miss"


def rests_since(gateway, instant):
    """How many seconds each rest was to last that has begun since then."""
    told = gateway.store.xrange(names.EVENTS, min=int(instant * 1000))
    return [
        (json.loads(fields["payload"])["until"] - int(event.partition("-")[0])) / 1000
        for event, fields in told
        if fields["kind"] == "project_cooldown"
    ]


def test_a_failing_project_rests_by_the_configs_figures(changed, google):
    begun = time.time()
    google.script({"error": "internal"}, times=4)
    assert changed.ask("failing", model=PRO).status_code == 200
    calls = [call["at"] for call in google.calls(method=ASKED)]
    waits = [later - sooner for sooner, later in pairwise(calls)]

    expected = [0.2, 0.6, 0.9, 0.9]
    assert rests_since(changed, begun) == pytest.approx(expected, abs=0.1)
    assert all(w >= e for w, e in zip(waits, expected, strict=True)), waits


def test_a_denied_project_rests_by_the_configs_figure(changed, google):
    begun = time.time()
    google.script({"error": "iam"})
    assert changed.ask("denied", model=PRO).status_code == 200
    first, second = google.calls(method=ASKED)

    assert rests_since(changed, begun) == pytest.approx([0.7], abs=0.1)
    assert second["at"] - first["at"] >= 0.7


def test_a_minutes_limit_is_kept_without_a_refusal(changed, google):
    answers = [changed.ask(f"minute {n}", model=THIRD) for n in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[3].json()["error"]["code"] == "rate_limit_exceeded"
    assert 50 < float(answers[3].headers["Retry-After"]) <= 63
    assert len(google.calls(method=ASKED)) == 3


def test_a_days_limit_is_kept_and_warned_of(changed, google):
    answers = [changed.ask(f"day {n}", model=LITE) for n in range(5)]

    assert [each.status_code for each in answers] == [200, 200, 200, 200, 429]
    assert answers[4].json()["error"]["code"] == "insufficient_quota"
    assert google.counts(status=429) == 0
    [warning] = [
        json.loads(fields["payload"])
        for _, fields in changed.store.xrange(names.EVENTS)
        if fields["kind"] == "quota_warning"
    ]
    assert warning.items() >= {"model": LITE, "used": 2, "limit": 4}.items()
    for path in ("/api/gswarm/status", "/api/gswarm/metrics"):
        quota = changed.get(path).json()["quota"]
        uses = quota if isinstance(quota, list) else quota["uses"]
        [use] = [each for each in uses if each["model"] == LITE]
        assert (use["used"], use["limit"], use["remaining"]) == (4, 4, 0)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"tokens_per_day": 0, "max_concurrent": 0}, {"per second", "per min"}),
        ({"rate_limit": 0, "max_concurrent": 0}, {"tokens per day"}),
        ({"rate_limit": 0, "tokens_per_day": 0}, {"at once"}),
    ],
)
def test_a_key_without_limits_is_under_the_configs(changed, google, own, words):
    google.speed(ttft_seconds=3 if words == {"at once"} else 0)
    key, changed.key = changed.key, changed.new_key("limited", **own)
    if "per min" in words:
        until_minute_is_young()
        time.sleep(1 - time.time() % 1)
    try:
        first = ask_all(changed, 8, model=PRO)
        google.speed(ttft_seconds=0)
        time.sleep(1.1 if "per min" in words else 0)
        again = [changed.ask(f"again {n}", model=PRO) for n in range(8)]
    finally:
        changed.key = key
        google.speed()
    answers = [each for each in (*first, *again) if each.status_code == 429]
    refused = " ".join(each.json()["error"]["message"] for each in answers)

    if words == {"at once"}:
        assert len([each for each in first if each.status_code == 200]) == 2
    assert all(word in refused for word in words), refused


def test_tracking_that_is_switched_off_ends_every_pause(changed, google):
    admin = changed.sign_in()
    quota = CHANGES["quotaManagement"]
    change(changed, admin, quotaManagement={"trackingEnabled": False})
    answers = [changed.ask(f"free {n}", model=LITE) for n in range(6)]

    assert {each.status_code for each in answers} == {200}
    change(changed, admin, quotaManagement={"trackingEnabled": True, **quota})
