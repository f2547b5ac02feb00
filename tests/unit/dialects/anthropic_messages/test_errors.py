"""The words, statuses and headers that Anthropic's clients act on."""

from __future__ import annotations

import pytest

from gswarm import errors
from gswarm.dialects.anthropic_messages.dialect import ANTHROPIC_MESSAGES

KINDS = [
    (errors.InvalidRequest("x: wrong", param="x"), 400, "invalid_request_error"),
    (errors.MissingKey("No key."), 401, "authentication_error"),
    (errors.InvalidKey("Unknown key."), 401, "authentication_error"),
    (errors.PermissionDenied("No."), 403, "permission_error"),
    (errors.NotFound("Unknown."), 404, "not_found_error"),
    (errors.ModelNotFound("foo"), 404, "not_found_error"),
    (errors.MethodNotAllowed("No."), 405, "invalid_request_error"),
    (errors.RequestTooSlow("Slow."), 408, "invalid_request_error"),
    (errors.PayloadTooLarge("33 MB"), 413, "request_too_large"),
    (errors.RateLimitExceeded("Slow down."), 429, "rate_limit_error"),
    (errors.InsufficientQuota("Used up."), 429, "rate_limit_error"),
    (errors.UpstreamError("Broke."), 500, "api_error"),
    (errors.InternalError("Broke."), 500, "api_error"),
    (errors.Unavailable("No store."), 529, "overloaded_error"),
    (errors.NoUsableAccount("Nobody."), 529, "overloaded_error"),
    (errors.UpstreamTimeout("Late."), 504, "timeout_error"),
]


def told(refusal: errors.Refusal) -> tuple[int, dict, dict]:
    reply = ANTHROPIC_MESSAGES.error(refusal, "req_1")
    return reply.status, reply.body, dict(reply.headers)


@pytest.mark.parametrize(("refusal", "status", "kind"), KINDS)
def test_a_refusal_has_its_status_and_type(refusal, status, kind):
    found, body, headers = told(refusal)
    assert found == status
    assert body["type"] == "error"
    assert body["error"]["type"] == kind
    assert body["error"]["message"]
    assert body["request_id"] == headers["request-id"] == "req_1"


def message(refusal: errors.Refusal) -> str:
    words: str = told(refusal)[1]["error"]["message"]
    return words


def test_a_bad_key_in_the_words_clients_know():
    assert message(errors.InvalidKey("The key has expired.")) == "invalid x-api-key"


def test_an_unknown_model_is_named():
    assert message(errors.ModelNotFound("foo")) == "model: foo"


@pytest.mark.parametrize(
    ("googles", "ours"),
    [
        (
            "The input token count (250000) exceeds the maximum number of tokens"
            " allowed (200000).",
            "prompt is too long: 250000 tokens > 200000 maximum",
        ),
        (
            "The input token count (1,250,000) exceeds the maximum (1,048,576).",
            "prompt is too long: 1250000 tokens > 1048576 maximum",
        ),
        (
            "The input token count exceeds the maximum number of tokens allowed"
            " 1048576.",
            "prompt is too long: 1048577 tokens > 1048576 maximum",
        ),
        ("Far too long.", "prompt is too long"),
    ],
)
def test_o12_an_overlong_prompt_in_the_words_that_begin_a_compaction(googles, ours):
    assert message(errors.ContextTooLong(googles).refusal("m")) == ours


def test_a_field_is_named_once():
    assert message(errors.InvalidRequest("a: wrong", param="a")) == "a: wrong"
    assert message(errors.InvalidRequest("Too large.", param="a")) == "a: Too large."


def test_o13_a_long_wait_is_not_to_be_slept_through():
    refusal = errors.InsufficientQuota("Used up.", retry_after=10_800)
    _, _, headers = told(refusal)
    assert headers["Retry-After"] == "10800"
    assert headers["x-should-retry"] == "false"


def test_a_short_wait_is_left_to_the_client():
    _, _, headers = told(errors.RateLimitExceeded("Slow down.", retry_after=2.2))
    assert headers["Retry-After"] == "3"
    assert "x-should-retry" not in headers


def test_nobody_to_answer_is_overloaded_and_final():
    status, body, headers = told(errors.NoUsableAccount("No account."))
    assert status == 529
    assert body["error"]["message"] == "Overloaded. No account."
    assert headers["x-should-retry"] == "false"


VERSION = {"anthropic-version": "2023-06-01"}


@pytest.mark.parametrize(
    ("path", "headers", "spoken"),
    [
        ("/v1/messages", {}, True),
        ("/v1/messages/count_tokens", {}, True),
        ("/v1/messages/batches", {}, True),
        ("/v1/messagesX", {}, False),
        ("/v1/models", {}, False),
        ("/v1/models", VERSION, True),
        ("/v1/models/foo", VERSION, True),
        ("/v1/nowhere", VERSION, True),
        ("/v1/nowhere", {}, False),
        ("/v1/chat/completions", VERSION, False),
        ("/v1/responses/resp_1", VERSION, False),
        ("/v1beta/models", VERSION, False),
        ("/v1/models/m:generateContent", VERSION, False),
        ("/api/gswarm/status", VERSION, False),
        ("/", VERSION, False),
    ],
)
def test_o15_where_errors_are_anthropics(path, headers, spoken):
    assert ANTHROPIC_MESSAGES.is_spoken(path, headers) is spoken
