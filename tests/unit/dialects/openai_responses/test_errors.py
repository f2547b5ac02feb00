"""Refusals as Codex and the SDKs read them."""

import pytest

from gswarm.dialects.openai_responses.dialect import OPENAI_RESPONSES
from gswarm.errors import (
    InsufficientQuota,
    InvalidFields,
    InvalidRequest,
    RateLimitExceeded,
    Unavailable,
)


def worded(refusal) -> tuple[dict, dict]:
    reply = OPENAI_RESPONSES.error(refusal, "req_1")
    assert reply.status == refusal.status
    return reply.body["error"], dict(reply.headers)


def test_a_short_wait_is_told_as_it_is():
    error, headers = worded(RateLimitExceeded("Slowly.", retry_after=7))
    assert error["code"] == "rate_limit_exceeded"
    assert "Please try again in 7s" in error["message"]
    assert headers["Retry-After"] == "7"


@pytest.mark.parametrize("kind", [InsufficientQuota, RateLimitExceeded])
def test_a_long_wait_is_told_as_the_end(kind):
    error, headers = worded(kind("Used up.", retry_after=3_600))
    assert (error["type"], error["code"]) == ("insufficient_quota",) * 2
    assert headers == {"Retry-After": "60", "x-should-retry": "false"}


def test_nobody_waits_for_hours_in_silence():
    _, headers = worded(Unavailable("Full.", retry_after=7_200))
    assert headers["Retry-After"] == "60"


def test_a_field_of_chat_s_is_called_by_its_own_name():
    refusal = InvalidRequest("Too long.", param="messages", code="x")
    assert worded(refusal)[0]["param"] == "input"


def test_fields_of_a_query_are_named():
    error, _ = worded(InvalidFields({"limit": ["Must be at most 100."]}))
    assert (error["param"], error["message"]) == ("limit", "Must be at most 100.")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/v1/responses", True),
        ("/v1/responses/resp_1/input_items", True),
        ("/v1/responsesX", False),
        ("/v1/chat/completions", False),
    ],
)
def test_where_it_is_spoken(path, own):
    assert OPENAI_RESPONSES.is_spoken(path, {}) is own
