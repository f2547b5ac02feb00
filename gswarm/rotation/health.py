"""How well a project can serve a model: the formula projects are ranked by.

The store computes the same in lua/lib/health.lua; this is the reference it is tested
against.
"""

from __future__ import annotations

from dataclasses import dataclass

HALF_LIFE_SECONDS = 3600.0
RECENCY_SECONDS = 300.0
RECENCY_STEPS = 5
FORGOTTEN_ERRORS = 0.01
"""Less than a hundredth of an error is none: the project is clean again."""


@dataclass(frozen=True, slots=True)
class Health:
    """The three terms, each 0..1 and unweighted; ``cooldown`` is the penalty."""

    success: float
    recency: float
    cooldown: float

    @property
    def score(self) -> float:
        """0..1, higher is better."""
        return 0.5 * self.success + 0.3 * self.recency + 0.2 * (1 - self.cooldown)


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers and errors as they stood at ``counted_at``, fading since."""

    successes: float = 0.0
    errors: float = 0.0
    counted_at: float = 0.0

    def faded(self, now: float) -> Counts:
        """The same counts as they weigh at ``now``."""
        weight = 0.5 ** (max(0.0, now - self.counted_at) / HALF_LIFE_SECONDS)
        return Counts(self.successes * weight, self.errors * weight, now)


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranking knows of a project for a model. Instants are epoch seconds."""

    project_id: str
    counts: Counts = Counts()
    last_used_at: float = 0.0
    in_flight: int = 0
    rests_until: float = 0.0


def health_of(standing: Standing, now: float) -> Health:
    """The health of one project for one model."""
    return Health(
        success=_success(standing.counts.faded(now)),
        recency=_recency(standing, now),
        cooldown=float(standing.rests_until > now),
    )


def rests_as_long(one: Health, other: Health) -> bool:
    """Whether two clean projects count as equally healthy: their rests differ by less
    than a step. What is in flight then decides, and whose turn it is."""
    return int(one.recency * RECENCY_STEPS) == int(other.recency * RECENCY_STEPS)


def _success(counts: Counts) -> float:
    """1 without history, and again once errors have faded, even with no new success."""
    if counts.errors <= FORGOTTEN_ERRORS:
        return 1.0
    return (counts.successes + 1) / (counts.successes + counts.errors + 1)


def _recency(standing: Standing, now: float) -> float:
    """Grows with rest, so that the least recently used comes first."""
    if standing.in_flight:
        return 0.0
    return min(1.0, max(0.0, now - standing.last_used_at) / RECENCY_SECONDS)
