"""What goes wrong at Google, and what a client notices of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from gswarm.simulator.signatures import is_bypass
from tests.contract.asking import (
    FLASH,
    PRO,
    SIGNING,
    ask_all,
    events,
    question,
    text_of,
)
from tests.gateway_process import Gateway, wait_for
from tests.multiplying import multiplying
from tests.simulator_process import Simulator

METHOD = "streamGenerateContent"
WORKERS = 2
MANY_HOURS = 21 * 3600 + 10 * 60 + 20


def ask(gateway: Gateway, *, stream: bool = False, **fields: Any) -> requests.Response:
    """A question; a stream is read to its proper end."""
    body = question(stream=stream, **fields)
    reply = gateway.post("/v1/chat/completions", body, stream=stream, timeout=30)
    if stream:
        found = list(events(reply))
        assert found[-1] == "[DONE]", found[-1]
        assert text_of(found).startswith("Simulated")
    return reply


def begin_with(
    gateway: Gateway, google: Simulator, accounts: int, projects: int
) -> None:
    google.reset(accounts=accounts, projects=projects)
    gateway.begin_anew(google.accounts())
    google.forget_calls()


def asked(google: Simulator, model: str = FLASH) -> list[dict[str, Any]]:
    """The calls to a model, in order."""
    return google.calls(brief=True, model=model)


# ---------------------------------------------------- before the first chunk: verdicts

FAILURES: dict[str, tuple[dict[str, Any], str, str, float]] = {
    "rate": ({"error": "rate_limit", "reset_after": "30s"}, "pair", "rate_limit", 30),
    "rate unsaid": ({"error": "bare_429"}, "pair", "rate_limit", 60),
    "daily quota": (
        {"error": "daily_quota", "reset_after": "21h10m20s"},
        "pair",
        "quota_exhausted",
        MANY_HOURS,
    ),
    "individual quota": (
        {"error": "individual_quota", "reset_after": "143h4m52.7s"},
        "account",
        "quota_exhausted",
        143 * 3600 + 4 * 60 + 52,
    ),
    "iam": ({"error": "iam"}, "project", "auth", 300),
    "api disabled": ({"error": "api_disabled"}, "project", "auth", 300),
    "verification": ({"error": "validation"}, "account", "auth", 300),
    "location": ({"error": "location"}, "account", "auth", 3600),
    "suspended": ({"error": "suspended"}, "account", "auth", float("inf")),
    "unlicensed": ({"error": "unlicensed"}, "account", "auth", float("inf")),
    "model missing": ({"error": "not_found"}, "pair", "not_found", 3600),
    "500": ({"error": "internal"}, "pair", "server", 60),
    "502": ({"error": "bad_gateway_html"}, "pair", "server", 60),
    "504": ({"error": "deadline"}, "pair", "server", 60),
    "499": ({"error": "cancelled_499"}, "pair", "server", 60),
    "nonsense": ({"status": 200, "body": "{not JSON"}, "pair", "server", 60),
    "closed": ({"cut": {"after": 0, "how": "eof"}}, "pair", "server", 60),
    "reset": ({"cut": {"after": 0, "how": "rst"}}, "pair", "server", 60),
    "error event": (
        {"midstream_error": {"after": 0, "how": "event", "error": "internal"}},
        "pair",
        "server",
        60,
    ),
    "raw error": (
        {"midstream_error": {"after": 0, "how": "raw", "error": "internal"}},
        "pair",
        "server",
        60,
    ),
}

GRAVE = ("location", "suspended", "unlicensed")
"""These are believed where a neutral request is told the same."""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_before_the_first_chunk_is_never_noticed(
    gateway, google, failure, stream
):
    do, rests, word, seconds = FAILURES[failure]
    google.script(do, model=FLASH, times=2 if failure in GRAVE else 1)

    reply = ask(gateway, stream=stream)

    assert reply.status_code == 200
    assert reply.headers["x-gswarm-attempts"] == "2"
    *refused, served = asked(google)
    failed = refused[0]
    assert [call["project"] for call in refused] == (
        [failed["project"]] * (2 if failure in GRAVE else 1)
    )
    assert served["project"] != failed["project"]
    found_word, ends_at = _rest_of(gateway, failed, rests)
    assert found_word == word
    assert ends_at - time.time() == pytest.approx(seconds, abs=5)
    for _ in range(12):
        ask(gateway)
    resting = "account" if rests == "account" else "project"
    later = asked(google)[len(refused) :]
    assert failed[resting] not in [call[resting] for call in later]


def _rest_of(gateway: Gateway, failed: dict[str, Any], rests: str) -> tuple[str, float]:
    """Why something rests and until when, as the store has it."""
    if rests == "account":
        account = gateway.account(failed["account"])
        if account.is_invalid:
            return account.invalid_word, float("inf")
        return account.rest_reason, account.rests_until
    status = (
        gateway.record(failed["project"], FLASH)
        if rests == "pair"
        else gateway.project_status(failed["project"])
    )
    return status["cooldownReason"], status["cooldownUntil"] / 1000


def test_verification_shows_where_to_go(gateway, google):
    google.script({"error": "validation"}, model=FLASH)
    ask(gateway)

    account = gateway.account(asked(google)[0]["account"])
    assert account.action_url.startswith("https://")


def test_strikes_in_a_row_make_the_rest_longer(gateway, google):
    begin_with(gateway, google, 1, 1)
    google.script({"error": "internal"}, times=None, model=FLASH)

    rests = []
    for _ in range(5):
        assert ask(gateway).status_code == 502
        ends = gateway.record("alice-01", FLASH)["cooldownUntil"] / 1000
        rests.append(round((ends - time.time()) / 60))

    assert rests == [1, 1, 1, 2, 4]


@pytest.mark.parametrize(
    ("error", "status"), [("invalid_argument", 400), ("too_large", 413)]
)
def test_the_callers_mistake_is_told_at_once_and_held_against_nobody(
    gateway, google, error, status
):
    google.script({"error": error}, model=FLASH)

    assert ask(gateway).status_code == status

    [call] = asked(google)
    record = gateway.record(call["project"], FLASH)
    assert (record["errorCount"], record["cooldownUntil"]) == (0, 0)


def test_a_rejected_signature_is_repaired_in_silence(gateway, google):
    google.script({"error": "signature_corrupted"}, model=SIGNING)

    reply = ask(gateway, model=SIGNING)

    assert reply.status_code == 200
    assert reply.headers["x-gswarm-attempts"] == "1"
    first, second = asked(google, SIGNING)
    assert first["project"] == second["project"]


# What a worker learns of a model's upstream it remembers: models nobody else asks here.
LITE, LITER = "gemini-3.1-flash-lite", "gemini-2.5-flash-lite"
UNKNOWN_NAME = {
    "error": {
        "code": 400,
        "message": 'Unknown name "parametersJsonSchema": Cannot find field.',
        "status": "INVALID_ARGUMENT",
    }
}


def test_a_schema_that_is_not_taken_is_sent_in_the_older_form(gateway, google):
    google.script({"status": 400, "body": UNKNOWN_NAME}, model=LITE)
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "look", "parameters": schema}}

    reply = ask(gateway, model=LITE, tools=[tool])

    assert reply.status_code == 200
    first, second = (
        call["request"]["request"]["tools"][0]["functionDeclarations"][0]
        for call in google.calls(model=LITE)
    )
    assert first["parametersJsonSchema"] == schema
    assert second["parameters"]["type"] == "OBJECT"


def test_a_schema_too_large_for_the_older_form_is_the_callers_mistake(gateway, google):
    google.script({"status": 400, "body": UNKNOWN_NAME}, model=LITER)
    schema = multiplying(12, type="string")
    tool = {"type": "function", "function": {"name": "look", "parameters": schema}}

    refused = ask(gateway, model=LITER, tools=[tool])

    assert refused.status_code == 400
    assert "too large" in refused.json()["error"]["message"]
    assert len(google.calls(model=LITER)) == 1


def test_a_model_nobody_has_is_a_404(gateway, google):
    begin_with(gateway, google, 2, 2)
    google.script({"error": "not_found"}, times=None, model=FLASH)

    replies = [ask(gateway) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[1].json()["error"]["code"] == "model_not_found"
    assert len(asked(google)) == 4


def test_not_more_projects_are_tried_than_allowed(gateway, google):
    google.script({"error": "internal"}, times=None, model=FLASH)

    reply = ask(gateway)

    assert reply.status_code == 502
    assert reply.headers["x-gswarm-attempts"] == "8"
    assert len({call["project"] for call in asked(google)}) == 8


# --------------------------------------------------------------- after the first chunk

BREAKS: dict[str, dict[str, Any]] = {
    "closed": {"cut": {"after": 2, "how": "eof"}},
    "reset": {"cut": {"after": 2, "how": "rst"}},
    "error event": {"midstream_error": {"after": 2, "how": "event"}},
    "raw error": {"midstream_error": {"after": 2, "how": "raw"}},
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_failure_after_the_first_chunk_ends_the_stream_with_an_error(
    gateway, google, how
):
    google.script(BREAKS[how], model=FLASH)

    reply = gateway.ask("[[words:200]]", model=FLASH, stream=True)
    found = list(events(reply))

    assert reply.status_code == 200
    assert found[0]["choices"]
    assert found[-1]["error"]["code"] in ("upstream_error", "overloaded")
    assert "[DONE]" not in found
    finishes = [c["finish_reason"] for e in found for c in e.get("choices", ())]
    assert set(finishes) == {None}
    [call] = asked(google)
    if "cut" in BREAKS[how]:
        assert gateway.record(call["project"], FLASH)["errorCount"] == 1


@pytest.mark.parametrize("error", ["signature_corrupted", "expired"])
def test_nothing_is_mended_once_a_stream_has_begun(gateway, google, error):
    fault = {"after": 2, "how": "event", "error": error}
    google.script({"midstream_error": fault}, model=FLASH)

    reply = gateway.ask("[[words:200]]", model=FLASH, stream=True)
    found = list(events(reply))

    assert "error" in found[-1]
    assert len(asked(google)) == 1


@pytest.mark.parametrize("how", BREAKS)
def test_whoever_does_not_stream_never_notices_that_an_answer_broke(
    gateway, google, how
):
    google.script(BREAKS[how], model=FLASH)

    reply = gateway.ask("[[words:200]]", model=FLASH)

    assert reply.status_code == 200
    assert reply.headers["x-gswarm-attempts"] == "2"
    text = reply.json()["choices"][0]["message"]["content"]
    assert len(text.split()) == 200
    broken, served = asked(google)
    assert served["project"] != broken["project"]
    session = gateway.sign_in()
    [incident] = session.get("/api/dashboard/errors").json()["errors"]
    assert incident["recovered"]


def test_one_text_that_does_not_stream_is_answered_by_the_next_project(gateway, google):
    google.script(BREAKS["reset"], model=FLASH)

    body = {"prompt": "[[words:200]]", "model": FLASH}
    reply = gateway.post("/api/gswarm/generate", body)

    assert reply.status_code == 200
    assert len(reply.json()["text"].split()) == 200
    assert len(asked(google)) == 2


def test_a_call_that_came_out_malformed_after_a_thought_is_asked_for_again(
    gateway, google
):
    thought = [{"text": "hm", "thought": True}]
    finish = "MALFORMED_FUNCTION_CALL"
    google.script({"parts": [thought, []], "finish": finish}, model=FLASH)

    reply = ask(gateway)

    assert reply.status_code == 200
    assert "hm" not in reply.text
    assert reply.headers["x-gswarm-attempts"] == "2"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_prompt_nobody_has_a_word_for_is_a_502_and_nobodys_fault(
    gateway, google, stream
):
    reply = gateway.ask("[[no-candidates]]", model=FLASH, stream=stream)

    assert reply.status_code == 502
    assert reply.json()["error"]["code"] == "upstream_empty_response"
    calls = asked(google)
    assert len({call["project"] for call in calls}) == len(calls) == 3
    records = [gateway.record(call["project"], FLASH) for call in calls]
    assert {(r["errorCount"], r["cooldownUntil"]) for r in records} == {(0, 0)}


def test_an_answer_that_breaks_on_every_project_is_a_502(gateway, google):
    begin_with(gateway, google, 1, 3)
    google.script(BREAKS["closed"], times=None, model=FLASH)

    reply = gateway.ask("[[words:200]]", model=FLASH)

    assert reply.status_code == 502
    assert reply.json()["error"]["code"] == "upstream_error"
    assert len(asked(google)) == 3


# ------------------------------------------------------------------------------ quotas


def test_a_limited_project_is_asked_once_in_a_thousand_requests(gateway, google):
    begin_with(gateway, google, 3, 12)
    google.script(
        {"error": "daily_quota", "reset_after": "21h10m20s"},
        times=None,
        project="alice-01",
    )

    replies = ask_all(gateway, 1000, at_once=16)

    assert {reply.status_code for reply in replies} == {200}
    assert google.counts(method=METHOD, status=429) == 1
    assert google.counts(method=METHOD, status=200) == 1000
    record = gateway.record("alice-01", FLASH)
    assert record["quotaResetReason"] == "21h10m20s"
    assert record["quotaResetTime"] / 1000 - time.time() == pytest.approx(
        MANY_HOURS, abs=120
    )


def test_when_flash_is_used_up_everywhere_pro_still_answers(gateway, google):
    google.quota(limits=[_none_of(FLASH)])

    for _ in range(3):
        refused = ask(gateway)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "insufficient_quota"
    costs = len(asked(google))

    assert {reply.status_code for reply in ask_all(gateway, 24, model=PRO)} == {200}
    assert ask(gateway).status_code == 429
    assert costs <= 12
    assert len(asked(google)) == costs


def test_a_second_refusal_tells_that_the_quota_is_the_accounts(gateway, google):
    begin_with(gateway, google, 2, 6)
    google.script(
        {"error": "daily_quota", "reset_after": "5h"},
        times=None,
        account="alice@example.com",
        model=FLASH,
    )

    assert {r.status_code for r in ask_all(gateway, 60, at_once=1)} == {200}

    assert len([call for call in asked(google) if call["status"] == 429]) == 2


def _none_of(model: str) -> dict[str, Any]:
    return {"per": "project", "window": "day", "models": [model], "limit": 0}


def test_a_request_waits_for_a_project_that_frees_up_soon(gateway, google):
    begin_with(gateway, google, 2, 2)
    google.script({"error": "rate_limit", "reset_after": "1.5s"}, times=4, model=FLASH)

    begun = time.monotonic()
    reply = ask(gateway)

    assert reply.status_code == 200
    assert 1 < time.monotonic() - begun < 7
    assert len(asked(google)) == 5


def test_a_request_is_refused_at_once_when_none_frees_up_soon(gateway, google):
    begin_with(gateway, google, 2, 2)
    google.script({"error": "rate_limit", "reset_after": "60s"}, times=4, model=FLASH)

    begun = time.monotonic()
    replies = [ask(gateway) for _ in range(5)]

    assert time.monotonic() - begun < 5, "none has waited as long as it might"
    assert [reply.status_code for reply in replies] == [429] * 5
    assert 50 <= int(replies[-1].headers["retry-after"]) <= 60
    assert "x-should-retry" not in replies[-1].headers
    assert len(asked(google)) == 4


# ---------------------------------------------------------------------------- capacity


def test_without_capacity_another_project_and_then_time_are_tried(gateway, google):
    google.script({"error": "capacity"}, times=2, model=FLASH)

    begun = time.monotonic()
    reply = ask(gateway)

    assert reply.status_code == 200
    assert 1.5 < time.monotonic() - begun < 5
    first, second, third = asked(google)
    assert first["project"] != second["project"]
    assert [call["status"] for call in (first, second, third)] == [429, 429, 200]
    assert gateway.record(first["project"], FLASH)["errorCount"] == 0


def test_without_capacity_another_model_may_stand_in(
    gateway, google, configure: Callable[..., None]
):
    configure(models={"fallbacks": {FLASH: [PRO]}})
    google.quota(capacity={FLASH: False})

    replies = [ask(gateway) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert [call["status"] for call in asked(google, PRO)] == [200, 200]


# ------------------------------------------------------------------------- credentials


def test_an_expired_access_token_is_replaced_on_the_way(gateway, google):
    begin_with(gateway, google, 1, 2)
    google.account("alice@example.com", expire_access=True)

    reply = ask(gateway)

    assert reply.status_code == 200
    assert reply.headers["x-gswarm-attempts"] == "1"
    assert google.counts(method=METHOD, status=401) == 1
    assert google.counts(method=METHOD, status=200) == 1
    assert google.counts(method="token") == 1


def test_a_token_is_refreshed_once_whoever_asks(gateway, google):
    for account in google.accounts():
        google.account(account["email"], expire_access=True)

    replies = ask_all(gateway, 60)

    assert {reply.status_code for reply in replies} == {200}
    assert google.counts(method="token") == 3


def test_a_fresh_token_that_is_refused_rests_the_account(gateway, google):
    google.script({"error": "expired"}, times=2, model=FLASH)

    reply = ask(gateway)

    assert reply.status_code == 200
    assert reply.headers["x-gswarm-attempts"] == "2"
    first, second, third = asked(google)
    assert first["project"] == second["project"]
    assert first["account"] != third["account"]
    account = gateway.account(first["account"])
    assert account.rest_reason == "auth"
    assert account.rests_until - time.time() == pytest.approx(300, abs=5)


def test_a_dead_grant_takes_the_account_out_and_a_new_import_repairs_it(
    gateway, google
):
    alice = "alice@example.com"
    google.account(alice, revoked=True)

    assert {reply.status_code for reply in ask_all(gateway, 24)} == {200}
    account = gateway.account(alice)
    assert account.is_invalid
    assert account.invalid_word == "not_logged_in"
    assert google.counts(method="token") <= WORKERS
    google.forget_calls()
    ask_all(gateway, 24)
    assert not google.calls(account=alice)
    assert google.counts(method="token") == 0

    entry = google.add_account(alice, projects=[f"alice-{n:02}" for n in range(1, 5)])
    done = gateway.run("accounts", "import", "-", fed=entry)

    assert done.returncode == 0, done.stderr
    assert not gateway.account(alice).is_invalid
    ask_all(gateway, 24)
    assert alice in {call["account"] for call in asked(google)}


def test_a_suspended_account_is_never_called_again(gateway, google):
    alice = "alice@example.com"
    google.account(alice, kind="suspended", expire_access=True)

    assert {reply.status_code for reply in ask_all(gateway, 24)} == {200}
    assert gateway.account(alice).is_invalid
    assert "violation of Terms of Service" in gateway.account(alice).invalid_reason
    google.forget_calls()
    assert {reply.status_code for reply in ask_all(gateway, 60)} == {200}

    assert not google.calls(account=alice)
    assert google.counts(method="token") == 0


def test_a_rejected_api_key_is_out_of_the_pool(gateway, google):
    gateway.begin_anew(google.api_keys())
    google.script({"error": "bad_api_key"}, model=SIGNING, times=2)

    assert ask(gateway, model=SIGNING).status_code == 200

    failed, _, _ = asked(google, SIGNING)
    assert gateway.account(failed["account"]).is_invalid


# ------------------------------------------------------------ where a model is served

PUBLIC = "gemini-3.6-flash"


def listed(gateway: Gateway) -> set[str]:
    return {each["id"] for each in gateway.get("/v1/models").json()["data"]}


def test_what_is_listed_is_served_by_whoever_has_it(gateway, google):
    studio = google.add_api_key("studio")
    gateway.begin_anew([*google.accounts(), studio])
    wait_for(lambda: PUBLIC in listed(gateway))

    replies = ask_all(gateway, 6, model=PUBLIC)

    assert {reply.status_code for reply in replies} == {200}
    assert {call["account"] for call in asked(google, PUBLIC)} == {"studio"}


def test_used_up_quota_is_named_where_some_projects_lack_the_model(gateway, google):
    begin_with(gateway, google, accounts=2, projects=1)
    alice, bob = [each["projects"][0] for each in google.accounts()]
    google.project(alice, models_missing=[FLASH])
    google.script({"error": "daily_quota", "reset_after": "5h"}, project=bob)

    for _ in range(2):
        refused = ask(gateway)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "insufficient_quota"


def test_a_model_nobody_has_is_not_found_and_not_asked_for(gateway, google):
    wait_for(lambda: PUBLIC not in listed(gateway))

    reply = ask(gateway, model=PUBLIC)

    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "model_not_found"
    assert not asked(google, PUBLIC)


# ---------------------------------------------------------------------------- affinity


def test_a_conversation_with_tools_stays_with_the_account_that_signed(gateway, google):
    messages: list[Any] = [{"role": "user", "content": "First find() then book()"}]
    tools = [
        {"type": "function", "function": {"name": name}} for name in ("find", "book")
    ]
    for _ in range(2):
        reply = gateway.post(
            "/v1/chat/completions",
            {"model": SIGNING, "messages": messages, "tools": tools},
        ).json()
        message = reply["choices"][0]["message"]
        [call] = message["tool_calls"]
        messages += [
            message,
            {"role": "tool", "tool_call_id": call["id"], "content": "ok"},
        ]
        # Others rest longer than the account that has just served.
        ask_all(gateway, 5, model=SIGNING)

    google.forget_calls()
    body = {"model": SIGNING, "messages": messages, "tools": tools}
    assert gateway.post("/v1/chat/completions", body).status_code == 200
    [last] = google.calls(model=SIGNING)
    assert last["status"] == 200
    signatures = [
        part["thoughtSignature"]
        for content in last["request"]["request"]["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]
    assert len(signatures) == 2
    assert not any(map(is_bypass, signatures))


def test_a_texts_signature_goes_back_with_it_and_to_no_other_account(gateway, google):
    parts = [
        [{"text": "Hello there, "}],
        [{"text": "answer."}],
        [{"text": "", "thoughtSignature": "c2lnbmVk"}],
    ]
    google.script({"parts": parts}, model=SIGNING)
    assert ask(gateway, model=SIGNING).status_code == 200
    [first] = google.calls(model=SIGNING)
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello there, answer."},
        {"role": "user", "content": "Go on"},
    ]

    for _ in range(6):
        assert ask(gateway, model=SIGNING, messages=messages).status_code == 200

    _, *later = google.calls(model=SIGNING)
    assert {call["status"] for call in later} == {200}
    sent = {
        call["account"]: call["request"]["request"]["contents"][1]["parts"]
        for call in later
    }
    plain = {"text": "Hello there, answer."}
    for account, said_again in sent.items():
        is_issuer = account == first["account"]
        signed = {"thoughtSignature": "c2lnbmVk"} if is_issuer else {}
        assert said_again == [{**plain, **signed}]
    assert first["account"] in sent


def test_a_conversation_goes_on_when_its_account_cannot(gateway, google):
    body = {
        "model": SIGNING,
        "messages": [{"role": "user", "content": "Call find()"}],
        "tools": [{"type": "function", "function": {"name": "find"}}],
    }
    message = gateway.post("/v1/chat/completions", body).json()["choices"][0]["message"]
    gateway.rooms.accounts.enable(asked(google, SIGNING)[0]["account"], False)

    result = {
        "role": "tool",
        "tool_call_id": message["tool_calls"][0]["id"],
        "content": "ok",
    }
    body["messages"] += [message, result]
    reply = gateway.post("/v1/chat/completions", body)

    assert reply.status_code == 200
    assert [call["status"] for call in asked(google, SIGNING)] == [200, 200]
