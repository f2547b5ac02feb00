"""The store's choice against the formula in Python, over random histories."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest

from gswarm import errors
from gswarm.rotation.cooldown import Cooldown, rest_seconds
from gswarm.rotation.health import Counts, Standing, health_of, ranked
from gswarm.routing.pool import Nothing, Pool, Taken

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
        self.last_used[project_id] = now
        self.in_flight[project_id] += 1

    def succeed(self, taken: Taken, now: float) -> None:
        self.in_flight[taken.project_id] -= 1
        pair = self.pairs[taken.project_id, taken.model]
        faded = pair.counts.faded(now)
        pair.counts = replace(faded, successes=faded.successes + 1)
        if taken.turn > pair.strike_turn:
            pair.strikes = 0
        if taken.turn > pair.rest_turn:
            pair.rests_until = 0.0

    def fail(self, taken: Taken, verdict: errors.Verdict, now: float) -> None:
        self.in_flight[taken.project_id] -= 1
        pair = self.pairs[taken.project_id, taken.model]
        if verdict.is_error:
            faded = pair.counts.faded(now)
            pair.counts = replace(faded, errors=faded.errors + 1)
            if taken.turn > pair.strike_turn:
                pair.strikes += 1
                pair.strike_turn = self.turn
        seconds = rest_seconds(verdict, pair.strikes, Cooldown())
        assert seconds is not None
        pair.rests_until = max(pair.rests_until, now + seconds)
        pair.rest_turn = self.turn


def check_choice(reference: Reference, found: Taken, tried: list[str], now: float):
    """The choice is the first by rank; equal healths may differ in the last digit."""
    best = ranked(reference.awake(found.model, tried, now), now)
    top = health_of(best[0], now).score
    equals = [each for each in best if top - health_of(each, now).score < 1e-9]
    equals.sort(key=lambda s: (s.in_flight, s.last_used_at, s.project_id))
    assert found.project_id == equals[0].project_id
    assert found.health.score == pytest.approx(top, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_the_store_chooses_as_the_formula_does(
    pool: Pool, add_projects, clock, seed: int
) -> None:
    dice = random.Random(seed)
    # One account each: what an account's quota rests is checked elsewhere.
    ids = [add_projects(f"user{n}")[0] for n in range(dice.choice((2, 5, 9)))]
    reference, flying, choices = Reference(ids), [], 0
    for _ in range(250):
        clock.pass_(dice.choice((0.0, 0.001, 0.25, 7, 40, 130, 900)))
        if flying and dice.random() < 0.48:
            settle(dice, pool, reference, flying, clock())
            continue
        tried = dice.sample(ids, dice.choice((0, 0, 0, 1, 2)))
        model = dice.choice(MODELS)
        found = pool.take(model, tried=tried)
        awake = reference.awake(model, tried, clock())
        assert bool(awake) == (isinstance(found, Taken) and not found.rested_for)
        if isinstance(found, Nothing):
            continue
        if awake:
            check_choice(reference, found, tried, clock())
            choices += 1
        reference.take(found.project_id, clock())
        flying.append(found)
    assert choices > 50


def settle(dice, pool: Pool, reference: Reference, flying: list, now: float) -> None:
    taken = flying.pop(dice.randrange(len(flying)))
    if dice.random() < 0.5:
        pool.succeed(taken)
        reference.succeed(taken, now)
        return
    verdict = dice.choice(VERDICTS)
    pool.fail(taken, verdict)
    reference.fail(taken, verdict, now)
