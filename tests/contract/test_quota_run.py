"""All that Google's limits allow gets through, and hardly anything is refused."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.contract.asking import FLASH, PRO, ask_all

LITE, THIRD = "gemini-2.5-flash-lite", "gemini-3-flash-preview"
PROJECTS, ACCOUNTS = 12, 3


def limit(per: str, window: str, model: str, number: int) -> dict:
    return {"per": per, "window": window, "models": [model], "limit": number}


@pytest.fixture
def limited(google):
    """Google as ``gateway`` knows it, with a limit of every kind."""
    google.quota(
        limits=[
            limit("project", "minute", PRO, 5),
            limit("account", "day", FLASH, 20),
            limit("project", "minute", THIRD, 4),
            limit("account", "day", LITE, 12),
        ]
    )
    return google


def refused(google, model) -> Counter[str]:
    """Refusals by project."""
    calls = google.calls(brief=True, model=model, status=429)
    return Counter(call["project"] for call in calls)


def test_limits_that_are_given_are_used_up_without_a_refusal(
    gateway, limited, configure
):
    configure(
        quotaManagement={
            "limits": {PRO: {"perMinutePerProject": 5}, FLASH: {"perDayPerAccount": 20}}
        }
    )
    minute = ask_all(gateway, PROJECTS * 5 + 15, at_once=30, model=PRO)
    day = ask_all(gateway, ACCOUNTS * 20 + 15, at_once=30, model=FLASH)

    assert Counter(each.status_code for each in minute) == {200: 60, 429: 15}
    assert Counter(each.status_code for each in day) == {200: 60, 429: 15}
    codes = {each.json()["error"]["code"] for each in day if each.status_code == 429}
    assert codes == {"insufficient_quota"}
    assert not refused(limited, PRO)
    assert not refused(limited, FLASH)


def test_a_lower_limit_is_felt_before_the_next_call(gateway, google, configure):
    begun = ask_all(gateway, 2 * PROJECTS, at_once=4, model=PRO)
    assert {each.status_code for each in begun} == {200}
    google.forget_calls()

    configure(quotaManagement={"limits": {PRO: {"perMinutePerProject": 1}}})

    assert {each.status_code for each in ask_all(gateway, 16, model=PRO)} == {429}
    assert not google.calls(brief=True, model=PRO)


def test_limits_nobody_gave_are_learnt_from_two_refusals_at_most(gateway, limited):
    minute = ask_all(gateway, PROJECTS * 4 + 15, at_once=1, model=THIRD)
    day = ask_all(gateway, ACCOUNTS * 12 + 15, at_once=1, model=LITE)

    assert Counter(each.status_code for each in minute)[200] == PROJECTS * 4
    assert Counter(each.status_code for each in day)[200] == ACCOUNTS * 12
    assert max(refused(limited, THIRD).values()) <= 2
    by_account = Counter(
        {
            each: sum(
                number
                for project, number in refused(limited, LITE).items()
                if project.startswith(each)
            )
            for each in ("alice", "bob", "carol")
        }
    )
    assert max(by_account.values()) <= 2
    uses = gateway.look("/api/gswarm/status").json()["quota"]["uses"]
    learnt = {use["account"]: use for use in uses if use["model"] == LITE}
    assert {(use["limit"], use["source"]) for use in learnt.values()} == {
        (12, "learnt")
    }
