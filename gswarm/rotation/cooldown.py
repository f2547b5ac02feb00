"""How long a verdict rests what it rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import AuthFailure, RateLimited, Verdict

MODEL_FIRST_SECONDS = 2.0
MODEL_MAX_SECONDS = 60.0

LONGEST_SECONDS = 8 * 86_400.0
"""A rest that is to last longer is a slip of whoever named it: the longest of Google's
quotas are a week's."""


@dataclass(frozen=True, slots=True)
class CooldownPolicy:
    """The figures an operator may change, in seconds.

    A project that fails, or is limited without a word of how long, rests ``initial``
    for the first ``threshold`` times in a row, then ``multiplier`` times as long for
    each more, never longer than ``longest``.
    """

    initial: float = 60.0
    longest: float = 3600.0
    multiplier: float = 2.0
    threshold: int = 3
    auth: float = 300.0

    @classmethod
    def from_config(cls, figures: Mapping[str, Any]) -> CooldownPolicy:
        """Read the ``cooldown`` part of the config."""
        return cls(
            initial=figures["initialMs"] / 1000,
            longest=figures["maxMs"] / 1000,
            multiplier=figures["multiplier"],
            threshold=figures["consecutiveErrorThreshold"],
            auth=figures["authMs"] / 1000,
        )


def named_seconds(verdict: Verdict, cooldown: CooldownPolicy) -> float | None:
    """The rest a verdict names or its kind implies; None: by failures in a row, or for
    good. Where Google named no length, or an absurd one, the operator's figures, or
    those of the kind, stand in."""
    if not is_sane(verdict):
        return verdict.default_seconds
    if verdict.seconds == AuthFailure.default_seconds and isinstance(
        verdict, AuthFailure
    ):
        return cooldown.auth
    if verdict.seconds == RateLimited.default_seconds and isinstance(
        verdict, RateLimited
    ):
        return cooldown.initial
    return verdict.seconds


def is_sane(verdict: Verdict) -> bool:
    """Whether the rest it names, if any, can be true."""
    return verdict.seconds is None or verdict.seconds <= LONGEST_SECONDS


def counted(verdict: Verdict) -> Literal["errors", "limits"] | None:
    """What in a row lengthens its rest: failures, or limits that say nothing of how
    long."""
    if verdict.word == "server":
        return "errors"
    says_nothing = (
        isinstance(verdict, RateLimited)
        and verdict.reset_at is None
        and verdict.seconds == RateLimited.default_seconds
    )
    return "limits" if says_nothing else None


def strike_seconds(strikes: int, cooldown: CooldownPolicy) -> float:
    """The rest after so many in a row (lua/settle.lua computes the same)."""
    extra = max(0, strikes - cooldown.threshold)
    return float(min(cooldown.initial * cooldown.multiplier**extra, cooldown.longest))


def rest_seconds(
    verdict: Verdict, strikes: int, cooldown: CooldownPolicy
) -> float | None:
    """The whole rule; None where the rest is lasting or there is none."""
    if verdict.rests == "nothing" or verdict.is_lasting:
        return None
    if verdict.rests == "model":
        return model_seconds(strikes, verdict.seconds)
    named = named_seconds(verdict, cooldown)
    if not counted(verdict):
        return named
    return max(named or 0.0, strike_seconds(strikes, cooldown))


def model_seconds(strikes: int, named: float | None = None) -> float:
    """A model without capacity: 2, 4, 8 … 60 seconds."""
    doubled = MODEL_FIRST_SECONDS * 2.0 ** (max(1, strikes) - 1)
    return min(MODEL_MAX_SECONDS, max(doubled, named or 0.0))
