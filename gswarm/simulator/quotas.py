"""What accounts and projects may still ask for, by independent limiters."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .durations import timestamp
from .errors import GoogleError, named
from .models import Api, served_by

Clock: TypeAlias = Callable[[], float]
Key: TypeAlias = tuple[str, str]
"""Whom a limiter counts for: an account or project, and a model or ``*``."""

WINDOW_SECONDS = {"minute": 60.0, "day": 86_400.0}
BUCKET = "bucket"
FREE_CAPACITY_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """``limit`` requests in any ``window`` (rolling), or until it begins anew (fixed).
    A ``bucket`` holds that many tokens and gains ``rate`` a second.

    ``models`` share one count when they are a list or ``*`` (all); ``each`` gives
    every model a count of its own. ``error`` names the refusal (None: as the API
    usually puts it).
    """

    per: Literal["project", "account"]
    window: Literal["minute", "day", "bucket"]
    models: tuple[str, ...] | Literal["*", "each"]
    limit: int
    reset: Literal["fixed", "rolling"] = "rolling"
    error: str | None = None
    rate: float | None = None

    @classmethod
    def of(cls, wanted: Mapping[str, Any]) -> Limit:
        """Read one entry of ``POST /_sim/quota``; ValueError for nonsense."""
        models: Any = wanted.get("models", "*")
        if not isinstance(models, str):
            models = tuple(models)
        limit = cls(
            per=wanted["per"],
            window=wanted["window"],
            models=models,
            limit=int(wanted["limit"]),
            reset=wanted.get("reset", "rolling"),
            error=wanted.get("error"),
            rate=wanted.get("rate"),
        )
        limit.check()
        return limit

    def check(self) -> None:
        """Raise ValueError for words that mean nothing."""
        for word, known in (
            (self.per, ("project", "account")),
            (self.window, (*WINDOW_SECONDS, BUCKET)),
            (self.reset, ("fixed", "rolling")),
        ):
            if word not in known:
                raise ValueError(f"a limit takes one of {', '.join(known)}, not {word}")
        if isinstance(self.models, str) and self.models not in ("*", "each"):
            raise ValueError(f'models takes a list, "*" or "each", not {self.models}')
        if (self.window == BUCKET) != bool(self.rate and self.rate > 0):
            raise ValueError("a bucket takes a rate, and nothing else does")

    @property
    def seconds(self) -> float:
        """The length of the window."""
        return WINDOW_SECONDS[self.window]

    def covers(self, model: str) -> bool:
        """Whether calls of this model count."""
        return isinstance(self.models, str) or model in self.models

    def key(self, account: str, project: str, model: str) -> Key:
        """Whose count a call belongs to."""
        owner = project if self.per == "project" else account
        return owner, model if self.models == "each" else "*"

    def as_json(self) -> dict[str, Any]:
        """The limit as ``GET /_sim/quota`` shows it."""
        models = self.models if isinstance(self.models, str) else list(self.models)
        shown: dict[str, Any] = {
            "per": self.per,
            "window": self.window,
            "models": models,
        }
        shown |= {"limit": self.limit, "reset": self.reset, "error": self.error}
        return shown | ({"rate": self.rate} if self.rate else {})


class _Window:
    """The calls counted for one key, as far as they still count."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._taken: deque[float] = deque()

    def left(self, now: float) -> int:
        """How many calls are left; never below zero."""
        self._forget(now)
        return max(self._limit.limit - len(self._taken), 0)

    def frees_at(self, now: float) -> float:
        """When the next call is possible, or the window is full again."""
        if self._limit.reset == "fixed":
            return (now // self._limit.seconds + 1) * self._limit.seconds
        oldest = self._taken[0] if self._taken else now
        return oldest + self._limit.seconds

    def take(self, now: float) -> None:
        """Count one call."""
        self._taken.append(now)

    def _forget(self, now: float) -> None:
        start = now - self._limit.seconds
        if self._limit.reset == "fixed":
            start = now // self._limit.seconds * self._limit.seconds
            while self._taken and self._taken[0] < start:
                self._taken.popleft()
        while self._taken and self._taken[0] <= start and self._limit.reset != "fixed":
            self._taken.popleft()


class _Bucket:
    """Tokens for one key: each call takes one."""

    def __init__(self, limit: Limit) -> None:
        self._most, self._rate = float(limit.limit), limit.rate or 0.0
        self._tokens, self._at = self._most, 0.0

    def left(self, now: float) -> int:
        """How many calls may be made at once."""
        return int(self._filled(now))

    def frees_at(self, now: float) -> float:
        """When there is a whole token."""
        return now + max(0.0, 1 - self._filled(now)) / self._rate

    def take(self, now: float) -> None:
        """Take a token."""
        self._tokens, self._at = self._filled(now) - 1, now

    def _filled(self, now: float) -> float:
        gained = max(0.0, now - self._at) * self._rate
        # What makes a token but for the last digit is one.
        return min(self._most, round(self._tokens + gained, 6))


@dataclass
class _Limiter:
    limit: Limit
    windows: dict[Key, _Window | _Bucket] = field(default_factory=dict)

    def window(self, account: str, project: str, model: str) -> _Window | _Bucket:
        key = self.limit.key(account, project, model)
        if key not in self.windows:
            kind = _Bucket if self.limit.window == BUCKET else _Window
            self.windows[key] = kind(self.limit)
        return self.windows[key]


class Quotas:
    """Every limit at once. A call must pass all of them, and counts in all or none.

    ``admitted`` counts calls by (account, project, model), ``refused`` by the same
    and the name of the error.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: list[_Limiter] = []
        self._full: set[str] = set()
        self.admitted: Counter[tuple[str, str, str]] = Counter()
        self.refused: Counter[tuple[str, str, str, str]] = Counter()

    def configure(self, limits: Iterable[Mapping[str, Any]]) -> None:
        """Replace every limit and forget what was counted; ValueError for nonsense."""
        limiters = [_Limiter(Limit.of(wanted)) for wanted in limits]
        with self._lock:
            self._limiters = limiters
            self.admitted.clear()
            self.refused.clear()

    def set_capacity(self, model: str, available: bool) -> None:
        """Say whether Google has capacity for a model, whoever asks."""
        (self._full.discard if available else self._full.add)(model)

    def admit(
        self, account: str, project: str, model: str, *, api: Api = "cloudcode"
    ) -> None:
        """Count the call, or raise the 429 with the true delay and count nothing.

        Of several limits that refuse, the one that lasts longest speaks.
        """
        with self._lock:
            name, error = self._refusal(account, project, model, api)
            if error:
                self.refused[account, project, model, name] += 1
                raise error
            for window in self._windows(account, project, model).values():
                window.take(self._clock())
            self.admitted[account, project, model] += 1

    def buckets(self, account: str) -> list[dict[str, Any]]:
        """The account's quotas as ``retrieveUserQuota`` tells them, model by model."""
        with self._lock:
            return [self._bucket(account, m.name) for m in served_by("cloudcode")]

    def as_json(self) -> dict[str, Any]:
        """Limits, models without capacity, and what was let through and refused."""
        return {
            "limits": [limiter.limit.as_json() for limiter in self._limiters],
            "capacity": dict.fromkeys(sorted(self._full), False),
            "admitted": _listed(self.admitted),
            "refused": _listed(self.refused),
        }

    def _refusal(
        self, account: str, project: str, model: str, api: Api
    ) -> tuple[str, GoogleError | None]:
        if model in self._full:
            return "capacity", named("capacity", model=model)
        now = self._clock()
        empty = {
            limit: window.frees_at(now)
            for limit, window in self._windows(account, project, model).items()
            if not window.left(now)
        }
        if not empty:
            return "", None
        limit = max(empty, key=lambda found: empty[found])
        name = limit.error or _USUAL_ERRORS[api == "gemini_api", limit.window]
        error = named(
            name,
            model=model,
            project=project,
            limit=limit.limit,
            now=now,
            reset_after=round(empty[limit] - now, 9),
        )
        return name, error

    def _windows(
        self, account: str, project: str, model: str
    ) -> dict[Limit, _Window | _Bucket]:
        return {
            limiter.limit: limiter.window(account, project, model)
            for limiter in self._limiters
            if limiter.limit.covers(model)
        }

    def _bucket(self, account: str, model: str) -> dict[str, Any]:
        now = self._clock()
        windows = {
            limit: window
            for limit, window in self._windows(account, "", model).items()
            if limit.per == "account" and limit.window == "day"
        }
        bucket: dict[str, Any] = {"modelId": model, "tokenType": "REQUESTS"}
        if not windows:
            full_at = timestamp(now + WINDOW_SECONDS["day"])
            return bucket | {"remainingFraction": 1.0, "resetTime": full_at}
        limit = min(windows, key=lambda found: windows[found].left(now))
        left = windows[limit].left(now)
        return bucket | {
            "remainingAmount": str(left),
            "remainingFraction": round(left / (limit.limit or 1), 6),
            "resetTime": timestamp(windows[limit].frees_at(now)),
        }


_USUAL_ERRORS = {
    (False, "bucket"): "rate_limit",
    (True, "bucket"): "rate_limit",
    (False, "minute"): "rate_limit",
    (False, "day"): "daily_quota",
    (True, "minute"): "gemini_rate",
    (True, "day"): "gemini_daily",
}


def _listed(counts: Mapping[Any, int]) -> list[dict[str, Any]]:
    names = ("account", "project", "model", "error")
    return [
        dict(zip(names, key, strict=False)) | {"count": count}
        for key, count in sorted(counts.items())
    ]
