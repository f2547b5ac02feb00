"""What the pool tells of rests, recoveries and accounts."""

from __future__ import annotations

import json

import pytest

from gswarm import errors
from gswarm.store import names
from gswarm.store.projects import Projects

from .test_pool import FLASH, PRO, fail, taken


@pytest.fixture
def told(store):
    """What was told since last asked, as (kind, payload)s; hints for processes not."""
    last = "-"

    def ask():
        nonlocal last
        found = store.xrange(names.EVENTS, last)
        last = f"({found[-1][0]}" if found else last
        return [
            (each["kind"], json.loads(each["payload"]))
            for _, each in found
            if each["kind"] != "pool_changed"
        ]

    return ask


def recovered(project_id, model, account="alice"):
    payload = {"projectId": project_id, "account": account, "model": model}
    return ("project_recovered", payload)


def cooled(project_id, model, reason, until, account="alice"):
    _, payload = recovered(project_id, model, account)
    return ("project_cooldown", payload | {"reason": reason, "until": until})


def ms(instant):
    return round(instant * 1000)


def test_a_rest_is_told_and_so_is_its_end_by_the_clock(
    pool, add_projects, clock, told
) -> None:
    (one,) = add_projects("alice")
    fail(pool, errors.RateLimited("slow", seconds=30))
    ends = clock() + 30
    assert told() == [cooled(one, PRO, "rate_limit", ms(ends))]
    assert pool.end_rests() == ends
    assert told() == []
    clock.pass_(30)
    assert pool.end_rests() is None
    assert told() == [recovered(one, PRO)]
    pool.end_rests()
    assert told() == []


def test_many_answers_in_flight_are_one_rest(pool, add_projects, told) -> None:
    add_projects("alice")
    for each in [taken(pool) for _ in range(20)]:
        pool.fail(each, errors.RateLimited("slow", seconds=30))
    assert [kind for kind, _ in told()] == ["project_cooldown"]


def test_a_longer_rest_is_told_again(pool, add_projects, clock, told) -> None:
    add_projects("alice")
    first, second = taken(pool), taken(pool)
    pool.fail(first, errors.RateLimited("slow", seconds=30))
    pool.fail(second, errors.QuotaExhausted("no more", seconds=3600))
    assert [(p["reason"], p["until"] - ms(clock())) for _, p in told()] == [
        ("rate_limit", 30_000),
        ("quota_exhausted", 3_600_000),
    ]
    clock.pass_(31)
    pool.end_rests()
    assert told() == []


def test_a_success_after_a_rest_is_a_recovery(pool, add_projects, clock, told) -> None:
    (one,) = add_projects("alice")
    fail(pool, errors.QuotaExhausted("no more", seconds=7200))
    clock.pass_(61)
    told()
    pool.succeed(taken(pool))  # a probe
    assert told() == [recovered(one, PRO)]


def test_each_project_of_a_resting_account_is_named(
    pool, add_projects, clock, told
) -> None:
    ids = add_projects("alice", 3)
    fail(pool, errors.IndividualQuotaExhausted("no more", seconds=60))
    ends = ms(clock() + 60)
    expected = [cooled(each, None, "quota_exhausted", ends) for each in ids]
    assert sorted(told(), key=str) == expected
    clock.pass_(60)
    pool.end_rests()
    assert sorted(told(), key=str) == [recovered(each, None) for each in ids]


def test_what_still_rests_for_another_cause_has_not_recovered(
    pool, add_projects, clock, told
) -> None:
    add_projects("alice")
    one, other = taken(pool), taken(pool)
    pool.fail(one, errors.RateLimited("slow", seconds=30))
    pool.fail(other, errors.IndividualQuotaExhausted("no more", seconds=60))
    told()
    clock.pass_(31)
    pool.end_rests()
    assert told() == []
    clock.pass_(30)
    pool.end_rests()
    assert [payload["model"] for _, payload in told()] == [None]


