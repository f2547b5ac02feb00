from __future__ import annotations

import json

import pytest

from gswarm.simulator.catalogue import NAMED
from gswarm.simulator.durations import go_text, proto_text, to_seconds, whole_text
from gswarm.simulator.errors import GoogleError, encode, invalid, named


def _details(error: GoogleError) -> dict[str, dict[str, object]]:
    assert isinstance(error.body, dict)
    return {d["@type"].rsplit(".", 1)[1]: d for d in error.body["error"]["details"]}


@pytest.mark.parametrize("name", NAMED)
def test_every_named_error_can_be_sent(name: str) -> None:
    status, kind, content, _ = encode(named(name))
    assert 400 <= status < 600
    if kind.startswith("application/json"):
        error = json.loads(content)["error"]
        assert error["code"] == status
        assert error["message"]
        assert error["status"].isupper()
    else:
        assert content.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("rate_limit", 429, "will reset after 0s."),
        ("daily_quota", 429, "will reset after 4h22m2s."),
        ("individual_quota", 429, "Individual quota reached."),
        ("capacity", 429, "No capacity available for model gemini-2.5-flash"),
        ("capacity_503", 503, "No capacity available"),
        ("gemini_rate", 429, "Please retry in 56.185908122s."),
        ("iam", 403, "cloudaicompanion.companions.generateChat"),
        ("api_disabled", 403, "has not been used in project alice-01"),
        ("unlicensed", 403, "(#3501)"),
        ("location", 400, "User location is not supported for the API use."),
        ("bad_api_key", 400, "API key not valid."),
        ("cancelled_499", 499, "The operation was cancelled."),
        ("high_demand", 503, "currently experiencing high demand"),
    ],
)
def test_the_words_are_googles(name: str, status: int, words: str) -> None:
    error = named(name)
    assert error.status == status
    assert words in encode(error)[2].decode()


def test_the_delay_stands_in_every_place_it_is_read_from() -> None:
    error = named("daily_quota", reset_after="21h10m20.5s", now=1_760_000_000.0)
    details = _details(error)
    metadata = details["ErrorInfo"]["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["quotaResetDelay"] == "21h10m20.5s"
    assert metadata["quotaResetTimeStamp"] == "2025-10-10T06:03:40Z"
    assert details["RetryInfo"]["retryDelay"] == "76220.5s"
    assert "reset after 21h10m20s." in str(error)


def test_retry_info_and_legacy_errors_are_switched() -> None:
    assert "RetryInfo" not in _details(named("rate_limit", retry_info=False))
    assert "RetryInfo" in _details(named("capacity", retry_info=True))
    with_legacy = named("rate_limit", legacy=True).body
    without = named("not_found", legacy=False).body
    assert isinstance(with_legacy, dict) and isinstance(without, dict)
    assert with_legacy["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert "errors" not in without["error"]


def test_shuffling_changes_the_order_and_nothing_else() -> None:
    straight = named("api_disabled").body
    assert isinstance(straight, dict)
    orders = set()
    for seed in range(8):
        mixed = named("api_disabled", shuffle=seed).body
        assert isinstance(mixed, dict)
        details = mixed["error"]["details"]
        by_kind = {d["@type"]: d for d in details}
        assert by_kind == {d["@type"]: d for d in straight["error"]["details"]}
        orders.add(tuple(d["@type"] for d in details))
    assert len(orders) > 2


def test_an_error_can_be_an_array_with_odd_spelling() -> None:
    error = named("rate_limit")
    content = encode(error, as_array=True, spaced_type=True)[2]
    assert json.loads(content)[0]["error"]["details"][0][" @type"].endswith("ErrorInfo")
    broken = encode(error, stray_comma=True)[2]
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken)
    assert "\u00a0" in encode(error, no_break_spaces=True)[2].decode()
    inside = json.loads(encode(error, double_encoded=True)[2])["error"]["message"]
    assert json.loads(inside) == error.body


def test_an_errors_own_style_wins_over_the_methods() -> None:
    content = encode(named("internal", as_array=False), as_array=True)[2]
    assert content.startswith(b"{")
    content = encode(named("internal", as_array=True), as_array=False)[2]
    assert content.startswith(b"[")


def test_the_status_can_be_another() -> None:
    error = named("overloaded", status=500, message="Boom")
    assert isinstance(error.body, dict)
    assert error.body["error"] == {"code": 500, "message": "Boom", "status": "INTERNAL"}


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        named("no_such_error")


def test_a_field_violation_names_the_field() -> None:
    error = invalid("Bad.", "request.contents")
    violations = _details(error)["BadRequest"]["fieldViolations"]
    assert violations == [{"field": "request.contents", "description": "Bad."}]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.539477544, "539.477544ms"),
        (15722.874982605, "4h22m2.874982605s"),
        (0, "0s"),
        (60, "1m0s"),
        (515092.730699158, "143h4m52.730699158s"),
        (1.5, "1.5s"),
    ],
)
def test_durations_are_written_like_go_writes_them(seconds: float, text: str) -> None:
    assert go_text(seconds) == text
    assert to_seconds(text) == pytest.approx(seconds)


def test_other_spellings_of_a_length() -> None:
    assert whole_text(0.9) == "0s"
    assert proto_text(56.0) == "56s"
    assert to_seconds("68940s") == 68940
    assert to_seconds(12) == 12
    with pytest.raises(ValueError, match="not a duration"):
        to_seconds("soon")
