"""Token buckets are met by their rate: few calls are refused, none held back long."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from gswarm import errors
from gswarm.rotation.pacing import Pacing
from gswarm.routing.pool import NoneAvailable, Pool, Reservation
from gswarm.store import names

PRO = "gemini-2.5-pro"
MAX_WAIT = 5.0
SLACK = 0.01


@pytest.fixture
def pool(make_pool) -> Pool:
    return make_pool(pacing=Pacing)


@dataclass
class Buckets:
    """Google, with a bucket for each account."""

    clock: object
    rate: float = 2.0
    burst: float = 4.0
    tokens: dict[str, tuple[float, float]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def verdict(self, taken: Reservation) -> errors.Verdict | None:
        now = self.clock()
        had, at = self.tokens.get(taken.account, (self.burst, now))
        has = min(self.burst, had + (now - at) * self.rate)
        if has < 1:
            self.calls["refused"] += 1
            wait = (1 - has) / self.rate
            return errors.RateLimited("no", seconds=wait, reset_at=now + wait)
        self.calls["let through"] += 1
        self.tokens[taken.account] = has - 1, now
        return None

    @property
    def refused_share(self) -> float:
        return self.calls["refused"] / self.calls.total()


@dataclass
class Request:
    wait_left: float = MAX_WAIT
    tried: list[str] = field(default_factory=list)
    attempts: int = 0


def carry(pool: Pool, google, clock, arrivals: list[float], seconds: float = 0.3):
    """Requests that come at these instants, each carried as the relay does; answers by
    what came of them. An answer takes so many ``seconds``."""
    outcomes, serial = Counter[str](), itertools.count()
    due = [(at, next(serial), Request(), None) for at in arrivals]
    heapq.heapify(due)
    while due:
        at, _, request, under_way = heapq.heappop(due)
        clock.now = max(clock.now, at)
        if under_way:
            pool.succeed(under_way)
            outcomes["served"] += 1
            continue
        outcome = step(pool, google, clock, request)
        if isinstance(outcome, Reservation):
            heapq.heappush(due, (clock() + seconds, next(serial), request, outcome))
        elif outcome is None:
            outcomes["failed"] += 1
        else:
            heapq.heappush(due, (outcome, next(serial), request, None))
    return outcomes


def step(pool: Pool, google, clock, request: Request) -> Reservation | float | None:
    """Who answers; when to try again; or None."""
    while request.attempts < 8:
        found = pool.take(PRO, tried=request.tried, patience=request.wait_left)
        if isinstance(found, NoneAvailable):
            wait = (found.free_at or float("inf")) - clock() + SLACK
            if wait > request.wait_left:
                return None
            request.wait_left -= wait
            request.tried.clear()
            return clock() + wait
        request.attempts += 1
        request.tried.append(found.project_id)
        verdict = google.verdict(found)
        if verdict is None:
            return found
        pool.fail(found, verdict)
    return None


def evenly(clock, per_second: float, seconds: float) -> list[float]:
    return [clock() + n / per_second for n in range(int(per_second * seconds))]


def by_chance(clock, per_second: float, seconds: float, seed: int) -> list[float]:
    dice, at, found = random.Random(seed), clock(), []
    while at < clock() + seconds:
        found.append(at)
        at += dice.expovariate(per_second)
    return found


@pytest.mark.parametrize("accounts", [1, 3])
@pytest.mark.parametrize("projects", [1, 12])
@pytest.mark.parametrize("demand", ["even", "chance", "bursts"])
def test_nearly_all_of_nine_tenths_of_a_buckets_rate_gets_through(
    pool, add_projects, clock, accounts, projects, demand
) -> None:
    for name in ("alice", "bob", "carol")[:accounts]:
        add_projects(name, projects)
    google = Buckets(clock)
    per_second = 0.9 * 2 * accounts
    arrivals = {
        "even": lambda: evenly(clock, per_second, 120),
        "chance": lambda: by_chance(clock, per_second, 120, seed=7),
        "bursts": lambda: [
            at // 3 * 3 + 0.001 * n
            for n, at in enumerate(evenly(clock, per_second, 120))
        ],
    }[demand]()
    outcomes = carry(pool, google, clock, arrivals)
    assert outcomes["served"] >= 0.98 * len(arrivals)
    assert google.refused_share <= 0.2


@dataclass
class Distant(Buckets):
    """As far away as Google is: a refusal is heard somewhat later."""

    dice: random.Random = field(default_factory=lambda: random.Random(5))

    def verdict(self, taken: Reservation) -> errors.Verdict | None:
        refusal = super().verdict(taken)
        if refusal:
            self.clock.pass_(self.dice.uniform(0.01, 0.12))
            refusal.reset_at = self.clock() + refusal.seconds
        return refusal


@pytest.mark.parametrize("projects", [1, 12])
def test_how_late_a_refusal_is_heard_matters_little(
    pool, add_projects, clock, projects
) -> None:
    for name in ("alice", "bob", "carol"):
        add_projects(name, projects)
    google = Distant(clock)
    arrivals = by_chance(clock, 0.9 * 6, 120, seed=3)
    outcomes = carry(pool, google, clock, arrivals, seconds=4)
    assert outcomes["served"] >= 0.98 * len(arrivals)
    assert google.refused_share <= 0.2


class EachTenth(Buckets):
    """No bucket at all: each tenth call is refused for half a second."""

    def verdict(self, taken: Reservation) -> errors.Verdict | None:
        if self.calls.total() % 10 < 9:
            self.calls["let through"] += 1
            return None
        self.calls["refused"] += 1
        return errors.RateLimited("no", seconds=0.5, reset_at=self.clock() + 0.5)


@pytest.mark.parametrize("accounts", [1, 3])
@pytest.mark.parametrize("per_second", [1, 15, 1000])
def test_what_google_would_serve_is_served(
    pool, add_projects, clock, accounts, per_second
) -> None:
    for name in ("alice", "bob", "carol")[:accounts]:
        add_projects(name, 3 // accounts)
    google = EachTenth(clock)
    outcomes = carry(pool, google, clock, evenly(clock, per_second, 90 / per_second))
    assert outcomes == {"served": 90}


def test_a_second_project_told_of_the_same_token_stops_the_account_until_then(
    pool, add_projects, clock
) -> None:
    add_projects("alice", 12)
    for _ in range(2):
        one = pool.take(PRO)
        pool.fail(one, errors.RateLimited("no", seconds=0.4, reset_at=clock() + 0.4))
    found = pool.take(PRO)
    assert isinstance(found, NoneAvailable)
    assert (found.reason, found.passed_over) == ("resting", {"rate_limit": 12})
    assert found.free_at == clock() + 0.4
    assert pool.state(PRO).models[PRO].ready == 10
    clock.pass_(0.4)
    assert isinstance(pool.take(PRO), Reservation)


def test_a_rate_is_an_accounts_and_a_models(pool, add_projects, clock) -> None:
    add_projects("alice", 3)
    add_projects("bob", 3)
    for account in ("alice", "alice"):
        one = pool.take(PRO, prefer_account=account)
        pool.fail(one, errors.RateLimited("no", seconds=0.4, reset_at=clock() + 0.4))
    others = [pool.take(PRO) for _ in range(9)]
    assert {each.account for each in others} == {"bob"}
    for each in others:
        pool.release(each)
    flash = {pool.take("gemini-2.5-flash").account for _ in range(6)}
    assert flash == {"alice", "bob"}


def test_a_reset_by_hand_forgets_the_rate(pool, add_projects, clock) -> None:
    ids = add_projects("alice", 3)
    for _ in range(2):
        one = pool.take(PRO)
        pool.fail(one, errors.RateLimited("no", seconds=4.0, reset_at=clock() + 4))
    assert isinstance(pool.take(PRO), NoneAvailable)
    for each in ids:
        pool.wake(each)
    taken = [pool.take(PRO) for _ in range(6)]
    assert all(isinstance(each, Reservation) for each in taken)


def test_a_rate_is_forgotten_once_nothing_confirms_it(
    pool, add_projects, clock, store
) -> None:
    add_projects("alice", 3)
    for _ in range(2):
        one = pool.take(PRO)
        pool.fail(one, errors.RateLimited("no", seconds=0.4, reset_at=clock() + 0.4))
    key = names.index(PRO, "rate:alice")
    assert 0 < store.pttl(key) <= 60_000
    clock.pass_(0.4)
    early = [pool.take(PRO)]
    clock.pass_(0.2)
    early.append(pool.take(PRO))
    for each in early:
        pool.succeed(each)
    assert not store.exists(key), "the second call should have been refused"
    assert all(isinstance(pool.take(PRO), Reservation) for _ in range(6))
