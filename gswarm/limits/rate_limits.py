"""A request at an API key's limits: let in or refused, and how its client hears it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..errors import KeyLimitExceeded, RateLimitExceeded
from .api_key import ApiKey

LimitName: TypeAlias = Literal[
    "per_minute", "per_second", "tokens_per_day", "tokens_under_way", "at_once"
]

MINUTE_SECONDS = 60
DAY_SECONDS = 86_400

USUAL_ANSWER_TOKENS = 2_000
"""Held for an answer whose length the request leaves open."""
MEDIA = frozenset({"inlineData", "inline_data", "fileData", "file_data"})

WORDS: Mapping[LimitName, str] = {
    "per_minute": "requests per min (RPM)",
    "per_second": "requests per second",
    "tokens_per_day": "tokens per day (TPD)",
    "tokens_under_way": "tokens per day (TPD), with those of requests under way",
    "at_once": "requests at once",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be asked for; 0 is no limit. ``per_second`` bounds bursts."""

    per_minute: int = 0
    per_second: int = 0
    tokens_per_day: int = 0
    at_once: int = 0

    @property
    def tokens_under_way(self) -> int:
        """The same limit, as the requests under way would reach it."""
        return self.tokens_per_day

    @property
    def are_held(self) -> bool:
        """Whether a request counts for as long as it lasts."""
        return bool(self.at_once or self.tokens_per_day)


@dataclass(frozen=True, slots=True)
class Counts:
    """Where a key stands after asking, and the limit that refused it, if one did."""

    refused_by: LimitName | None
    requests_this_minute: int
    tokens_today: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """How far a limit is used up; ``reset_seconds`` until it is whole again."""

    limit: int
    remaining: int
    reset_seconds: float


@dataclass(slots=True, weakref_slot=True, eq=False)
class Admission:
    """A request at the door, let in or refused.

    ``requests`` and ``tokens`` are None where the key has no such limit; ``place`` is
    one of its requests at once, held until the request ends.
    """

    key: ApiKey
    requests: Allowance | None
    tokens: Allowance | None
    refusal: RateLimitExceeded | None = None
    place: str | None = None

    def check(self) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal:
            raise self.refusal

    @property
    def headers(self) -> dict[str, str]:
        """``x-ratelimit-*`` as OpenAI has them, for allowed and refused alike."""
        return {
            **_headers("requests", self.requests),
            **_headers("tokens", self.tokens),
        }


def limits_in(config: Mapping[str, Any]) -> Limits:
    """The limits that the config's ``rateLimit`` sets.

    ``burstLimit`` is how many of a minute's requests may come within one second.
    """
    return Limits(
        per_minute=config.get("requestsPerMinute") or 0,
        per_second=config.get("burstLimit") or 0,
        tokens_per_day=config.get("tokensPerDay") or 0,
        at_once=config.get("maxConcurrent") or 0,
    )


def limits_of(key: ApiKey, default: Limits) -> Limits:
    """A key's own limits, and the default wherever it has none of its own.

    A key with its own requests per minute is free of the default's bound on bursts.
    """
    has_own_rate = key.rate_limit is not None
    return Limits(
        per_minute=_own(key.rate_limit, default.per_minute),
        per_second=0 if has_own_rate else default.per_second,
        tokens_per_day=_own(key.tokens_per_day, default.tokens_per_day),
        at_once=_own(key.max_concurrent, default.at_once),
    )


def admission(
    key: ApiKey, limits: Limits, counts: Counts, place: str | None, now: float
) -> Admission:
    """What the counts of ``now`` (epoch seconds) mean for the request."""
    minute, day = _left_of(MINUTE_SECONDS, now), _left_of(DAY_SECONDS, now)
    refused_by = counts.refused_by
    return Admission(
        key,
        _allowance(limits.per_minute, counts.requests_this_minute, minute),
        _allowance(limits.tokens_per_day, counts.tokens_today, day),
        refusal=_refusal(refused_by, limits, now) if refused_by else None,
        place=place if not refused_by and limits.are_held else None,
    )


def as_duration(seconds: float) -> str:
    """Whole seconds, rounded up, as Go writes them: ``7s``, ``1m0s``, ``13h0m5s``."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _headers(unit: str, allowance: Allowance | None) -> dict[str, str]:
    if allowance is None:
        return {}
    return {
        f"x-ratelimit-limit-{unit}": str(allowance.limit),
        f"x-ratelimit-remaining-{unit}": str(allowance.remaining),
        f"x-ratelimit-reset-{unit}": as_duration(allowance.reset_seconds),
    }


def _own(own: int | None, default: int) -> int:
    return default if own is None else own


def _allowance(limit: int, used: int, reset_seconds: float) -> Allowance | None:
    return Allowance(limit, max(0, limit - used), reset_seconds) if limit else None


def _refusal(limit: LimitName, limits: Limits, now: float) -> RateLimitExceeded:
    seconds = {
        "per_minute": _left_of(MINUTE_SECONDS, now),
        "tokens_per_day": _left_of(DAY_SECONDS, now),
    }.get(limit, 1.0)
    refusal = KeyLimitExceeded(
        f"Rate limit reached for this API key on {WORDS[limit]}: "
        f"Limit {getattr(limits, limit)}.",
        retry_after=seconds,
    )
    refusal.type = "tokens" if limit.startswith("tokens") else "requests"
    return refusal


def _left_of(period_seconds: int, now: float) -> float:
    """Seconds until the period (counted in UTC) is over; never 0."""
    return period_seconds - now % period_seconds


def tokens_expected(body: Mapping[str, Any]) -> int:
    """About how many tokens a request may come to, its answer included: what is held
    for it until they are known. Four characters make one, as a rule."""
    config = body.get("generationConfig") or {}
    asked = config.get("maxOutputTokens") if isinstance(config, Mapping) else None
    answer = asked if isinstance(asked, int) and asked > 0 else USUAL_ANSWER_TOKENS
    return _characters(body.get("contents")) // 4 + answer


def _characters(value: Any) -> int:
    """Of every text inside; media are told by other figures."""
    count, waiting = 0, [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            count += len(node)
        elif isinstance(node, Mapping):
            waiting.extend(each for key, each in node.items() if key not in MEDIA)
        elif isinstance(node, list):
            waiting.extend(node)
    return count