def test_a_rest_ended_by_hand_is_a_recovery(pool, add_projects, told) -> None:
    (one,) = add_projects("alice")
    fail(pool, errors.RateLimited("slow"))
    fail(pool, errors.RateLimited("slow"), FLASH)
    told()
    pool.wake(one)
    assert sorted(told(), key=str) == [recovered(one, FLASH), recovered(one, PRO)]


def test_a_disabled_project_does_not_recover(
    pool, add_projects, store, clock, told
) -> None:
    (one,) = add_projects("alice")
    fail(pool, errors.RateLimited("slow"))
    Projects(store, clock=clock).enable(one, False)
    told()
    clock.pass_(61)
    pool.end_rests()
    assert told() == []


def test_an_account_that_ends_is_told_once(pool, add_projects, told) -> None:
    add_projects("alice")
    verdict = errors.AccountBlocked(
        "suspended", action_url="https://example.com/appeal"
    )
    for each in [taken(pool) for _ in range(3)]:
        pool.fail(each, verdict)
    assert told() == [
        (
            "account_invalid",
            {
                "account": "alice",
                "reason": "auth",
                "message": "suspended",
                "actionUrl": "https://example.com/appeal",
            },
        )
    ]


def test_an_account_invalidated_between_requests_is_told_of(accounts, told) -> None:
    accounts.keep("alice", "cloudcode", {"refresh_token": "r"})
    accounts.invalidate("alice", errors.NotLoggedIn("gone"))
    [(kind, payload)] = told()
    assert (kind, payload["account"]) == ("account_invalid", "alice")
    assert payload["reason"] == "not_logged_in"


def test_a_repaired_account_recovers(pool, accounts, add_projects, told) -> None:
    (one,) = add_projects("alice")
    fail(pool, errors.VerificationRequired("verify", action_url="https://example.com"))
    told()
    accounts.enable("alice", True)
    assert told() == [recovered(one, None)]


def test_the_state_counts_projects_and_accounts(
    pool, accounts, add_projects, clock
) -> None:
    add_projects("alice", 3)
    accounts.keep("alice", "cloudcode", {"refresh_token": "r"})
    accounts.keep("bob", "cloudcode", {"refresh_token": "r"})
    accounts.invalidate("bob", errors.NotLoggedIn("gone"))
    fail(pool, errors.RateLimited("slow"))
    fail(pool, errors.RateLimited("slow"), FLASH)
    fail(pool, errors.ModelMissing("what?"), FLASH)
    assert pool.state().cooling == 0
    fail(pool, errors.RateLimited("slow"))
    state = pool.state()
    assert (state.accounts, state.usable_accounts) == (2, 1)
    assert (state.projects, state.usable) == (3, 3)
    assert state.cooling == 1


def test_the_state_tells_failing_from_switched_off(
    store, pool, accounts, add_projects, clock
) -> None:
    add_projects("alice", 2)
    fail(pool, errors.ProjectDenied("the API is disabled"))
    add_projects("bob", 2)
    Projects(store, clock=clock).enable("bob-01", False)
    add_projects("carol", 3)
    for email in ("alice", "bob", "carol"):
        accounts.keep(email, "cloudcode", {"refresh_token": "r"})
    for email in ("bob", "carol"):
        accounts.invalidate(email, errors.NotLoggedIn("gone"))
    accounts.enable("carol", False)
    state = pool.state()
    assert (state.refused, state.shut_out, state.cooling) == (1, 1, 0)
    assert (state.accounts, state.usable_accounts, state.failing_accounts) == (3, 1, 1)


def test_an_account_that_is_refused_for_a_while_fails_but_stays_in_rotation(
    pool, accounts, add_projects
) -> None:
    add_projects("alice", 2)
    accounts.keep("alice", "cloudcode", {"refresh_token": "r"})
    fail(pool, errors.VerificationRequired("verify", action_url="https://example.com"))
    state = pool.state()
    assert (state.usable, state.refused, state.failing_accounts) == (2, 2, 1)


def test_the_state_tells_when_a_limited_request_was_answered_elsewhere(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 2)
    fail(pool, errors.RateLimited("slow"))
    assert pool.state().models[PRO].routed_at is None
    pool.succeed(taken(pool), routed=True)
    assert pool.state().models[PRO].routed_at == clock()
