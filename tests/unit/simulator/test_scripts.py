"""Which scripted fault meets which call."""

from __future__ import annotations

from typing import Any

import pytest

from gswarm.simulator.calls import Call
from gswarm.simulator.scripts import Scripts, check

RATE, DAILY = {"error": "rate_limit"}, {"error": "daily_quota"}


def a_call(**fields: Any) -> Call:
    facts = {"account": "alice@example.com", "project": "alice-01", "model": "m"}
    return Call(1, 0.0, "generateContent", "", {}, **(facts | fields))


def test_the_oldest_rule_that_matches_acts_and_is_used_up() -> None:
    scripts = Scripts()
    scripts.add({"project": "bob-01"}, 1, {"status": 500})
    scripts.add({"project": "alice-01"}, 2, RATE)
    scripts.add({}, 1, DAILY)

    taken = [scripts.take(a_call()) for _ in range(4)]

    assert taken == [RATE, RATE, DAILY, {}]
    assert len(scripts.pending()) == 1


def test_without_a_number_a_rule_acts_for_ever() -> None:
    scripts = Scripts()
    scripts.add({}, None, RATE)

    assert all(scripts.take(a_call()) == RATE for _ in range(5))


def test_every_named_field_must_agree() -> None:
    scripts = Scripts()
    scripts.add({"project": "alice-01", "model": "other"}, 1, RATE)

    assert scripts.take(a_call()) == {}
    assert scripts.take(a_call(model="other")) == RATE


def test_a_list_means_any_of_these() -> None:
    scripts = Scripts()
    scripts.add({"project": ["alice-01", "alice-02"]}, None, RATE)

    assert scripts.take(a_call(project="alice-02")) == RATE
    assert scripts.take(a_call(project="alice-03")) == {}


def test_a_field_no_call_has_is_refused() -> None:
    with pytest.raises(ValueError, match="projct"):
        Scripts().add({"projct": "alice-01"}, 1, RATE)


@pytest.mark.parametrize(
    "do",
    [
        {"error": "no_such_error"},
        {"midstream_error": {"after": 1, "error": "no_such_error"}},
        {"cuts": {"after": 1}},
    ],
)
def test_a_fault_there_is_not_is_refused(do: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no error is named|cannot do"):
        check(do)


@pytest.mark.parametrize(
    "do",
    [
        {"error": "rate_limit", "reset_after": "21h10m20s", "legacy": True},
        {"status": 418, "body": {}},
        {"stall": {"before": 2, "seconds": 1}, "split_writes": True},
        {"midstream_error": {"after": 1, "how": "raw", "error": "high_demand"}},
    ],
)
def test_a_fault_there_is_passes(do: dict[str, Any]) -> None:
    check(do)
