"""The store's choice against the formula in Python, over random histories."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest

from gswarm import errors
from gswarm.rotation.cooldown import CooldownPolicy, rest_seconds
from gswarm.rotation.health import (
    FORGOTTEN_ERRORS,
    Counts,
    Standing,
    health_of,
    rests_as_long,
)
from gswarm.routing.pool import NoneAvailable, Pool, Reservation

MODELS = ("gemini-2.5-pro", "gemini-2.5-flash")
VERDICTS = (
    errors.RateLimited("slow down", seconds=20),
    errors.RateLimited("slow down"),
    errors.ServerFailure("boom"),
    errors.ServerFailure("boom"),
    errors.ModelMissing("404"),
    errors.QuotaExhausted("used up", seconds=5_000),
)


@dataclass
class Pair:
    """What the reference remembers of a project for a model."""

    counts: Counts = field(default_factory=Counts)
    strikes: int = 0
    strike_turn: int = 0
    rest_turn: int = 0
    rests_until: float = 0.0


class Reference:
    """The rules once more, in plain Python and without any index."""

    def __init__(self, ids: list[str]) -> None:
        self.pairs = {(each, model): Pair() for each in ids for model in MODELS}
        self.last_used = dict.fromkeys(ids, 0.0)
        self.in_flight = dict.fromkeys(ids, 0)
        self.account_turns = {account_of(each): 0 for each in ids}
        self.turn = 0

    def standings(self, model: str) -> list[Standing]:
        return [
            Standing(each, pair.counts, self.last_used[each], self.in_flight[each])
            for (each, its_model), pair in self.pairs.items()
            if its_model == model
        ]

    def awake(self, model: str, tried: list[str], now: float) -> list[Standing]:
        return [
            each
            for each in self.standings(model)
            if self.pairs[each.project_id, model].rests_until <= now
            and each.project_id not in tried
        ]

    def take(self, project_id: str, now: float) -> None:
        self.turn += 1
        self.account_turns[account_of(project_id)] = self.turn
        self.last_used[project_id] = now
        self.in_flight[project_id] += 1

    def succeed(self, taken: Reservation, now: float) -> None:
        self.in_flight[taken.project_id] -= 1
        pair = self.pairs[taken.project_id, taken.model]
        faded = pair.counts.faded(now)
        pair.counts = replace(faded, successes=faded.successes + 1)
        if taken.turn > pair.strike_turn:
            pair.strikes = 0
        if taken.turn > pair.rest_turn:
            pair.rests_until = 0.0

    def fail(self, taken: Reservation, verdict: errors.Verdict, now: float) -> None:
        self.in_flight[taken.project_id] -= 1
        pair = self.pairs[taken.project_id, taken.model]
        if verdict.is_error:
            faded = pair.counts.faded(now)
            pair.counts = replace(faded, errors=faded.errors + 1)
            if taken.turn > pair.strike_turn:
                pair.strikes += 1
                pair.strike_turn = self.turn
        seconds = rest_seconds(verdict, pair.strikes, CooldownPolicy())
        assert seconds is not None
        pair.rests_until = max(pair.rests_until, now + seconds)
        pair.rest_turn = self.turn

    def account_rank(self, standing: Standing) -> tuple[int, int, str]:
        """Of equally healthy ones this decides: the account's use."""
        account = account_of(standing.project_id)
        flying = [
            n for each, n in self.in_flight.items() if account_of(each) == account
        ]
        return sum(flying), self.account_turns[account], account

    def best(self, model: str, tried: list[str], now: float) -> list[Standing]:
        """The one to choose; two where their healths differ in the last digit only."""
        awake = self.awake(model, tried, now)
        clean = [s for s in awake if s.counts.faded(now).errors <= FORGOTTEN_ERRORS]
        found = [s for s in awake if s not in clean]
        if clean:
            found.append(self.best_clean(clean, now))
        found.sort(key=lambda s: (-health_of(s, now).score, use_of(s)))
        top = health_of(found[0], now).score
        return [s for s in found if top - health_of(s, now).score < 1e-9]

    def best_clean(self, clean: list[Standing], now: float) -> Standing:
        first = min(clean, key=use_of)
        equals = [
            each
            for each in clean
            if each.in_flight == first.in_flight
            and rests_as_long(health_of(each, now), health_of(first, now))
        ]
        return min(equals, key=lambda s: (self.account_rank(s), use_of(s)))


def use_of(standing: Standing) -> tuple[int, float, str]:
    return standing.in_flight, standing.last_used_at, standing.project_id


def account_of(project_id: str) -> str:
    return project_id.rpartition("-")[0]


@pytest.mark.parametrize("seed", range(12))
def test_the_store_chooses_as_the_formula_does(
    pool: Pool, add_projects, clock, seed: int
) -> None:
    dice = random.Random(seed)
    # What an account's quota rests is checked elsewhere.
    sizes = (1,) if seed % 2 else (1, 2, 3)
    verdicts = VERDICTS if seed % 2 else VERDICTS[:-1]
    ids = [
        each
        for n in range(dice.choice((2, 5, 9)))
        for each in add_projects(f"user{n}", dice.choice(sizes))
    ]
    reference, flying, choices = Reference(ids), [], 0
    for _ in range(250):
        clock.pass_(dice.choice((0.0, 0.001, 0.25, 7, 40, 130, 900)))
        if flying and dice.random() < 0.48:
            settle(dice, verdicts, pool, reference, flying, clock())
            continue
        tried = dice.sample(ids, dice.choice((0, 0, 0, 1, 2)))
        model = dice.choice(MODELS)
        found = pool.take(model, tried=tried)
        awake = reference.awake(model, tried, clock())
        assert bool(awake) == (isinstance(found, Reservation) and not found.rested_for)
        if isinstance(found, NoneAvailable):
            continue
        if awake:
            best = reference.best(model, tried, clock())
            assert found.project_id in [each.project_id for each in best]
            top = health_of(best[0], clock()).score
            assert found.health.score == pytest.approx(top, abs=1e-9)
            choices += 1
        reference.take(found.project_id, clock())
        flying.append(found)
    assert choices > 50


def settle(
    dice, verdicts, pool: Pool, reference: Reference, flying: list, now: float
) -> None:
    taken = flying.pop(dice.randrange(len(flying)))
    if dice.random() < 0.5:
        pool.succeed(taken)
        reference.succeed(taken, now)
        return
    verdict = dice.choice(verdicts)
    pool.fail(taken, verdict)
    reference.fail(taken, verdict, now)
