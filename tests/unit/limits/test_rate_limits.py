"""How a client hears of its key's limits."""

import pytest

from gswarm.errors import RateLimitExceeded
from gswarm.limits.api_key import ApiKey
from gswarm.limits.rate_limits import (
    USUAL_ANSWER_TOKENS,
    Counts,
    Limits,
    admission,
    as_duration,
    limits_in,
    limits_of,
    tokens_expected,
)

ALICE = ApiKey(id="01234567", name="alice")
NOON = 1_800_014_400.0
"""A whole day and minute: 2027-01-15 12:00:00 UTC."""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.12, "1s"),
        (7, "7s"),
        (59.2, "1m0s"),
        (60, "1m0s"),
        (360, "6m0s"),
        (3600, "1h0m0s"),
        (46805, "13h0m5s"),
    ],
)
def test_durations_read_as_go_writes_them(seconds, text):
    assert as_duration(seconds) == text


def test_an_admitted_request_hears_what_is_left():
    limits = Limits(per_minute=60, tokens_per_day=1000)
    admitted = admission(ALICE, limits, Counts(None, 7, 400), "a1", NOON + 53)

    assert admitted.headers == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "53",
        "x-ratelimit-reset-requests": "7s",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "600",
        "x-ratelimit-reset-tokens": "11h59m7s",
    }
    admitted.check()


def test_a_key_without_limits_hears_of_none():
    assert admission(ALICE, Limits(), Counts(None, 7, 0), "a1", NOON).headers == {}


@pytest.mark.parametrize(
    ("limit", "type", "words", "retry_after"),
    [
        (
            "per_minute",
            "requests",
            "requests per min (RPM): Limit 3. Please try again in 7s.",
            7,
        ),
        (
            "per_second",
            "requests",
            "requests per second: Limit 2. Please try again in 1s.",
            1,
        ),
        (
            "tokens_per_day",
            "tokens",
            "tokens per day (TPD): Limit 9. Please try again in 43147s.",
            43147,
        ),
        (
            "at_once",
            "requests",
            "requests at once: Limit 4. Please try again in 1s.",
            1,
        ),
    ],
)
def test_a_refusal_says_which_limit_and_how_long(limit, type, words, retry_after):
    limits = Limits(per_minute=3, per_second=2, tokens_per_day=9, at_once=4)
    refused = admission(ALICE, limits, Counts(limit, 3, 9), "a1", NOON + 53)

    with pytest.raises(RateLimitExceeded) as refusal:
        refused.check()

    assert refusal.value.message == f"Rate limit reached for this API key on {words}"
    assert refusal.value.type == type
    assert refusal.value.code == "rate_limit_exceeded"
    assert refusal.value.retry_after == retry_after
    assert refused.place is None
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"


def test_the_configs_limits_are_for_keys_without_their_own():
    default = limits_in(
        {
            "requestsPerMinute": 60,
            "burstLimit": 5,
            "tokensPerDay": 1000,
            "maxConcurrent": 2,
        }
    )
    fast = ApiKey(id="89abcdef", name="bob", rate_limit=600, max_concurrent=0)

    assert limits_of(ALICE, default) == default == Limits(60, 5, 1000, 2)
    assert limits_of(fast, default) == Limits(600, 0, 1000, 0)


def test_a_config_without_limits_sets_none():
    assert limits_in({"requestsPerMinute": None, "tokensPerDay": 0}) == Limits()


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({}, USUAL_ANSWER_TOKENS),
        ({"contents": [{"parts": [{"text": "x" * 400}]}]}, 100 + USUAL_ANSWER_TOKENS),
        ({"generationConfig": {"maxOutputTokens": 7}}, 7),
        ({"contents": [{"parts": [{"inlineData": {"data": "x" * 400}}]}]}, 2_000),
        ({"generationConfig": 3, "contents": "odd odd!"}, 2_002),
    ],
)
def test_a_request_is_held_for_what_it_may_come_to(body, tokens):
    assert tokens_expected(body) == tokens
