"""What the pool foresees of Google's limits, against a Google that has them."""

from __future__ import annotations

import random
from collections import Counter, deque

import orjson
import pytest

from gswarm import errors
from gswarm.rotation.pacing import NO_PACING, Pacing
from gswarm.routing.pool import NoneAvailable, Pool, Reservation
from gswarm.routing.quotas import Quotas, describe, exhausts_at
from gswarm.store import names, quota, records
from gswarm.store.connection import Store
from gswarm.store.quota import QuotaUse, Told

pytestmark = pytest.mark.every_server

PRO, FLASH = "gemini-2.5-pro", "gemini-2.5-flash"
DAY = 86_400.0


class Google:
    """Rolling limits, per project and minute, and per account and day."""

    def __init__(self, clock, minute: int | None = None, day: int | None = None):
        self._clock = clock
        self._limits = [(60.0, minute), (DAY, day)]
        self._calls: dict[tuple[str, float], deque[float]] = {}
        self.refused: Counter[str] = Counter()
        self.admitted: Counter[str] = Counter()

    def verdict(self, taken: Reservation) -> errors.Verdict | None:
        """What it says to one call."""
        refusal = self._admit(taken.project_id, taken.account)
        self.refused[taken.project_id] += refusal is not None
        return refusal

    def answers(self, ids: list[str]) -> bool:
        """Whether a request was answered by whoever could still do it."""
        return any(self._admit(each, each.partition("-")[0]) is None for each in ids)

    def _admit(self, project: str, account: str) -> errors.Verdict | None:
        windows = [
            (self._calls.setdefault((owner, seconds), deque()), seconds, limit)
            for (seconds, limit), owner in zip(
                self._limits, (project, account), strict=True
            )
        ]
        for calls, seconds, limit in windows:
            while calls and calls[0] <= self._clock() - seconds:
                calls.popleft()
            if limit is not None and len(calls) >= limit:
                return self._refusal(seconds, calls[0] + seconds)
        for calls, _, _ in windows:
            calls.append(self._clock())
        self.admitted[account] += 1
        return None

    def _refusal(self, seconds: float, free_at: float) -> errors.Verdict:
        kind = errors.RateLimited if seconds == 60 else errors.QuotaExhausted
        return kind("no", seconds=free_at - self._clock(), reset_at=free_at)


@pytest.fixture
def limits() -> dict:
    """What the operator says; a test may change it."""
    return {}


@pytest.fixture
def pool(make_pool, limits) -> Pool:
    return make_pool(pacing=lambda: Pacing(limits=limits))


@pytest.fixture
def quotas(store: Store, clock, limits) -> Quotas:
    return Quotas(store, pacing=lambda: Pacing(limits=dict(limits)), clock=clock)


def ask(pool: Pool, google: Google, model: str = PRO) -> bool:
    """One request, tried wherever it may be; whether it was answered."""
    tried: list[str] = []
    while isinstance(found := pool.take(model, tried=tried), Reservation):
        verdict = google.verdict(found)
        if verdict is None:
            pool.succeed(found)
            return True
        pool.fail(found, verdict)
        tried.append(found.project_id)
    return False


def spend(pool: Pool, number: int, model: str = PRO, **options) -> list[Reservation]:
    """So many calls that go well."""
    done = []
    for _ in range(number):
        found = pool.take(model, **options)
        assert isinstance(found, Reservation), found
        pool.succeed(found)
        done.append(found)
    return done


def nothing(pool: Pool, model: str = PRO) -> NoneAvailable:
    found = pool.take(model)
    assert isinstance(found, NoneAvailable), found
    return found


# ------------------------------------------------------------------- limits given


def test_a_minutes_limit_rests_the_project_before_it_is_refused(
    pool, add_projects, clock, limits
) -> None:
    add_projects("alice", 2)
    limits[PRO] = {"minute": 3}
    used = Counter(each.project_id for each in spend(pool, 6))
    assert set(used.values()) == {3}
    found = nothing(pool)
    assert (found.reason, found.passed_over) == ("resting", {"rate_limit": 2})
    assert 60 < found.free_at - clock() <= 63
    spend(pool, 10, FLASH)
    clock.pass_(found.free_at - clock())
    spend(pool, 6)


def test_a_days_limit_rests_the_account_before_it_is_refused(
    pool, add_projects, clock, limits
) -> None:
    add_projects("alice", 3)
    add_projects("bob", 3)
    limits[PRO] = {"day": 5}
    used = Counter(each.account for each in spend(pool, 10))
    assert used == {"alice": 5, "bob": 5}
    found = nothing(pool)
    assert (found.reason, found.passed_over) == (
        "quota_exhausted",
        {"quota_exhausted": 6},
    )
    assert DAY <= found.free_at - clock() <= DAY + 1800
    clock.pass_(found.free_at - clock())
    spend(pool, 10)


