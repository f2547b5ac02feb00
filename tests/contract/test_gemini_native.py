"""Gemini's own paths on the line: bytes, statuses and spellings that no SDK shows."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from tests.gateway_process import Gateway

MODEL = "gemini-3-flash-preview"
HELLO: dict[str, Any] = {"contents": [{"parts": [{"text": "Hello"}]}]}
STATUS = {"code", "message", "status", "details"}


def post(
    gateway: Gateway,
    method: str = "generateContent",
    body: Any = HELLO,
    *,
    model: str = MODEL,
    headers: dict[str, str] | None = None,
    **options: Any,
) -> requests.Response:
    shown = {"x-goog-api-key": gateway.key} if headers is None else headers
    url = f"{gateway.url}/v1beta/models/{model}:{method}"
    return requests.post(url, json=body, headers=shown, timeout=30, **options)


def told(reply: requests.Response) -> tuple[int, str]:
    """The status of a refusal, twice: as HTTP and in Google's word."""
    assert reply.headers["content-type"].startswith("application/json")
    body = reply.json()
    [body] = body if isinstance(body, list) else [body]
    assert body["error"].keys() == STATUS
    assert body["error"]["code"] == reply.status_code
    return reply.status_code, body["error"]["status"]


# ---------------------------------------------------------------------- streams


def test_events_are_framed_as_googles_clients_read_them(gateway):
    reply = post(gateway, "streamGenerateContent?alt=sse")

    assert reply.headers["content-type"].startswith("text/event-stream")
    *events, last = reply.content.split(b"\r\n\r\n")
    assert last == b""
    assert all(event.startswith(b"data: {") for event in events)
    assert json.loads(events[-1][6:])["candidates"][0]["finishReason"] == "STOP"


def test_without_alt_an_array_grows(gateway):
    reply = post(gateway, "streamGenerateContent")

    assert reply.headers["content-type"].startswith("application/json")
    chunks = reply.json()
    assert len(chunks) > 1
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


def test_an_array_holds_its_error_wherever_it_comes(gateway, google):
    at_once = post(gateway, "streamGenerateContent", model="zork")
    google.script({"cut": {"after": 2, "how": "eof"}}, times=None)
    late = post(gateway, "streamGenerateContent")

    assert told(at_once) == (404, "NOT_FOUND")
    assert isinstance(at_once.json(), list)
    *chunks, error = late.json()
    assert chunks
    assert error["error"]["status"] == "INTERNAL"


def test_enums_come_by_number_to_those_who_ask(gateway):
    plain = post(gateway)
    asked = post(gateway, "generateContent?$alt=json;enum-encoding=int")

    assert plain.json()["candidates"][0]["finishReason"] == "STOP"
    assert asked.json()["candidates"][0]["finishReason"] == 1


def test_the_first_word_may_come_from_another_project(gateway, google):
    google.script({"error": "internal"}, times=1)

    reply = post(gateway, "streamGenerateContent?alt=sse")

    assert reply.status_code == 200
    assert len({call["project"] for call in google.calls()}) == 2


# ----------------------------------------------------------------------- keys


def test_a_key_may_stand_in_the_query_and_nowhere_else_then(gateway):
    reply = post(gateway, f"generateContent?key={gateway.key}", headers={})

    assert reply.status_code == 200
    assert gateway.key not in gateway.log()
    found = gateway.sign_in().get("/api/gswarm/requests").json()
    assert gateway.key not in json.dumps(found)


def test_keys_that_open_nothing(gateway):
    none = post(gateway, headers={})
    wrong = post(gateway, headers={"x-goog-api-key": "sk-gswarm-" + "0" * 32})

    assert told(none) == (403, "PERMISSION_DENIED")
    assert told(wrong) == (400, "INVALID_ARGUMENT")
    [info] = wrong.json()["error"]["details"]
    assert info["reason"] == "API_KEY_INVALID"


@pytest.mark.parametrize(
    ("allowed", "status"),
    [("/v1/models/*", 200), ("/v1beta/*", 200), ("/v1/chat/completions", 403)],
)
def test_a_key_for_a_path_covers_its_spellings(gateway, allowed, status):
    key = gateway.new_key(allowed_endpoints=[allowed])
    shown = {"x-goog-api-key": key}
    url = f"{gateway.url}/v1/models/{MODEL}:generateContent"

    assert requests.post(url, json=HELLO, headers=shown).status_code == status


# --------------------------------------------------------------------- the list


def listed(gateway: Gateway, path: str = "/v1/models", **headers: str) -> set[str]:
    reply = requests.get(gateway.url + path, headers=headers, timeout=30)
    assert reply.status_code == 200, reply.text
    return set(reply.json())


def test_one_address_has_three_shapes(gateway):
    key = gateway.key
    bearer = {"Authorization": f"Bearer {key}"}

    assert listed(gateway, **bearer) == {"object", "data"}
    assert listed(gateway, **{"x-goog-api-key": key}) == {"models"}
    assert listed(gateway, **bearer, **{"x-goog-api-client": "x"}) == {"models"}
    assert listed(gateway, f"/v1/models?key={key}") == {"models"}
    assert listed(gateway, "/v1beta/models", **bearer) == {"models"}
    anthropic = {"anthropic-version": "2023-06-01", "x-goog-api-key": key}
    assert "has_more" in listed(gateway, **anthropic)


# ------------------------------------------------------------------- refusals


