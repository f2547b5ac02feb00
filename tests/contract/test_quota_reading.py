"""What Google says is left of its quotas, and whether it is believed."""

from __future__ import annotations

import pytest

from gswarm.store import names
from tests.contract.asking import FLASH, ask_all
from tests.gateway_process import wait_for

METHOD = "retrieveUserQuota"
DEFAULT, THERE = "gemini-3.5-flash", "gemini-3-flash"


@pytest.fixture
def limited(google):
    """Every account may ask FLASH twenty times a day."""
    google.quota(
        limits=[{"per": "account", "window": "day", "models": [FLASH], "limit": 20}]
    )
    return google


def uses(gateway):
    found = gateway.rooms.quotas.uses()
    return {each.account: (each.used, each.limit, each.source) for each in found}


def test_the_limit_is_learnt_without_a_refusal(gateway, limited):
    ask_all(gateway, 12, at_once=4)
    gateway.rooms.quota_reading.ask_google()
    assert {limit for _, limit, _ in uses(gateway).values()} == {20}

    answers = ask_all(gateway, 60, at_once=10)
    assert sum(each.status_code == 200 for each in answers) == 48
    assert not limited.calls(brief=True, status=429)


def test_what_is_told_of_a_model_by_its_other_name_counts_for_it(gateway, google):
    limit = {"per": "account", "window": "day", "models": [THERE], "limit": 20}
    google.quota(limits=[limit])
    ask_all(gateway, 12, at_once=4, model=DEFAULT)
    gateway.rooms.quota_reading.ask_google()
    assert {limit for _, limit, _ in uses(gateway).values()} == {20}

    answers = ask_all(gateway, 60, at_once=10, model=DEFAULT)
    assert sum(each.status_code == 200 for each in answers) == 48
    assert not google.calls(brief=True, status=429)


def test_each_account_is_asked_about_once_in_five_minutes(gateway, limited):
    gateway.rooms.quota_reading.ask_google()
    assert not limited.calls(brief=True, method=METHOD), "nobody is in use"

    ask_all(gateway, 12, at_once=4)
    for _ in range(3):
        gateway.rooms.quota_reading.ask_google()
    asked = [call["account"] for call in limited.calls(brief=True, method=METHOD)]
    assert len(asked) == len(set(asked)) == 3


def test_one_process_asks_for_all(gateway, limited):
    ask_all(gateway, 12, at_once=4)
    gateway.rooms.quota_reading.go_round()
    assert not limited.calls(brief=True, method=METHOD), "it is another's turn"

    gateway.store.delete(names.lock("quotas"))
    gateway.rooms.quota_reading.go_round()
    wait_for(lambda: len(limited.calls(brief=True, method=METHOD)) == 3)


def test_a_lie_is_not_believed(gateway, limited):
    for each in limited.accounts():
        limited.account(each["email"], buckets_lie=True)
    ask_all(gateway, 12, at_once=4)
    gateway.rooms.quota_reading.ask_google()

    assert {limit for _, limit, _ in uses(gateway).values()} == {None}