@pytest.mark.parametrize(("minute", "day"), [(7, None), (50, 40), (None, 25), (5, 60)])
def test_all_that_limits_allow_is_used_and_nothing_is_refused(
    pool, add_projects, clock, limits, minute, day
) -> None:
    ids = add_projects("alice", 4) + add_projects("bob", 2)
    limits[PRO] = {"minute": minute, "day": day}
    google, ideal = Google(clock, minute, day), Google(clock, minute, day)
    rng = random.Random(4)
    for _ in range(700):
        ask(pool, google)
        ideal.answers(ids)
        clock.pass_(rng.choice([0, 0.05, 0.3, 1.2]))
    assert not google.refused.total()
    assert google.admitted.total() >= 0.95 * ideal.admitted.total()


def test_a_limit_given_is_never_tried_out(pool, add_projects, clock, limits) -> None:
    add_projects("alice", 2)
    limits[PRO] = {"day": 2}
    spend(pool, 2)
    for _ in range(5):
        clock.pass_(61)
        assert nothing(pool).reason == "quota_exhausted"


def test_what_was_refused_was_not_used(pool, add_projects, limits) -> None:
    add_projects("alice", 2)
    limits[PRO] = {"day": 3}
    one = pool.take(PRO)
    pool.fail(one, errors.ProjectDenied("iam"))
    spend(pool, 3)
    assert nothing(pool).reason == "quota_exhausted"


def test_a_call_under_way_counts_at_once(pool, add_projects, limits) -> None:
    add_projects("alice", 2)
    limits[PRO] = {"day": 3}
    flying = [pool.take(PRO) for _ in range(3)]
    assert nothing(pool).reason == "quota_exhausted"
    pool.fail(flying[0], errors.CapacityExhausted("full"))
    assert isinstance(pool.take(PRO, past_model_rest=True), Reservation)


def test_a_success_does_not_end_a_pause(pool, add_projects, limits) -> None:
    add_projects("alice", 1)
    limits[PRO] = {"minute": 2}
    flying = [pool.take(PRO) for _ in range(2)]
    for each in flying:
        pool.succeed(each)
    assert nothing(pool).passed_over == {"rate_limit": 1}


def test_limits_that_change_move_the_pauses(
    pool, quotas, add_projects, clock, limits
) -> None:
    add_projects("alice", 2)
    limits[PRO] = {"day": 4, "minute": 50}
    spend(pool, 4)
    assert nothing(pool).reason == "quota_exhausted"
    limits[PRO] = {"day": 6, "minute": 50}
    quotas.follow_limits()
    spend(pool, 2)
    assert nothing(pool).reason == "quota_exhausted"
    limits[PRO] = {"minute": 1}
    quotas.follow_limits()
    assert nothing(pool).passed_over == {"rate_limit": 2}


@pytest.mark.parametrize(
    ("lower", "reason"),
    [({"minute": 3}, "rate_limit"), ({"day": 6}, "quota_exhausted")],
)
def test_a_lower_limit_is_felt_before_the_next_call(
    pool, quotas, add_projects, clock, limits, monkeypatch, lower, reason
) -> None:
    monkeypatch.setattr(quota, "AT_ONCE", 2)
    ids = add_projects("alice", 3) + add_projects("bob", 2)
    others = {each: [other for other in ids if other != each] for each in ids}
    tainted, failing = ids[0], ids[-1]
    boom = errors.ServerFailure("boom")
    pool.fail(pool.take(PRO, tried=others[tainted]), boom)
    clock.pass_(61)
    for each in ids:
        spend(pool, 3, tried=others[each])
    pool.fail(pool.take(PRO, tried=others[failing]), boom)
    spend(pool, 5, FLASH)
    limits[PRO] = lower
    quotas.follow_limits()
    assert nothing(pool).passed_over == {reason: 5}
    spend(pool, 5, FLASH)


def test_without_tracking_nothing_is_counted_and_every_pause_ends(
    make_pool, add_projects, store, clock
) -> None:
    add_projects("alice", 2)
    now = [Pacing(limits={PRO: {"day": 2}})]
    pool = make_pool(pacing=lambda: now[0])
    quotas = Quotas(store, pacing=lambda: now[0], clock=clock)
    spend(pool, 2)
    assert nothing(pool).reason == "quota_exhausted"
    now[0] = NO_PACING
    quotas.follow_limits()
    spend(pool, 9)
    assert quotas.uses() == []


