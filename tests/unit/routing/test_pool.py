"""What the pool does with each verdict, on a real store."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable

import pytest

from gswarm import errors
from gswarm.routing.pool import NoneAvailable, Pool, Reservation
from gswarm.store import names
from gswarm.store.connection import Store
from gswarm.store.leases import Lease
from gswarm.store.projects import Project, Projects

pytestmark = pytest.mark.every_server

PRO, FLASH = "gemini-2.5-pro", "gemini-2.5-flash"


def taken(pool: Pool, model: str = PRO, **options) -> Reservation:
    found = pool.take(model, **options)
    assert isinstance(found, Reservation), found
    return found


def nothing(pool: Pool, model: str = PRO, **options) -> NoneAvailable:
    found = pool.take(model, **options)
    assert isinstance(found, NoneAvailable), found
    return found


def fail(
    pool: Pool, verdict: errors.Verdict, model: str = PRO, **options
) -> Reservation:
    """Take a project and have it fail."""
    one = taken(pool, model, **options)
    pool.fail(one, verdict)
    return one


def resting(pool: Pool, model: str = PRO) -> dict[str, int]:
    return dict(pool.state(model).models[model].resting)


# ------------------------------------------------------------------- choosing


def test_projects_take_turns(pool, add_projects, clock) -> None:
    ids = add_projects("alice", 3)
    for _ in range(2):
        round_ = []
        for _ in ids:
            clock.pass_(1)
            one = taken(pool)
            round_.append(one.project_id)
            pool.succeed(one)
        assert sorted(round_) == ids


def test_a_taken_project_says_all_that_is_needed_to_call_it(pool, add_projects) -> None:
    add_projects("alice", 2)
    one = taken(pool)
    assert (one.account, one.upstream) == ("alice", "cloudcode")
    assert one.sealed == {"access_token": "sealed-alice"}
    assert one.health.score == 1.0
    assert (one.candidates, one.passed_over) == (2, {})
    assert "sealed" not in repr(one)


def test_the_least_busy_project_comes_first(pool, add_projects) -> None:
    ids = add_projects("alice", 4)
    first = [taken(pool) for _ in ids]
    assert sorted(each.project_id for each in first) == ids
    pool.release(first[2])
    assert taken(pool).project_id == first[2].project_id


def shares(found: Iterable[Reservation]) -> list[int]:
    return sorted(Counter(each.account for each in found).values())


@pytest.mark.parametrize("number", [3, 10, 24, 36, 50, 100])
def test_a_burst_gives_each_account_its_share(pool, add_projects, number) -> None:
    for name in ("alice", "bob", "carol"):
        add_projects(name, 12)
    counts = shares(taken(pool) for _ in range(number))
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == number


@pytest.mark.parametrize("seed", range(4))
def test_any_run_gives_each_account_its_share_however_long_answers_take(
    pool, add_projects, clock, seed
) -> None:
    """A pool that has been at work for a while: who rests longest is no account's
    privilege."""
    dice, flying = random.Random(seed), list[Reservation]()
    for name in ("alice", "bob", "carol", "dave"):
        add_projects(name, 6)
    for _ in range(300):
        clock.pass_(dice.choice((0.0, 0.02, 0.4)))
        flying.append(taken(pool))
        while len(flying) > dice.randrange(12):
            pool.succeed(flying.pop(dice.randrange(len(flying))))
    for each in flying:
        pool.succeed(each)
    assert shares(taken(pool) for _ in range(20)) == [5, 5, 5, 5]


def test_a_project_that_has_rested_much_longer_comes_before_its_accounts_turn(
    pool, add_projects, clock
) -> None:
    rested, other = add_projects("alice", 2)
    [bob] = add_projects("bob", 1)
    for each in (bob, other):
        others = [tried for tried in (rested, other, bob) if tried != each]
        pool.succeed(taken(pool, tried=others))
        clock.pass_(0.5)
    assert taken(pool).project_id == rested


def test_an_accounts_requests_under_way_count_for_every_model(
    pool, add_projects, store
) -> None:
    add_projects("alice", 3)
    add_projects("bob", 3)
    busy = [taken(pool, FLASH, prefer_account="alice") for _ in range(2)]
    first, second = taken(pool), taken(pool)
    assert [first.account, second.account] == ["bob", "bob"]
    for each in (*busy, first, second):
        pool.release(each)
    for account in ("alice", "bob"):
        assert store.hget(names.account(account), "inFlight") == "0"


def test_tried_projects_are_left_out(pool, add_projects) -> None:
    one, two = add_projects("alice", 2)
    assert taken(pool, tried=[one]).project_id == two
    found = nothing(pool, tried=[one, two])
    assert (found.reason, found.passed_over) == ("tried", {"tried": 2})


def test_the_preferred_account_comes_first_while_it_can_serve(
    pool, add_projects
) -> None:
    add_projects("alice", 3)
    ids = add_projects("bob", 2)
    for _ in ids:
        assert taken(pool, prefer_account="bob").project_id in ids
    fail(pool, errors.IndividualQuotaExhausted("no more"), prefer_account="bob")
    assert taken(pool, prefer_account="bob").account == "alice"


def test_a_project_that_failed_ranks_below_the_others_after_its_rest(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 3)
    sick = fail(pool, errors.ServerFailure("boom"))
    clock.pass_(301)
    order = [taken(pool, tried=()).project_id for _ in range(2)]
    assert sick.project_id not in order


def test_an_empty_pool_has_no_account(pool) -> None:
    found = nothing(pool)
    assert (found.reason, found.free_at, found.candidates) == ("no_account", None, 0)


def test_giving_back_twice_is_giving_back_once(pool, add_projects, store) -> None:
    (one,) = add_projects("alice")
    first, second = taken(pool), taken(pool)
    pool.release(first)
    pool.succeed(first)
    assert store.hget(names.project_status(one), "inFlight") == "1"
    pool.release(second)
    assert store.hget(names.project_status(one), "inFlight") == "0"


def test_what_a_lost_round_trip_kept_is_given_back_by_the_next_renewal(
    make_pool, add_projects, store, clock
) -> None:
    (one,) = add_projects("alice")
    lease = Lease(store, clock=clock)
    pool = Pool(store, lease, clock=clock)
    pool.succeed(taken(pool), pool.pipeline())  # never executed
    assert store.hget(names.project_status(one), "inFlight") == "1"
    lease.renew()
    assert store.hget(names.project_status(one), "inFlight") == "0"


def test_settling_shares_its_round_trip(pool, add_projects, store) -> None:
    add_projects("alice")
    with pool.pipeline() as pipe:
        pool.fail(taken(pool), errors.RateLimited("slow down"), pipe)
        pipe.set("somebody", "else").execute()
    assert resting(pool) == {"rate_limit": 1}


# ------------------------------------------------------------------- verdicts


def test_the_callers_mistake_rests_nothing(pool, add_projects) -> None:
    add_projects("alice")
    one = taken(pool)
    assert pool.fail(one, errors.CallersMistake("wrong")) is None
    assert resting(pool) == {}
    assert taken(pool).health.success == 1


def test_a_rate_limit_rests_one_model_of_one_project(pool, add_projects, clock) -> None:
    add_projects("alice")
    ends = pool.fail(taken(pool), errors.RateLimited("slow down", seconds=1.5))
    assert ends == clock() + 1.5
    found = nothing(pool)
    assert (found.reason, found.free_at) == ("resting", clock() + 1.5)
    assert found.passed_over == {"rate_limit": 1}
    pool.release(taken(pool, FLASH))
    clock.pass_(1.5)
    assert taken(pool).health.success == 1, "being limited is no illness"


def test_a_model_that_is_not_there_rests_an_hour(pool, add_projects, clock) -> None:
    add_projects("alice")
    assert pool.fail(taken(pool), errors.ModelMissing("404")) == clock() + 3600
    assert resting(pool) == {"not_found": 1}


@pytest.mark.parametrize("verdict", [errors.ProjectDenied("iam")])
def test_a_denied_project_rests_for_every_model(
    pool, add_projects, clock, verdict
) -> None:
    one, two = add_projects("alice", 2)
    pool.release(taken(pool, FLASH))
    denied = fail(pool, verdict).project_id
    for model in (PRO, FLASH, "gemini-3.5-flash"):
        assert taken(pool, model).project_id == ({one, two} - {denied}).pop()
        assert resting(pool, model) == {"auth": 1}
    clock.pass_(300)
    assert pool.state().models[FLASH].ready == 2


@pytest.mark.parametrize(
    ("verdict", "seconds"),
    [
        (errors.AccessRefused("401"), 300),
        (errors.VerificationRequired("verify", action_url="https://g.example"), 300),
        (errors.LocationUnsupported("location"), 3600),
    ],
)
def test_an_account_that_may_not_rests_with_all_its_projects(
    pool, add_projects, clock, verdict, seconds
) -> None:
    add_projects("alice", 3)
    add_projects("bob", 1)
    assert pool.fail(taken(pool), verdict) == clock() + seconds
    assert taken(pool, FLASH).account == "bob"
    assert resting(pool, PRO) == resting(pool, FLASH) == {"auth": 3}
    clock.pass_(seconds)
    assert pool.state().models[PRO].ready == 4


@pytest.mark.parametrize(
    "verdict",
    [
        errors.NotLoggedIn("invalid_grant"),
        errors.AccountBlocked("suspended"),
        errors.CredentialRejected("API key not valid"),
    ],
)
def test_a_dead_account_leaves_the_pool_for_good(
    pool, add_projects, clock, store, verdict
) -> None:
    add_projects("alice", 2)
    assert pool.fail(taken(pool), verdict) == math.inf
    clock.pass_(30 * 86_400)
    assert nothing(pool).reason == "no_account"
    assert nothing(pool, FLASH).reason == "no_account"
    record = store.hgetall(names.account("alice"))
    assert record["is_invalid"] == "1"
    assert record["invalid_reason"] == verdict.message


def test_a_repaired_account_does_not_die_of_an_older_call(
    pool, add_projects, accounts
) -> None:
    add_projects("alice", 2)
    before, late = taken(pool), taken(pool)
    pool.fail(before, errors.NotLoggedIn("invalid_grant"))
    accounts.enable("alice", True)
    pool.fail(late, errors.NotLoggedIn("invalid_grant"))
    assert isinstance(pool.take(PRO), Reservation)


def test_strikes_in_a_row_rest_longer_until_a_success(
    pool, add_projects, clock
) -> None:
    add_projects("alice")
    for seconds in (60, 60, 60, 120, 240):
        assert pool.fail(taken(pool), errors.ServerFailure("boom")) == (
            clock() + seconds
        )
        clock.pass_(seconds)
    pool.succeed(taken(pool))
    assert pool.fail(taken(pool), errors.ServerFailure("boom")) == clock() + 60


def test_limits_that_say_nothing_rest_longer_after_the_third_in_a_row(
    pool, add_projects, clock
) -> None:
    add_projects("alice")
    rests = []
    for _ in range(12):
        ends = pool.fail(pool.take(PRO), errors.RateLimited("check quota"))
        rests.append(round(ends - clock()))
        clock.pass_(rests[-1])
    assert rests == [60, 60, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    pool.succeed(pool.take(PRO))
    ends = pool.fail(pool.take(PRO), errors.RateLimited("check quota"))
    assert ends == clock() + 60


def test_many_calls_in_flight_on_a_dying_project_are_one_strike(
    pool, add_projects, store
) -> None:
    (one,) = add_projects("alice")
    flying = [taken(pool) for _ in range(20)]
    for each in flying:
        pool.fail(each, errors.ServerFailure("boom"))
    pair = names.pair_status(one, PRO)
    assert store.hget(pair, "consecutiveErrors") == "1"
    assert store.hget(pair, "errorCount") == "20"


def test_of_two_rests_the_later_end_counts(pool, add_projects, clock) -> None:
    add_projects("alice")
    first, second, third = taken(pool), taken(pool), taken(pool)
    pool.fail(first, errors.QuotaExhausted("gone", seconds=7200))
    pool.fail(second, errors.RateLimited("slow down", seconds=5))
    pool.fail(third, errors.ServerFailure("boom"))
    assert nothing(pool).free_at == clock() + 7200
    assert resting(pool) == {"quota_exhausted": 1}


@pytest.mark.parametrize("failure_ends_later", [True, False])
def test_a_failed_project_that_also_rests_for_another_reason_is_no_last_resort(
    pool, add_projects, clock, failure_ends_later
) -> None:
    add_projects("alice")
    failed, denied = taken(pool), taken(pool)
    seconds = 400.0 if failure_ends_later else 5.0
    pool.fail(failed, errors.ServerFailure("boom", seconds=seconds))
    pool.fail(denied, errors.ProjectDenied("iam"))
    assert nothing(pool).passed_over == {"auth": 1}
    assert nothing(pool).free_at == clock() + max(seconds, 300)


def test_the_reason_that_lasts_longest_is_the_one_given(pool, add_projects) -> None:
    add_projects("alice")
    limited, denied = taken(pool), taken(pool)
    pool.fail(limited, quota(9000))
    pool.fail(denied, errors.ProjectDenied("iam"))
    assert resting(pool) == {"quota_exhausted": 1}


def test_a_success_older_than_a_rest_does_not_end_it(pool, add_projects) -> None:
    add_projects("alice")
    slow, limited = taken(pool), taken(pool)
    pool.fail(limited, errors.RateLimited("slow down"))
    pool.succeed(slow)
    assert resting(pool) == {"rate_limit": 1}


# ---------------------------------------------------------------- daily quota


def quota(seconds: float = 76_220) -> errors.QuotaExhausted:
    return errors.QuotaExhausted(
        "used up", seconds=seconds, reset_reason="21h10m20s", reset_at=1.8e9 + seconds
    )


def test_a_second_refusal_of_the_daily_quota_rests_the_account_for_that_model(
    pool, add_projects, store
) -> None:
    add_projects("alice", 5)
    first = fail(pool, quota())
    assert resting(pool) == {"quota_exhausted": 1}
    fail(pool, quota())
    assert nothing(pool).reason == "quota_exhausted"
    assert resting(pool) == {"quota_exhausted": 5}
    pool.release(taken(pool, FLASH))
    pair = store.hgetall(names.pair_status(first.project_id, PRO))
    assert pair["quotaResetReason"] == "21h10m20s"
    assert pair["lastErrorType"] == "quota_exhausted"


def test_the_same_project_twice_does_not_rest_its_account(pool, add_projects) -> None:
    add_projects("alice", 2)
    one, two, again = taken(pool), taken(pool), taken(pool)
    assert one.project_id == again.project_id
    pool.fail(one, quota())
    pool.fail(again, quota())
    pool.release(two)
    assert resting(pool) == {"quota_exhausted": 1}


def test_a_refusal_after_the_first_ones_reset_starts_afresh(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 3)
    fail(pool, quota(3600))
    clock.pass_(3601)
    fail(pool, quota(3600))
    assert resting(pool) == {"quota_exhausted": 1}


@pytest.mark.parametrize(("scope", "rests"), [("account", 3), ("project", 1)])
def test_the_quotas_scope_can_be_told(make_pool, add_projects, scope, rests) -> None:
    add_projects("alice", 3)
    add_projects("bob", 1)
    pool = make_pool(quota_scope=scope)
    fail(pool, quota(), prefer_account="alice")
    assert resting(pool) == {"quota_exhausted": rests}


def test_an_individual_quota_rests_the_account_for_every_model(
    pool, add_projects
) -> None:
    add_projects("alice", 3)
    pool.release(taken(pool, FLASH))
    fail(pool, errors.IndividualQuotaExhausted("used up", seconds=9000))
    assert resting(pool, PRO) == resting(pool, FLASH) == {"quota_exhausted": 3}
    assert nothing(pool, FLASH).reason == "quota_exhausted"


# ------------------------------------------------------------------- capacity


def test_a_model_without_capacity_rests_as_a_whole(pool, add_projects, clock) -> None:
    add_projects("alice", 3)
    for seconds in (2, 4, 8, 16, 32, 60, 60):
        fail(pool, errors.CapacityExhausted("full"))
        found = nothing(pool)
        assert found.is_model_rest
        assert found.free_at == clock() + seconds
        assert resting(pool) == {}, "no project is to blame"
        pool.release(taken(pool, FLASH))
        clock.pass_(seconds)
    pool.succeed(taken(pool))
    fail(pool, errors.CapacityExhausted("full"))
    assert nothing(pool).free_at == clock() + 2


def test_one_other_project_may_be_asked_past_a_models_rest(pool, add_projects) -> None:
    add_projects("alice", 2)
    first = fail(pool, errors.CapacityExhausted("full"))
    other = taken(pool, tried=[first.project_id], past_model_rest=True)
    pool.succeed(other)
    assert isinstance(pool.take(PRO), Reservation), (
        "an answer proves that there is capacity"
    )


def test_many_calls_in_flight_are_one_strike_against_a_model(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 2)
    for each in [taken(pool) for _ in range(20)]:
        pool.fail(each, errors.CapacityExhausted("full"))
    assert nothing(pool).free_at == clock() + 2


def test_projects_that_lack_the_model_do_not_hide_that_the_rest_is_used_up(
    pool, add_projects
) -> None:
    for account in ("alice", "bob", "carol"):
        add_projects(account)
    fail(pool, errors.ModelMissing("404"))
    fail(pool, errors.ModelMissing("404"))
    fail(pool, quota())
    found = nothing(pool)
    assert found.reason == "quota_exhausted"
    assert found.passed_over == {"not_found": 2, "quota_exhausted": 1}


def test_where_all_lack_the_model_no_quota_is_used_up(pool, add_projects) -> None:
    add_projects("alice")
    fail(pool, errors.ModelMissing("404"))
    assert nothing(pool).reason == "resting"


# -------------------------------------------------------- last resort, probes


def test_when_all_failed_the_first_to_recover_is_tried_anyway(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 3)
    first = fail(pool, errors.ServerFailure("boom"))
    clock.pass_(1)
    second = fail(pool, errors.ServerFailure("boom"))
    clock.pass_(1)
    fail(pool, errors.RateLimited("slow down"))
    resort = taken(pool)
    assert resort.project_id == first.project_id
    assert resort.health.cooldown == 1
    assert taken(pool, tried=[first.project_id]).project_id == second.project_id
    tried = [first.project_id, second.project_id]
    assert nothing(pool, tried=tried).reason == "resting"


def test_a_success_out_of_turn_ends_the_rest(pool, add_projects) -> None:
    add_projects("alice")
    fail(pool, errors.ServerFailure("boom"))
    pool.succeed(taken(pool))
    assert resting(pool) == {}


def test_a_long_rest_sees_one_refused_call_and_then_one_probe_a_minute(
    pool, add_projects, clock
) -> None:
    add_projects("alice")
    fail(pool, quota())
    calls = []
    for second in range(1, 200):
        clock.pass_(1)
        found = pool.take(PRO)
        if isinstance(found, Reservation):
            assert found.is_probe
            calls.append(second)
            pool.fail(found, quota(76_220 - second))
        else:
            assert found.reason == "quota_exhausted"
    assert calls == [60, 120, 180]


def test_probes_are_counted_per_account_and_model(pool, add_projects, clock) -> None:
    for account in ("alice", "bob"):
        add_projects(account, 2)
    for _ in range(4):
        fail(pool, quota())
    for _ in range(4):
        fail(pool, quota(), FLASH)
    clock.pass_(60)
    probed = [taken(pool, model).account for model in (PRO, PRO, FLASH, FLASH)]
    assert sorted(probed) == ["alice", "alice", "bob", "bob"]
    assert isinstance(pool.take(PRO), NoneAvailable)


def test_nobody_is_probed_while_somebody_can_serve_soon(
    pool, add_projects, clock
) -> None:
    add_projects("alice")
    add_projects("bob")
    fail(pool, quota(), prefer_account="alice")
    clock.pass_(61)
    fail(pool, errors.RateLimited("slow down", seconds=5))
    assert nothing(pool).free_at == clock() + 5
    clock.pass_(5)
    fail(pool, errors.RateLimited("slow down", seconds=5.1))
    assert taken(pool).is_probe


def test_a_new_refusal_puts_the_next_probe_off(pool, add_projects, clock) -> None:
    add_projects("alice", 2)
    fail(pool, quota())
    clock.pass_(59)
    fail(pool, quota())
    clock.pass_(59)
    nothing(pool)
    clock.pass_(1)
    assert taken(pool).is_probe


def test_short_rests_are_not_probed(pool, add_projects, clock) -> None:
    add_projects("alice")
    fail(pool, errors.RateLimited("slow down", seconds=299))
    clock.pass_(100)
    assert nothing(pool).reason == "resting"


def test_a_good_probe_ends_the_rests_of_project_and_account(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 4)
    fail(pool, quota())
    fail(pool, quota())
    assert resting(pool) == {"quota_exhausted": 4}
    clock.pass_(60)
    pool.succeed(taken(pool))
    state = pool.state(PRO).models[PRO]
    assert state.ready >= 3, "only a project that was refused itself may still rest"
    assert state.resting.get("quota_exhausted", 0) <= 1


def test_a_good_probe_takes_the_first_report_of_a_quota_back(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 2)
    add_projects("bob", 2)
    first = fail(pool, quota(), prefer_account="alice")
    fail(pool, errors.RateLimited("slow down"), prefer_account="alice")
    for _ in range(2):
        fail(pool, quota(), prefer_account="bob")
    clock.pass_(59)
    found = nothing(pool)
    clock.pass_(found.free_at - clock())
    others = ["alice-01", "alice-02", "bob-01", "bob-02"]
    others.remove(first.project_id)
    probe = taken(pool, tried=others)
    assert (probe.project_id, probe.is_probe) == (first.project_id, True)
    pool.succeed(probe)
    fail(pool, quota(), tried=[first.project_id])
    assert taken(pool).project_id == first.project_id


def test_a_good_probe_wakes_an_account_out_of_its_individual_quota(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 3)
    fail(pool, errors.IndividualQuotaExhausted("used up", seconds=9000))
    clock.pass_(60)
    pool.succeed(taken(pool))
    assert resting(pool) == {}
    assert taken(pool, FLASH).is_probe is False


def test_a_bad_probe_leaves_everything_resting(pool, add_projects, clock) -> None:
    add_projects("alice", 3)
    fail(pool, errors.IndividualQuotaExhausted("used up", seconds=9000))
    clock.pass_(60)
    fail(pool, errors.ServerFailure("boom"))
    assert resting(pool) == {"quota_exhausted": 3}


# -------------------------------------------------------------- steering it


def test_a_disabled_project_is_out_at_once_and_back_at_once(
    pool, add_projects, store, clock
) -> None:
    one, two = add_projects("alice", 2)
    pool.release(taken(pool))
    projects = Projects(store, clock=clock)
    projects.enable(one, False)
    assert {taken(pool).project_id for _ in range(3)} == {two}
    assert pool.state().usable == 1
    projects.enable(one, True)
    assert taken(pool).project_id == one


def test_a_removed_project_is_not_taken_and_its_late_verdict_is_ignored(
    pool, add_projects, store, clock
) -> None:
    (one,) = add_projects("alice")
    flying = taken(pool)
    Projects(store, clock=clock).remove("alice", [one])
    pool.fail(flying, errors.AccountBlocked("suspended"))
    assert nothing(pool).reason == "no_account"
    assert not store.exists(names.project_status(one))
    assert store.hget(names.account("alice"), "is_invalid") == "0"


def test_a_disabled_account_takes_its_projects_with_it(
    pool, add_projects, accounts
) -> None:
    add_projects("alice", 2)
    ids = add_projects("bob", 2)
    pool.release(taken(pool))
    accounts.enable("alice", False)
    assert {taken(pool).project_id for _ in range(4)} == set(ids)
    accounts.enable("alice", True)
    assert taken(pool).account == "alice"


def test_a_rest_can_be_ended_by_hand(pool, add_projects) -> None:
    add_projects("alice", 3)
    one = fail(pool, quota()).project_id
    fail(pool, quota())
    assert pool.wake(one) is True
    assert resting(pool) == {"quota_exhausted": 1}, "the other one was refused itself"
    assert taken(pool, tried=["alice-03"]).project_id == one
    assert pool.wake(one) is False


def test_the_state_counts_without_touching_anything(pool, add_projects, clock) -> None:
    add_projects("alice", 4)
    fail(pool, errors.RateLimited("slow down", seconds=30))
    fail(pool, errors.ServerFailure("boom"))
    pool.release(taken(pool, FLASH))
    state = pool.state()
    assert state.usable == 4
    assert state.models[PRO].ready == 2
    assert state.models[PRO].resting == {"rate_limit": 1, "server": 1}
    assert state.models[PRO].next_free_at == clock() + 30
    assert state.models[FLASH].ready == 4
    clock.pass_(31)
    assert pool.state().models[PRO].ready == 3
    assert pool.state("gemini-unheard-of").models == {}


# ------------------------------------------------------------------ other names


def invented(n: int) -> str:
    return f"gemini-99-ultra-{n}"


def test_names_that_only_clients_have_thought_of_share_one_place(
    pool, add_projects, store
) -> None:
    add_projects("alice", 3)
    pool.succeed(taken(pool))
    before = store.dbsize()
    for n in range(100):
        for _ in range(2):
            fail(pool, errors.ModelMissing("404"), invented(n))
    assert set(pool.state().models) == {PRO, "other"}
    assert pool.state().models["other"].resting == {}
    assert store.dbsize() - before < 20


def test_a_name_that_two_projects_lack_is_asked_for_no_more_for_a_while(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 3)
    name = invented(1)
    fail(pool, errors.ModelMissing("404"), name)
    pool.fail(taken(pool, name), errors.ModelMissing("404"), is_missing=True)
    assert nothing(pool, name).reason == "not_served"
    taken(pool, invented(2))
    clock.pass_(601)
    taken(pool, name)


def test_missing_names_are_a_thousand_at_most(pool, add_projects, store, clock) -> None:
    add_projects("alice", 1)
    for n in range(1_010):
        clock.pass_(0.001)
        pool.fail(taken(pool, invented(n)), errors.ModelMissing("404"), is_missing=True)
    assert store.zcard(names.MISSING_MODELS) == 1_000
    assert nothing(pool, invented(1_009)).reason == "not_served"
    taken(pool, invented(0))


def test_a_name_is_a_models_once_google_has_served_it(pool, add_projects) -> None:
    add_projects("alice", 2)
    name = invented(5)
    pool.succeed(taken(pool, name))
    fail(pool, errors.RateLimited("slow", seconds=30), name)
    assert resting(pool, name) == {"rate_limit": 1}
    assert pool.state().models["other"].ready == 2


def test_whoever_lacks_a_model_says_nothing_of_another_upstream(
    pool, add_projects
) -> None:
    add_projects("alice", 3)
    add_projects("bob", 3)
    add_projects("studio", 1, "gemini_api")
    found = [taken(pool, invented(1), not_on="cloudcode") for _ in range(2)]
    assert [each.account for each in found] == ["studio", "studio"]
    assert taken(pool, invented(1), not_on="vertex").account != "studio"


def test_a_model_named_other_is_one_of_them(pool, add_projects) -> None:
    add_projects("alice", 1)
    fail(pool, errors.ModelMissing("404"), "other")
    assert taken(pool, invented(1)).is_stranger


def test_models_nobody_asks_for_lose_their_place_but_not_their_rests(
    make_pool, add_projects, clock
) -> None:
    pool = make_pool(is_known=lambda name: True)
    add_projects("alice", 2)
    fail(pool, quota())
    for n in range(40):
        clock.pass_(1)
        pool.release(taken(pool, f"gemini-{n}"))
    assert PRO not in pool.state().models
    pool.release(taken(pool))
    assert resting(pool) == {"quota_exhausted": 1}
    assert len(pool.state().models) == 32


def test_pair_records_go_after_two_weeks_without_use(
    pool, add_projects, store: Store
) -> None:
    (one,) = add_projects("alice")
    pool.succeed(taken(pool))
    left = store.pttl(names.pair_status(one, PRO))
    assert 13.9 * 86_400_000 < left <= 14 * 86_400_000


# ------------------------------------------------------------- a client's own project


def test_what_an_oauth_client_may_not_rests_all_its_accounts(
    make_pool, add_projects, accounts, store, clock
) -> None:
    pool = make_pool(default_client="ours")
    for account in ("alice", "bob", "carol"):
        add_projects(account, 4)
    add_projects("studio", 1, upstream="gemini_api")
    store.hset(names.credential("bob"), "client_id", "ours")
    store.hset(names.credential("carol"), "client_id", "another")
    one = taken(pool, prefer_account="alice")
    words = "The OAuth client's own project has no access."

    assert pool.fail(one, errors.ClientDenied(words, status=403)) == clock() + 300

    served = {taken(pool).account for _ in range(12)}
    assert served == {"carol", "studio"}
    for email in ("alice", "bob"):
        known = accounts.find(email)
        assert (known.is_invalid, known.rest_reason) == (False, "auth")
        assert (known.rest_message, known.action_url) == (words, "")
    assert not accounts.find("carol").rest_message
    clock.pass_(300)
    assert pool.state().models[PRO].ready == 13
    assert not accounts.find("alice").rest_message


def test_a_project_that_google_shuts_out_waits_for_an_admin(
    pool, add_projects, store, clock
) -> None:
    one, two = add_projects("alice", 2)
    projects = Projects(store, clock=clock)
    verdict = errors.ProjectBlocked("Your project has been denied access.")
    denied = taken(pool)

    assert pool.fail(denied, verdict) == math.inf

    other = ({one, two} - {denied.project_id}).pop()
    for _ in range(30):
        clock.pass_(3600)
        for model in (PRO, FLASH):
            answered = taken(pool, model)
            assert answered.project_id == other
            pool.succeed(answered)
    shut = projects.find(denied.project_id)
    assert (shut.enabled, shut.denied_reason) == (False, verdict.message)
    assert (pool.state().shut_out, pool.state().usable) == (1, 1)
    projects.add([Project(denied.project_id, "alice", api_enabled=False)])
    projects.add([Project(denied.project_id, "alice", api_enabled=True)])
    assert not projects.find(denied.project_id).enabled

    projects.enable(denied.project_id, True)

    again = projects.find(denied.project_id)
    assert (again.enabled, again.denied_reason) == (True, "")
    assert pool.state().shut_out == 0
    assert {taken(pool).project_id for _ in range(2)} == {one, two}


def test_a_denial_that_does_not_say_why_rests_one_model(pool, add_projects, clock):
    add_projects("alice", 1)
    assert pool.fail(taken(pool), errors.UnclearDenial("no")) == clock() + 300
    assert resting(pool) == {"auth": 1}
    pool.succeed(taken(pool, FLASH))
    clock.pass_(300)
    pool.succeed(taken(pool))
