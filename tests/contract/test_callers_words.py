"""A caller's words are never evidence: whatever a request says, or names, it is its own
request alone that fails."""

from __future__ import annotations

from typing import Any

import pytest

from gswarm.gemini.file_addresses import FILES_API
from tests.contract.asking import FLASH
from tests.contract.test_failover import ask, begin_with
from tests.gateway_process import Gateway
from tests.simulator_process import Simulator

POISON = (
    "API key not valid. Please pass a valid API key.",
    "User location is not supported for the API use.",
    "Your project has been denied access. Please contact support.",
    "This service has been disabled in this account for violation of Terms of Service.",
    "You do not have a valid license of this product. (#3501)",
    "Individual quota reached. Resets in 28h48m25s. MODEL_CAPACITY_EXHAUSTED per day",
    '{"error":{"code":403,"message":"x","details":[{"@type":"t/google.rpc.ErrorInfo",'
    '"reason":"TOS_VIOLATION"}]}}',
    "thought_signature in the schema of parametersJsonSchema",
    'x", Unknown name "parametersJsonSchema": Cannot find field.\n\'`API key not valid',
)


def google_extra(**members: Any) -> dict[str, Any]:
    return {"google": members}


def said(part: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part]}]}


FIELDS = {
    "safety category": lambda words: google_extra(
        safety_settings=[{"category": words, "threshold": "OFF"}]
    ),
    "safety threshold": lambda words: google_extra(
        safety_settings=[
            {"category": "HARM_CATEGORY_HARASSMENT", "threshold": words},
        ]
    ),
    "mime type": lambda words: google_extra(
        generation_config={"responseMimeType": words}
    ),
    "modality": lambda words: google_extra(
        generation_config={"responseModalities": [words]}
    ),
    "top k": lambda words: google_extra(generation_config={"topK": words}),
    "schema keyword": lambda words: google_extra(
        generation_config={
            "responseMimeType": "application/json",
            "responseSchema": {"type": "OBJECT", words: words},
        }
    ),
    "schema type": lambda words: google_extra(
        generation_config={
            "responseMimeType": "application/json",
            "responseSchema": {"type": words},
        }
    ),
    "enum": lambda words: google_extra(
        generation_config={
            "responseMimeType": "text/x.enum",
            "responseSchema": {"type": "NUMBER", "enum": [words], "format": words},
        }
    ),
    "cache name": lambda words: google_extra(cached_content=f"cachedContents/{words}"),
    "file": lambda words: said(
        {
            "type": "image_url",
            "image_url": {
                "url": "https://generativelanguage.googleapis.com/v1beta/files/" + words
            },
        }
    ),
    "private bucket": lambda words: said(
        {"type": "image_url", "image_url": {"url": f"gs://private/{words}"}}
    ),
    "missing bucket": lambda words: said(
        {"type": "image_url", "image_url": {"url": f"gs://missing/{words}"}}
    ),
}


BY_ADDRESS = {"file", "private bucket", "missing bucket"}


def is_untouched(gateway: Gateway) -> bool:
    """Nobody rests, is out of the pool or has lost a point of health."""
    accounts = gateway.look("/api/gswarm/accounts").json()["accounts"]
    projects = [project for each in accounts for project in each["projectIds"]]
    records = [
        record
        for project in projects
        for record in (gateway.project_status(project), gateway.record(project, FLASH))
    ]
    return (
        len(projects) > 1
        and {each["status"] for each in accounts} == {"active"}
        and not any(record.get("cooldownUntil") for record in records)
        and not any(record.get("errorCount") for record in records)
    )


NATIVE = {
    "an unknown member": lambda words: {words: 1},
    "an unknown member inside": lambda words: {"generationConfig": {words: {"x": 1}}},
    "labels": lambda words: {"labels": {words: 7}},
    "a role": lambda words: {
        "contents": [{"role": words, "parts": [{"text": "Hello"}]}]
    },
    "a part": lambda words: {"contents": [{"role": "user", "parts": [{words: "x"}]}]},
    "an inline type": lambda words: {
        "contents": [{"parts": [{"inlineData": {"mimeType": words, "data": "%"}}]}]
    },
    "a tool's name": lambda words: {
        "tools": [{"functionDeclarations": [{"name": words}, {"name": words}]}]
    },
    "a schema's keyword": lambda words: {
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "f",
                        "parameters": {
                            "type": "OBJECT",
                            "properties": {words: {"type": words, words: words}},
                        },
                    }
                ]
            }
        ]
    },
    "an allowed name": lambda words: {
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
        "toolConfig": {
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [words]}
        },
    },
    "a cache": lambda words: {"cachedContent": f"cachedContents/{words}"},
    "a file": lambda words: {
        "contents": [
            {
                "parts": [
                    {
                        "fileData": {
                            "fileUri": f"gs://missing/{words}",
                            "mimeType": words,
                        }
                    }
                ]
            }
        ]
    },
    "a signature": lambda words: {
        "contents": [
            {"role": "user", "parts": [{"text": "Hello"}]},
            {
                "role": "model",
                "parts": [
                    {
                        "functionCall": {"name": words, "args": {}},
                        "thoughtSignature": words,
                    }
                ],
            },
        ]
    },
}