# ------------------------------------------------------------------- limits learnt


def test_a_minutes_limit_is_learnt_from_two_refusals(pool, add_projects, clock) -> None:
    add_projects("alice", 2)
    google = Google(clock, minute=6)
    for _ in range(300):
        ask(pool, google)
        clock.pass_(0.5)
    assert max(google.refused.values()) <= 2
    assert google.admitted.total() >= 0.95 * 2 * 6 * 2.5


def test_a_days_limit_is_learnt_from_two_refusals(pool, add_projects, clock) -> None:
    add_projects("alice", 4)
    google = Google(clock, day=40)
    for _ in range(60):
        ask(pool, google)
        clock.pass_(1)
    assert google.refused.total() == 2
    clock.pass_(DAY)
    google.refused.clear()
    for _ in range(60):
        ask(pool, google)
        clock.pass_(1)
    assert google.admitted.total() == 80
    assert google.refused.total() == 0


def test_calls_in_flight_do_not_blur_what_is_learnt(
    pool, quotas, add_projects, clock
) -> None:
    add_projects("alice", 3)
    google = Google(clock, day=20)
    flying = [pool.take(PRO) for _ in range(30)]
    verdicts = [google.verdict(each) for each in flying]
    for each, verdict in zip(flying, verdicts, strict=True):
        if verdict is None:
            pool.succeed(each)
        else:
            pool.fail(each, verdict)
    [use] = quotas.uses()
    assert (use.used, use.limit, use.source) == (20, 20, "learnt")


def test_a_limit_that_google_names_is_taken_at_its_word(
    pool, add_projects, quotas
) -> None:
    add_projects("alice", 1)
    spend(pool, 2)
    named = errors.Quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", 50)
    pool.fail(pool.take(PRO), errors.QuotaExhausted("no", quota=named))
    [use] = quotas.uses()
    assert (use.used, use.limit) == (2, 50)


@pytest.mark.parametrize(
    "verdict",
    [
        errors.RateLimited("Resource has been exhausted (e.g. check quota)."),
        errors.RateLimited(
            "no",
            seconds=1,
            reset_at=1.0,
            quota=errors.Quota("GenerateContentInputTokensPerModelPerMinute"),
        ),
    ],
)
def test_a_refusal_for_another_cause_teaches_nothing(
    pool, add_projects, clock, verdict
) -> None:
    add_projects("alice", 1)
    spend(pool, 2)
    pool.fail(pool.take(PRO), verdict)
    clock.pass_(61)
    spend(pool, 20)


def limited(clock, seconds: float, **changes) -> errors.RateLimited:
    return errors.RateLimited(
        "no", seconds=seconds, reset_at=clock() + seconds, **changes
    )


def test_a_short_delay_costs_just_that(pool, add_projects, clock) -> None:
    add_projects("alice", 3)
    for n in range(90):
        found = pool.take(PRO)
        if n % 10 == 9:
            pool.fail(found, limited(clock, 0.5))
            found = pool.take(PRO)
        assert isinstance(found, Reservation), n
        pool.succeed(found)
        clock.pass_(0.05)


def test_a_lone_refusal_teaches_no_window(pool, add_projects, clock) -> None:
    add_projects("alice", 1)
    spend(pool, 2)
    pool.fail(pool.take(PRO), limited(clock, 2))
    assert nothing(pool).free_at == clock() + 2
    clock.pass_(2)
    spend(pool, 20)


def test_refusals_that_do_not_agree_teach_no_window(pool, add_projects, clock) -> None:
    add_projects("alice", 1)
    for calls, seconds in ((3, 57), (9, 53), (5, 55), (14, 51)):
        for _ in range(calls):
            clock.pass_(0.25)
            spend(pool, 1)
        pool.fail(pool.take(PRO), limited(clock, seconds))
        clock.pass_(seconds)
    spend(pool, 30)


def test_a_window_that_google_names_is_learnt_at_once(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 1)
    named = errors.Quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", 4)
    pool.fail(pool.take(PRO), limited(clock, 1, quota=named))
    clock.pass_(1)
    spend(pool, 4)
    assert nothing(pool).passed_over == {"rate_limit": 1}


def test_what_no_call_can_prove_wrong_is_believed_for_ten_minutes(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 1)
    named = errors.Quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", 4)
    pool.fail(pool.take(PRO), limited(clock, 1, quota=named))
    clock.pass_(1)
    spend(pool, 4)
    assert nothing(pool)
    clock.pass_(600)
    spend(pool, 20)