def test_every_refusal_is_worded_as_google_does(gateway):
    shown = {"x-goog-api-key": gateway.key}
    url = f"{gateway.url}/v1beta/models/{MODEL}:generateContent"
    gzipped = {**shown, "Content-Encoding": "br"}

    def ask(method: str, path: str, **options: Any) -> tuple[int, str]:
        reply = requests.request(
            method, gateway.url + path, headers=shown, timeout=30, **options
        )
        return told(reply)

    assert ask("POST", f"/v1beta/models/{MODEL}:frobnicate") == (404, "NOT_FOUND")
    assert ask("GET", "/v1beta/nowhere") == (404, "NOT_FOUND")
    assert ask("DELETE", f"/v1beta/models/{MODEL}")[0] == 405
    for path in (
        "/v1beta/files",
        "/v1/files",
        "/upload/v1beta/files",
        "/v1/batches",
        "/v1beta/interactions/x",
        "/v1/cachedContents",
        f"/v1beta/models/{MODEL}:embedContent",
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.X",
    ):
        assert ask("POST", path) == (501, "UNIMPLEMENTED"), path
    for body in (b"", b"{", b"[]", b'"x"', b"\xff"):
        reply = requests.post(url, data=body, headers=shown, timeout=30)
        assert told(reply) == (400, "INVALID_ARGUMENT"), body
    assert told(requests.post(url, data=b"x", headers=gzipped))[0] == 415


@pytest.mark.parametrize("upstream", ["cloudcode", "gemini_api"])
def test_a_field_nobody_knows_is_googles_to_refuse(gateway, google, upstream):
    if upstream == "gemini_api":
        only_api_keys(gateway, google)

    reply = post(gateway, body={**HELLO, "frobnicate": {"a_b": 1}})

    assert told(reply) == (400, "INVALID_ARGUMENT")
    assert 'Unknown name "frobnicate"' in reply.json()["error"]["message"]
    assert len(google.calls()) == 1


def test_a_client_that_waits_so_long_hears_of_it_before(gateway, google):
    google.script({"stall": {"before": "headers", "seconds": 20}}, times=None)
    shown = {"x-goog-api-key": gateway.key, "X-Server-Timeout": "2"}
    asked_at = time.monotonic()

    reply = post(gateway, headers=shown)

    assert told(reply) == (504, "DEADLINE_EXCEEDED")
    assert time.monotonic() - asked_at < 10


# --------------------------------------------------------------- the other wire


def only_api_keys(gateway: Gateway, google: Any) -> None:
    entry = google.add_api_key("studio")
    gateway.begin_anew([entry])
    google.forget_calls()


def test_the_public_api_is_asked_in_its_own_way(gateway, google):
    only_api_keys(gateway, google)
    call = {"id": "mine", "name": "f", "args": {}}
    asked = {
        "contents": [
            {"parts": {"text": "Go"}},
            {
                "role": "model",
                "parts": [
                    {
                        "functionCall": call,
                        "thought_signature": "skip_thought_signature_validator",
                    }
                ],
            },
            {
                "parts": [
                    {"functionResponse": {"id": "mine", "name": "f", "response": {}}}
                ]
            },
        ],
        "labels": {"team": "a"},
        "tools": [{"function_declarations": [{"name": "f"}]}],
    }

    reply = post(gateway, body=asked)
    counted = post(gateway, "countTokens", {"generateContentRequest": asked})

    assert reply.status_code == 200, reply.text
    assert counted.json()["totalTokens"] > 0
    generated, counting = google.calls()
    sent = generated["request"]
    assert "labels" not in sent
    assert sent["contents"][1]["parts"][0]["functionCall"] == call
    assert sent["contents"][2]["parts"][0]["functionResponse"]["id"] == "mine"
    assert counting["request"]["generateContentRequest"]["model"] == f"models/{MODEL}"


def test_tools_and_instructions_count_where_google_counts_contents_alone(
    gateway, google
):
    whole = {
        **HELLO,
        "systemInstruction": "Be brief. " * 40,
        "tools": [{"functionDeclarations": [{"name": "f", "description": "x" * 400}]}],
    }

    bare = post(gateway, "countTokens").json()["totalTokens"]
    told_all = post(gateway, "countTokens", {"generateContentRequest": whole})

    assert told_all.json()["totalTokens"] > bare + 150
    [_, call] = google.calls(method="countTokens")
    assert call["request"]["request"].keys() == {"model", "contents"}


# --------------------------------------------------------------- everything else


def test_an_answer_is_kept_and_given_again(gateway, google):
    asked = {**HELLO, "generationConfig": {"temperature": 0}}

    first, second = post(gateway, body=asked), post(gateway, body=asked)
    streamed = post(gateway, "streamGenerateContent?alt=sse", asked)

    assert first.headers["x-gswarm-cache"] == "miss"
    assert second.headers["x-gswarm-cache"] == "hit"
    assert second.json()["candidates"] == first.json()["candidates"]
    assert streamed.headers["x-gswarm-cache"] == "hit"
    assert len(google.calls()) == 1


def test_the_record_names_the_dialect_and_not_the_model_in_the_path(gateway):
    request_id = post(gateway).headers["x-request-id"]

    record = gateway.sign_in().get(f"/api/gswarm/requests/{request_id}").json()

    assert record["dialect"] == "gemini"
    assert record["endpoint"] == "/v1beta/models/<path:model>:generateContent"
    assert record["model"] == MODEL