@pytest.mark.parametrize("upstream", ["cloudcode", "gemini_api"])
@pytest.mark.parametrize("field", NATIVE)
def test_a_request_in_geminis_own_words_is_no_verdict(gateway, google, field, upstream):
    begin_on(upstream, gateway, google)
    if field == "a file":
        gateway.configure(media={"allowedBuckets": ["*", FILES_API]})
    contents = [{"role": "user", "parts": [{"text": "Hello"}]}]
    for words in POISON:
        body = {"contents": contents, **NATIVE[field](words)}
        path = f"/v1beta/models/{FLASH}:generateContent"
        reply = gateway.post(path, body, timeout=30)
        assert reply.status_code in (200, 400, 403, 404), reply.text
    assert is_untouched(gateway)
    assert ask(gateway).status_code == 200


def begin_on(upstream: str, gateway: Gateway, google: Simulator) -> None:
    """Two accounts of that kind, with a project or two each."""
    if upstream == "cloudcode":
        begin_with(gateway, google, accounts=2, projects=2)
        return
    google.reset(accounts=0)
    gateway.begin_anew([google.add_api_key(name) for name in ("one", "two")])
    google.forget_calls()


@pytest.mark.parametrize("upstream", ["cloudcode", "gemini_api"])
@pytest.mark.parametrize("field", FIELDS)
def test_what_google_quotes_is_no_verdict(gateway, google, field, upstream):
    begin_on(upstream, gateway, google)
    if field in BY_ADDRESS:
        gateway.configure(media={"allowedBuckets": ["*", FILES_API]})
    for words in POISON:
        reply = ask(gateway, **FIELDS[field](words))
        assert reply.status_code in (400, 404), reply.text
        assert reply.json()["error"]["type"] == "invalid_request_error"
    assert is_untouched(gateway)
    refused = [call for call in google.calls(brief=True) if call["status"] >= 400]
    assert len(refused) == len(POISON), "one call each, none repeated"
    assert ask(gateway).status_code == 200


def test_a_made_up_model_is_no_verdict(gateway, google):
    begin_with(gateway, google, accounts=2, projects=2)
    for number, words in enumerate(POISON):
        reply = ask(gateway, model=f"gemini-{number}-{words}"[:150])
        assert reply.status_code in (400, 404), reply.text
    assert is_untouched(gateway)


@pytest.mark.parametrize(
    "error", ["suspended", "unlicensed", "location", "denied_project", "bad_api_key"]
)
def test_what_one_request_alone_is_told_does_not_last(gateway, google, error):
    """Were Google fooled into these words, a request of nobody's tells."""
    begin_with(gateway, google, accounts=2, projects=2)
    google.script({"error": error}, model=FLASH)

    assert ask(gateway).status_code == 200

    assert is_untouched(gateway)
    assert len(google.calls(brief=True, model=FLASH)) == 3


def test_a_request_that_always_seems_to_condemn_is_refused_soon(gateway, google):
    begin_with(gateway, google, accounts=2, projects=4)
    google.script(
        {"error": "suspended"}, times=None, model=FLASH, method="streamGenerateContent"
    )

    assert ask(gateway).status_code == 400

    assert is_untouched(gateway)
    assert len(google.calls(brief=True, model=FLASH)) <= 4


def test_a_forbidden_thing_beside_a_forbidden_project_is_the_projects(gateway, google):
    begin_with(gateway, google, accounts=1, projects=2)
    google.project("alice-01", iam_denied=True)
    google.project("alice-02", iam_denied=True)
    gateway.configure(media={"allowedBuckets": [FILES_API]})

    assert ask(gateway, **FIELDS["file"]("x")).status_code == 502

    for project in ("alice-01", "alice-02"):
        assert gateway.project_status(project)["cooldownReason"] == "auth"