def test_a_reset_by_hand_forgets_what_was_learnt(pool, add_projects, clock) -> None:
    [only] = add_projects("alice", 1)
    named = errors.Quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", 2)
    pool.fail(pool.take(PRO), limited(clock, 1, quota=named))
    clock.pass_(1)
    spend(pool, 2)
    assert nothing(pool)
    assert pool.wake(only)
    spend(pool, 20)


def test_absurd_resets_do_not_empty_the_pool_for_good(
    pool, add_projects, clock
) -> None:
    ids = [add_projects(name)[0] for name in ("alice", "bob", "carol")]
    for _ in ids:
        absurd = clock() + 900 * 365 * DAY
        verdict = errors.QuotaExhausted("no", seconds=absurd - clock(), reset_at=absurd)
        found = pool.take(PRO)
        assert isinstance(found, Reservation)
        pool.fail(found, verdict)
    assert nothing(pool).free_at == clock() + 3600
    clock.pass_(3600)
    used = [taken.project_id for taken in (pool.take(PRO) for _ in ids)]
    assert sorted(used) == ids


def test_a_reset_by_hand_ends_every_absurd_rest(pool, add_projects, clock) -> None:
    ids = add_projects("alice", 3)
    for _ in ids:
        week = clock() + 7 * DAY
        found = pool.take(PRO)
        if isinstance(found, Reservation):
            pool.fail(
                found, errors.QuotaExhausted("no", seconds=7 * DAY, reset_at=week)
            )
    for each in ids:
        pool.wake(each)
    used = [taken.project_id for taken in (pool.take(PRO) for _ in ids)]
    assert sorted(used) == ids


def test_a_quota_that_comes_back_early_is_noticed_by_a_probe(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 3)
    google = Google(clock, day=30)
    while ask(pool, google):
        clock.pass_(0.1)
    google._calls.clear()
    clock.pass_(61)
    assert ask(pool, google), "the probe"
    for _ in range(29):
        assert ask(pool, google)


def test_a_quota_begins_anew_when_google_said_it_would(
    pool, add_projects, clock, quotas
) -> None:
    add_projects("alice", 2)
    spend(pool, 10)
    refusal = errors.QuotaExhausted("no", seconds=7200, reset_at=clock() + 7200)
    for _ in range(2):
        pool.fail(pool.take(PRO), refusal)
    assert quotas.uses()[0].limit == 10
    clock.pass_(7200)
    spend(pool, 10)
    assert nothing(pool).reason == "quota_exhausted"


# ------------------------------------------------------------------- what google tells


def told(**changes) -> Told:
    return Told(**({"account": "alice", "model": PRO, "resets_at": None} | changes))


def test_what_others_used_counts_too(pool, quotas, add_projects, clock) -> None:
    add_projects("alice", 2)
    spend(pool, 1)
    quotas.hear(told(remaining=0.05, amount=5, resets_at=clock() + 3600))
    [use] = quotas.uses()
    assert (use.used, use.limit, use.source) == (95, 100, "google")
    spend(pool, 5)
    found = nothing(pool)
    assert found.reason == "quota_exhausted"
    assert found.free_at == clock() + 3600
    clock.pass_(3600)
    spend(pool, 20)


def test_a_full_quota_says_nothing(pool, quotas, add_projects) -> None:
    add_projects("alice", 2)
    spend(pool, 3)
    quotas.hear(told(remaining=1.0, amount=2))
    [use] = quotas.uses()
    assert (use.used, use.limit) == (3, None)


def test_google_is_not_believed_where_it_refuses_below_what_it_told(
    pool, quotas, add_projects, clock
) -> None:
    add_projects("alice", 2)
    spend(pool, 10)
    quotas.hear(told(remaining=0.9, amount=90))
    assert quotas.uses()[0].limit == 100
    refusal = errors.QuotaExhausted("no", seconds=7200, reset_at=clock() + 7200)
    for _ in range(2):
        pool.fail(pool.take(PRO), refusal)
    quotas.hear(told(remaining=0.9, amount=90))
    [use] = quotas.uses()
    assert (use.used, use.limit, use.source) == (10, 10, "learnt")


# ------------------------------------------------------------------- telling


def events_of(store: Store, kind: str) -> list[str]:
    return [
        fields["payload"]
        for _, fields in store.xrange(names.EVENTS)
        if fields["kind"] == kind
    ]


