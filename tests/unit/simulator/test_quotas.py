"""Who may still ask, when the next call is possible, and that the counts are exact."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gswarm.simulator.durations import to_seconds
from gswarm.simulator.errors import GoogleError
from gswarm.simulator.quotas import Quotas

PRO, FLASH = "gemini-2.5-pro", "gemini-2.5-flash"
DAY = 86_400.0
START = 1_800_000_000.0 - 1_800_000_000.0 % DAY + 3_600.0


class Time:
    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def quotas(time: Time) -> Quotas:
    return Quotas(time)


def limit(**fields: Any) -> dict[str, Any]:
    return {"per": "account", "window": "day", "models": "*", "limit": 2} | fields


def spend(quotas: Quotas, calls: int, **who: str) -> int:
    """How many of so many calls were let through."""
    passed = 0
    for _ in range(calls):
        try:
            quotas.admit(
                who.get("account", "alice"),
                who.get("project", "a-1"),
                who.get("model", PRO),
            )
            passed += 1
        except GoogleError:
            continue
    return passed


def refusal(quotas: Quotas, **who: Any) -> tuple[str, float]:
    """(reason or quota id, seconds until the reset) of the refusal."""
    with pytest.raises(GoogleError) as caught:
        quotas.admit(
            who.pop("account", "alice"),
            who.pop("project", "a-1"),
            who.pop("model", PRO),
            **who,
        )
    assert isinstance(caught.value.body, dict)
    details = caught.value.body["error"]["details"]
    first = details[0]
    if "violations" in first:
        delay = to_seconds(details[-1]["retryDelay"])
        return first["violations"][0]["quotaId"], delay
    delay = first.get("metadata", {}).get("quotaResetDelay", "0s")
    return first["reason"], to_seconds(delay)


def test_without_limits_everything_passes(quotas: Quotas) -> None:
    assert spend(quotas, 100) == 100
    assert quotas.admitted["alice", "a-1", PRO] == 100


@pytest.mark.parametrize(
    ("fields", "others"),
    [
        (limit(), {"account": 2, "project": 0, "model": 0}),
        (limit(models="each"), {"account": 2, "project": 0, "model": 2}),
        (limit(models=[PRO]), {"account": 2, "project": 0, "model": 5}),
        (limit(models=[PRO, FLASH]), {"account": 2, "project": 0, "model": 0}),
        (limit(per="project"), {"account": 0, "project": 2, "model": 0}),
        (limit(per="project", models="each"), {"account": 0, "project": 2, "model": 2}),
    ],
)
def test_a_limit_counts_for_its_own_key(
    quotas: Quotas, fields: dict[str, Any], others: dict[str, int]
) -> None:
    changed = {"account": "bob", "project": "a-2", "model": FLASH}
    for name, passes in others.items():
        quotas.configure([fields])
        assert spend(quotas, 5) == 2
        assert spend(quotas, 5, **{name: changed[name]}) == passes, name


def test_a_rolling_window_frees_call_by_call(quotas: Quotas, time: Time) -> None:
    quotas.configure([limit(window="minute")])
    spend(quotas, 1)
    time.now += 20
    spend(quotas, 1)
    assert refusal(quotas) == ("RATE_LIMIT_EXCEEDED", 40.0)
    time.now += 39.5
    assert refusal(quotas) == ("RATE_LIMIT_EXCEEDED", 0.5)
    time.now += 0.5
    assert spend(quotas, 5) == 1
    assert refusal(quotas) == ("RATE_LIMIT_EXCEEDED", 20.0)


def test_a_fixed_window_frees_all_at_once(quotas: Quotas, time: Time) -> None:
    quotas.configure([limit(reset="fixed")])
    spend(quotas, 2)
    assert refusal(quotas) == ("QUOTA_EXHAUSTED", DAY - 3_600)
    time.now += DAY - 3_600
    assert spend(quotas, 5) == 2
    assert refusal(quotas) == ("QUOTA_EXHAUSTED", DAY)


def test_a_refused_call_counts_nowhere(quotas: Quotas, time: Time) -> None:
    quotas.configure(
        [limit(window="minute", limit=1, per="project"), limit(window="day", limit=3)]
    )
    assert spend(quotas, 50) == 1
    assert spend(quotas, 50, project="a-2") == 1
    time.now += 60
    assert spend(quotas, 50) == 1
    assert refusal(quotas, project="a-3")[0] == "QUOTA_EXHAUSTED"
    assert quotas.refused["alice", "a-1", PRO, "rate_limit"] == 49
    assert quotas.refused["alice", "a-1", PRO, "daily_quota"] == 49
    assert quotas.admitted.total() == 3


def test_the_longest_refusal_speaks(quotas: Quotas) -> None:
    quotas.configure([limit(window="minute", limit=1), limit(limit=1)])
    spend(quotas, 1)
    assert refusal(quotas) == ("QUOTA_EXHAUSTED", DAY)


def test_the_gemini_api_has_words_of_its_own(quotas: Quotas) -> None:
    quotas.configure([limit(window="minute", limit=1)])
    spend(quotas, 1)
    quota_id, delay = refusal(quotas, api="gemini_api")
    assert quota_id == "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
    assert delay == 60
    quotas.configure([limit(limit=0)])
    assert refusal(quotas, api="gemini_api")[0].startswith("GenerateRequestsPerDay")


def test_a_limit_may_name_its_error(quotas: Quotas) -> None:
    quotas.configure([limit(limit=0, error="individual_quota")])
    with pytest.raises(GoogleError, match="Individual quota reached"):
        quotas.admit("alice", "a-1", PRO)


def test_capacity_is_switched_per_model(quotas: Quotas) -> None:
    quotas.set_capacity(PRO, False)
    assert refusal(quotas)[0] == "MODEL_CAPACITY_EXHAUSTED"
    assert spend(quotas, 1, model=FLASH) == 1
    quotas.set_capacity(PRO, True)
    assert spend(quotas, 1) == 1


def test_buckets_agree_with_the_limiter(quotas: Quotas) -> None:
    quotas.configure([limit(models="each", limit=4)])
    spend(quotas, 1)
    buckets = {bucket["modelId"]: bucket for bucket in quotas.buckets("alice")}
    assert buckets[PRO]["remainingAmount"] == "3"
    assert buckets[PRO]["remainingFraction"] == 0.75
    assert buckets[PRO]["tokenType"] == "REQUESTS"
    assert buckets[PRO]["resetTime"].endswith("Z")
    assert buckets[FLASH]["remainingFraction"] == 1.0
    assert "gemini-3.5-flash" not in buckets
    spend(quotas, 9)
    assert quotas.buckets("alice")[0]["remainingAmount"] == "0"
    assert quotas.buckets("bob")[0]["remainingAmount"] == "4"


def test_concurrent_calls_admit_exactly_the_limit(quotas: Quotas) -> None:
    quotas.configure([limit(limit=100)])
    threads = [threading.Thread(target=spend, args=(quotas, 50)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert quotas.admitted.total() == 100
    assert quotas.refused.total() == 300


def test_a_bucket_names_the_wait_for_its_next_token(quotas: Quotas, time) -> None:
    quotas.configure([limit(window="bucket", limit=4, rate=2.0)])
    assert spend(quotas, 6) == 4
    with pytest.raises(GoogleError) as refused:
        quotas.admit("alice", "a-2", PRO)
    [info, retry] = refused.value.body["error"]["details"]
    assert info["reason"] == "RATE_LIMIT_EXCEEDED"
    assert info["metadata"]["quotaResetDelay"] == "500ms"
    assert retry["retryDelay"] == "0.5s"
    time.now += 0.5
    assert spend(quotas, 3) == 1
    time.now += 100
    assert spend(quotas, 6) == 4


def test_the_state_is_shown(quotas: Quotas) -> None:
    quotas.configure([limit(models=[PRO], limit=1)])
    quotas.set_capacity(FLASH, False)
    spend(quotas, 2)
    shown = quotas.as_json()
    assert shown["limits"][0]["models"] == [PRO]
    assert shown["capacity"] == {FLASH: False}
    who = {"account": "alice", "project": "a-1", "model": PRO}
    assert shown["admitted"] == [who | {"count": 1}]
    assert shown["refused"] == [who | {"error": "daily_quota", "count": 1}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"per": "planet"},
        {"window": "week"},
        {"reset": "never"},
        {"models": "some"},
        {"window": "bucket"},
        {"rate": 2},
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    quotas: Quotas, wrong: dict[str, str]
) -> None:
    quotas.configure([limit(limit=1)])
    with pytest.raises(ValueError, match="takes"):
        quotas.configure([limit(**wrong)])
    assert spend(quotas, 5) == 1
