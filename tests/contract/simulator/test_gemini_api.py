"""The public Gemini API by key, and Vertex AI beside it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.contract.simulator.client import GREETING, Client
from tests.simulator_process import Simulator

MODEL = "/v1beta/models/gemini-2.5-flash"


@pytest.fixture
def key(google: Simulator) -> dict[str, str]:
    entry: dict[str, str] = google.add_api_key("studio", project="studio-1")
    return entry


def ask(
    google: Simulator, path: str, key: str | None = None, body: Any = GREETING
) -> requests.Response:
    headers = {"x-goog-api-key": key} if key else {}
    return requests.post(google.url + path, json=body, headers=headers, timeout=5)


def test_a_key_in_header_or_address_is_answered_without_envelope(
    google: Simulator, key: dict[str, str]
) -> None:
    by_header = ask(google, f"{MODEL}:generateContent", key["api_key"])
    by_query = ask(google, f"{MODEL}:generateContent?key={key['api_key']}")

    for reply in (by_header, by_query):
        answer = reply.json()
        assert answer["candidates"][0]["content"]["role"] == "model"
        assert answer["modelVersion"] == "gemini-2.5-flash"
    call = google.calls()[-1]
    assert (call["account"], call["project"]) == ("studio", "studio-1")
    assert (call["method"], call["model"]) == ("generateContent", "gemini-2.5-flash")
    assert call["request"] == GREETING


def test_a_bad_or_missing_key_is_refused_in_googles_words(google: Simulator) -> None:
    bad = ask(google, f"{MODEL}:generateContent", "sim-key-unknown")
    none = ask(google, f"{MODEL}:generateContent")

    assert bad.status_code == 400
    assert bad.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert none.status_code == 403
    assert "unregistered callers" in none.json()["error"]["message"]


def test_a_stream_is_events_or_an_array(google: Simulator, key: dict[str, str]) -> None:
    events = ask(google, f"{MODEL}:streamGenerateContent?alt=sse", key["api_key"])
    array = ask(google, f"{MODEL}:streamGenerateContent", key["api_key"])

    assert events.headers["Content-Type"].startswith("text/event-stream")
    assert events.text.startswith("data: {")
    assert array.headers["Content-Type"].startswith("application/json")
    assert array.json()[-1]["candidates"][0]["finishReason"] == "STOP"


def test_models_are_listed_and_described(
    google: Simulator, key: dict[str, str], http: requests.Session
) -> None:
    http.headers["x-goog-api-key"] = key["api_key"]

    def get(path: str) -> Any:
        return http.get(google.url + path, timeout=5)

    everything = get("/v1beta/models").json()["models"]
    page = get("/v1beta/models?pageSize=2").json()
    rest = get(f"/v1beta/models?pageToken={page['nextPageToken']}").json()

    assert page["models"] + rest["models"] == everything
    assert get(MODEL).json()["inputTokenLimit"] == 1_048_576
    assert get("/v1beta/models/gemini-nothing").status_code == 404
    assert get("/v1beta/nothing").status_code == 404


def test_tokens_are_counted_for_a_bare_body(
    google: Simulator, key: dict[str, str]
) -> None:
    counted = ask(google, f"{MODEL}:countTokens", key["api_key"])

    assert counted.json() == {"totalTokens": 3}


def test_fields_of_the_vertex_dialect_are_unknown_here(
    google: Simulator, key: dict[str, str]
) -> None:
    body = GREETING | {"labels": {"a": "b"}}

    refused = ask(google, f"{MODEL}:generateContent", key["api_key"], body)

    assert refused.status_code == 400
    assert 'Unknown name "labels"' in refused.json()["error"]["message"]


def test_an_oversized_body_is_refused(google: Simulator, key: dict[str, str]) -> None:
    body = {"contents": [{"parts": [{"text": "x" * 21_000_000}]}]}

    refused = ask(google, f"{MODEL}:generateContent", key["api_key"], body)

    assert refused.status_code == 413


def test_a_body_that_is_no_json_is_refused(
    google: Simulator, key: dict[str, str]
) -> None:
    refused = requests.post(
        f"{google.url}{MODEL}:generateContent",
        data=b"{",
        headers={"x-goog-api-key": key["api_key"]},
        timeout=5,
    )

    assert refused.status_code == 400
    assert "Invalid JSON payload received." in refused.json()["error"]["message"]


def test_vertex_takes_an_access_token_and_a_project(alice: Client) -> None:
    path = (
        "/v1/projects/{}/locations/global/publishers/google/models/"
        "gemini-2.5-flash:generateContent"
    )

    answered = alice.post(path.format("alice-01"), GREETING)
    refused = alice.post(path.format("bob-01"), GREETING)

    assert "candidates" in answered.json()
    assert refused.status_code == 403
