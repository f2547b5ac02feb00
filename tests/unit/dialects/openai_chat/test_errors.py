"""A refusal in OpenAI's words, and the headers that steer retries."""

import pytest

from gswarm.dialects.openai_chat.errors import write_error
from gswarm.dialects.retrying import error_headers
from gswarm.errors import (
    InsufficientQuota,
    InvalidKey,
    InvalidRequest,
    ModelNotFound,
    RateLimitExceeded,
    Unavailable,
    UpstreamError,
)


def test_all_four_members_are_always_there():
    assert write_error(InvalidKey("Incorrect API key provided."))["error"] == {
        "message": "Incorrect API key provided.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_api_key",
    }
    refusal = InvalidRequest("Bad.", param="messages[0].role", code="invalid_value")
    assert write_error(refusal)["error"] == {
        "message": "Bad.",
        "type": "invalid_request_error",
        "param": "messages[0].role",
        "code": "invalid_value",
    }


def test_an_unknown_model_is_named():
    error = write_error(ModelNotFound("gpt-9"))["error"]
    assert error["code"] == "model_not_found"
    assert "`gpt-9`" in error["message"]


def test_a_rate_limit_says_when_to_try_again():
    error = write_error(RateLimitExceeded("Slow down.", retry_after=6.2))["error"]
    assert error["message"] == "Slow down. Please try again in 7s."
    assert error["type"] == "requests"


@pytest.mark.parametrize(
    ("refusal", "headers"),
    [
        (InvalidRequest("x"), []),
        (RateLimitExceeded("x"), [("Retry-After", "1")]),
        (RateLimitExceeded("x", retry_after=0.2), [("Retry-After", "1")]),
        (RateLimitExceeded("x", retry_after=7.0001), [("Retry-After", "8")]),
        (
            RateLimitExceeded("x", retry_after=7200),
            [("Retry-After", "7200"), ("x-should-retry", "false")],
        ),
        (
            InsufficientQuota("x", retry_after=30),
            [("Retry-After", "30"), ("x-should-retry", "false")],
        ),
        (Unavailable("x", retry_after=3), [("Retry-After", "3")]),
        (Unavailable("x"), []),
        (UpstreamError("x"), [("x-should-retry", "false")]),
    ],
)
def test_headers(refusal, headers):
    assert error_headers(refusal) == headers
