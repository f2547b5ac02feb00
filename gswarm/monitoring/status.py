"""How the whole stands: one word of six, over all models and for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ..gemini.models import upstreams_of
from ..routing.pool import ModelState, PoolState
from ..store.names import OTHER_MODEL

Word: TypeAlias = Literal[
    "disconnected",
    "quota_exhausted",
    "frozen",
    "degraded-capacity",
    "degraded-routed",
    "connected",
]
"""The first that applies: no enabled project of a usable account, or none that serves
the model; all rest for daily quota; all rest; some rest, or are shut out (of the whole
or of a model, a twentieth at least); none rests, but a request was limited by one
project and answered by another lately; all is well."""

ROUTED_SECONDS = 300.0
"""How long a limited request that was answered elsewhere is remembered."""

STOPPED = frozenset({"quota_exhausted", "frozen"})

NOTED_SHARE = 0.05
"""A smaller share of projects out of use is told by the counts, not by the word."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How one model stands. ``available`` projects can be asked now, ``cooling`` ones
    rest; one that lacks the model is neither. ``resting`` says of those that rest by
    themselves, not because the model has no capacity, for what reason."""

    word: Word
    available: int
    cooling: int
    next_free_at: float | None
    resting: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """How the whole stands at one instant. Projects and accounts that fail wait for
    somebody to mend them; those that are switched off do not. ``changes_at`` is when
    the clock alone changes it."""

    word: Word
    models: Mapping[str, ModelStatus]
    accounts: int
    usable_accounts: int
    failing_accounts: int
    projects: int
    active_projects: int
    cooling_projects: int
    failing_projects: int
    default_model: str
    at: float = field(compare=False)
    changes_at: float | None = field(compare=False)


def read_status(pool: PoolState, default_model: str, now: float) -> Status:
    """What the pool's state means. Models are those asked for lately, and the default
    one; only the former say how the whole stands."""
    models = {name: _model(state, now) for name, state in pool.models.items()}
    return Status(
        word=_overall(pool, models),
        models={default_model: _unasked(default_model, pool)} | models,
        accounts=pool.accounts,
        usable_accounts=pool.usable_accounts,
        failing_accounts=pool.failing_accounts,
        projects=pool.projects,
        active_projects=pool.usable - pool.cooling - pool.refused,
        cooling_projects=pool.cooling,
        failing_projects=pool.refused + pool.shut_out,
        default_model=default_model,
        at=now,
        changes_at=_next_change(pool, now),
    )


def _plain(usable: int) -> Word:
    return "connected" if usable else "disconnected"


def _unasked(model: str, pool: PoolState) -> ModelStatus:
    """How a model stands that nobody has asked for lately."""
    serving = upstreams_of(model)
    usable = pool.usable
    if serving is not None:
        usable = sum(pool.usable_on.get(upstream, 0) for upstream in serving)
    return ModelStatus(_plain(usable), usable, 0, None)


def _model(state: ModelState, now: float) -> ModelStatus:
    resting = _resting(state)
    cooling = sum(resting.values())
    if _rests(state, now):
        everyone = cooling + state.ready
        return ModelStatus("frozen", 0, everyone, state.rests_until, resting)
    word = _model_word(state, now)
    free_at = state.next_free_at if cooling or not state.ready else None
    return ModelStatus(word, state.ready, cooling, free_at, resting)


def _model_word(state: ModelState, now: float) -> Word:
    cooling = sum(_resting(state).values())
    if not state.ready and not state.resting:
        return "disconnected"
    if not state.ready:
        is_quota = cooling > 0 and state.resting.get("quota_exhausted") == cooling
        return "quota_exhausted" if is_quota else "frozen"
    if _is_noted(cooling, cooling + state.ready):
        return "degraded-capacity"
    is_routed = not cooling and _is_routed(state, now)
    return "degraded-routed" if is_routed else "connected"


def _is_noted(out: int, all_of_them: int) -> bool:
    return out > 0 and out >= NOTED_SHARE * all_of_them


def _overall(pool: PoolState, models: Mapping[str, ModelStatus]) -> Word:
    """Over all models that somebody serves: those nobody has ever heard of, asked for
    by mistake, say nothing about the rest."""
    asked = [each for name, each in models.items() if name != OTHER_MODEL]
    served = [each for each in asked if each.available or each.cooling]
    words = {each.word for each in served or asked} - {"disconnected"}
    if not pool.usable:
        return "disconnected"
    if words == {"quota_exhausted"}:
        return "quota_exhausted"
    if words and words <= STOPPED:
        return "frozen"
    out = pool.cooling + pool.refused + pool.shut_out
    is_noted = _is_noted(out, pool.usable + pool.shut_out)
    if is_noted or words & (STOPPED | {"degraded-capacity"}):
        return "degraded-capacity"
    return "degraded-routed" if "degraded-routed" in words else "connected"


def _resting(state: ModelState) -> dict[str, int]:
    return {why: n for why, n in state.resting.items() if why != "not_found"}


def _rests(state: ModelState, now: float) -> bool:
    """Whether Google has no capacity for the model, whatever the project."""
    return state.rests_until is not None and state.rests_until > now


def _is_routed(state: ModelState, now: float) -> bool:
    return state.routed_at is not None and now - state.routed_at < ROUTED_SECONDS


def _next_change(pool: PoolState, now: float) -> float | None:
    instants = [
        instant
        for state in pool.models.values()
        for instant in (
            state.next_free_at,
            state.rests_until,
            state.routed_at and state.routed_at + ROUTED_SECONDS,
        )
        if instant and instant > now
    ]
    return min(instants, default=None)