def test_a_warning_is_told_once_at_the_threshold(
    make_pool, add_projects, store
) -> None:
    add_projects("alice", 2)
    pacing = Pacing(threshold=0.5, limits={PRO: {"day": 10}})
    pool = make_pool(pacing=lambda: pacing)
    spend(pool, 4)
    assert events_of(store, "quota_warning") == []
    spend(pool, 6)
    [warning] = events_of(store, "quota_warning")
    assert '"used":5' in warning and '"limit":10' in warning
    assert len(events_of(store, "project_cooldown")) == 2, "one for each project"


def test_another_limit_is_warned_of_anew(
    make_pool, add_projects, store, limits
) -> None:
    add_projects("alice", 2)
    pool = make_pool(pacing=lambda: Pacing(threshold=0.5, limits=limits))

    def warned(day: int) -> list[tuple[int, int]]:
        limits[PRO] = {"day": day}
        spend(pool, 10)
        told_of = [orjson.loads(each) for each in events_of(store, "quota_warning")]
        return [(each["used"], each["limit"]) for each in told_of]

    before = warned(15)
    assert before == [(8, 15)]
    before += [(20, 40)]
    assert warned(40) == before
    assert warned(41) == before, "hardly another one: a figure of Google's may waver"
    before += [(40, 80)]
    assert warned(80) == before


def test_use_is_shown_by_account_and_model(
    pool, quotas, add_projects, limits, clock
) -> None:
    add_projects("alice", 2)
    add_projects("bob", 1)
    limits[PRO] = {"day": 100}
    spend(pool, 20, prefer_account="alice")
    spend(pool, 3, FLASH, prefer_account="bob")
    clock.pass_(600)
    shown = {(each["account"], each["model"]): each for each in quotas.describe()}
    assert shown["bob", FLASH].items() >= {"used": 3, "limit": None}.items()
    alice = shown["alice", PRO]
    assert alice["limit"] == 100
    assert alice["remaining"] == 100 - alice["used"] > 0
    assert alice["exhaustsAt"].endswith("Z")
    clock.pass_(2 * DAY)
    assert quotas.describe() == []


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, 1000.0 + 400),
        ({"limit": None}, None),
        ({"per_second": 0.0}, None),
        ({"used": 100}, 1000.0),
        ({"resets_at": 1300.0}, None),
        ({"per_second": 0.0001}, None),
    ],
)
def test_the_end_of_a_quota_is_foreseen_from_the_last_hour(changes, ends) -> None:
    known = {
        "account": "alice",
        "model": PRO,
        "used": 60,
        "limit": 100,
        "source": "config",
        "resets_at": None,
        "per_second": 0.1,
    }
    use = QuotaUse(**known | changes)
    assert exhausts_at(use, 1000.0) == ends
    assert describe(use, 1000.0)["used"] == use.used


def asked(store: Store) -> int:
    """Commands the server has run; other tests' readers may still wait for events."""
    stats = store.info("commandstats")
    return sum(each["calls"] for name, each in stats.items() if "xread" not in name)


def test_the_work_of_pacing_does_not_grow_with_traffic(
    pool, add_projects, store, limits, clock
) -> None:
    add_projects("alice", 2)
    limits[PRO] = {"minute": 100_000, "day": 1_000_000}

    def commands() -> int:
        before = asked(store)
        spend(pool, 20)
        return asked(store) - before

    few = commands()
    for _ in range(30):
        spend(pool, 20)
        clock.pass_(0.2)
    assert commands() <= few * 1.1
    assert store.hlen(f"{names.SENT}alice-01:{PRO}") < 70


def test_nothing_is_heard_without_a_quota(store, pool, add_projects, clock) -> None:
    add_projects("alice", 1)
    quota.hear(store, Pacing(), told(remaining=0.0, amount=0), clock())
    spend(pool, 5)


def test_a_reset_by_hand_ends_every_pause(pool, add_projects, limits) -> None:
    one, _ = add_projects("alice", 2)
    limits[PRO] = {"day": 4, "minute": 3}
    spend(pool, 4)
    assert nothing(pool).reason == "quota_exhausted"
    assert pool.wake(one)
    spend(pool, 3)


def test_records_show_pauses_as_rests(pool, add_projects, limits, store, clock) -> None:
    (one,) = add_projects("alice")
    limits[PRO], limits[FLASH] = {"minute": 1}, {"day": 1}
    ends = {}
    for model in (PRO, FLASH):
        spend(pool, 1, model)
        ends[model] = round(nothing(pool, model).free_at * 1000)
    [record] = records.read(store, [one], clock())
    shown = {
        model: (each["cooldownUntil"], each["cooldownReason"])
        for model, each in record.models.items()
    }
    assert shown == {
        PRO: (ends[PRO], "rate_limit"),
        FLASH: (ends[FLASH], "quota_exhausted"),
    }
