"""The record of one request: what came of it, and why who was asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..errors import ClientGone, Refusal, SettingsError, StoreUnavailable
from ..gemini.reply import Usage
from ..routing.attempts import Attempt, RoutingOutcome
from ..routing.pool import NoneAvailable
from ..timestamps import iso
from .totals import ALL, Only

Record: TypeAlias = dict[str, Any]
"""A request as it is kept and shown; times in ms, ``route`` says why who was asked."""

CLIENT_CLOSED_REQUEST = 499
"""nginx's number for a request whose client did not wait for the answer."""


@dataclass(slots=True)
class Entry:
    """A request that is under way, as far as it is known.

    ``started`` is of `time.perf_counter`, ``started_at`` epoch seconds; ``cache`` is
    hit, miss or bypass. Once it is written, that is the end of it.
    """

    id: str
    endpoint: str
    method: str
    started: float
    started_at: float
    key: str | None = None
    key_id: str | None = None
    model: str | None = None
    is_stream: bool = False
    cache: str | None = None
    dialect: str | None = None
    is_written: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records are wanted; None means any."""

    only: Only = ALL
    error: str | None = None
    key: str | None = None
    status: str | None = None
    key_id: str | None = None
    dialect: str | None = None
    since: float | None = None
    until: float | None = None

    def takes(self, record: Record) -> bool:
        """Whether it is one of them."""
        only = self.only
        if self.key_id is not None and record.get("key_id") != self.key_id:
            return False
        return self._is_in_time(record) and all(
            wanted is None or wanted == record.get(name)
            for name, wanted in (
                ("account_id", only.account),
                ("project_id", only.project),
                ("model", only.model),
                ("error_type", self.error),
                ("key_name", self.key),
                ("status", self.status),
                ("dialect", self.dialect),
            )
        )

    def _is_in_time(self, record: Record) -> bool:
        """As text, instants compare as they do in time."""
        at: str = record["timestamp"]
        if self.since is not None and at < iso(self.since):
            return False
        return self.until is None or at <= iso(self.until)


ANY = Asked()


def record_of(
    entry: Entry,
    outcome: RoutingOutcome | None,
    usage: Usage,
    error: BaseException | None,
) -> Record:
    """The record of a request that is over; ``outcome`` is None where nobody was
    asked, ``error`` what it ended with."""
    taken = outcome.taken if outcome else None
    status_code, error_type = _ending_of(error)
    return {
        "id": entry.id,
        "timestamp": iso(entry.started_at),
        "endpoint": entry.endpoint,
        "method": entry.method,
        "account_id": taken.account if taken else None,
        "project_id": taken.project_id if taken else None,
        "duration_ms": _ms_since(entry.started, time.perf_counter()),
        "status": "error" if error_type else "success",
        "status_code": status_code,
        "error_type": error_type,
        "tokens_used": usage.total,
        "model": taken.model if taken else entry.model,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "thought_tokens": usage.reasoning,
        "cached_tokens": usage.cached,
        "attempts": len(outcome.attempts) if outcome else 0,
        "ttft_ms": _first_word(entry, outcome),
        "stream": entry.is_stream,
        "key_name": entry.key,
        "key_id": entry.key_id,
        "finish_reason": outcome.finish if outcome else None,
        "cache": entry.cache,
        "dialect": entry.dialect,
        "route": _route(outcome),
    }


TOLD = (
    *("id", "endpoint", "model", "account_id", "project_id", "key_name", "key_id"),
    *("status", "status_code", "error_type", "attempts", "duration_ms", "tokens_used"),
    *("stream", "cache"),
)


def told_of(record: Record) -> Record:
    """What is told at once of a request that is over; the record has the rest."""
    return {name: record[name] for name in TOLD}


def _ending_of(error: BaseException | None) -> tuple[int, str | None]:
    """The status that a client was given, or would have been, and one word for what
    went wrong."""
    match error:
        case None:
            return 200, None
        case Refusal():
            return error.status, error.code or error.type
        case ClientGone() | GeneratorExit():
            return CLIENT_CLOSED_REQUEST, "abandoned"
        case StoreUnavailable():
            return 503, "store_unavailable"
        case SettingsError():
            return 503, "misconfigured"
    return 500, "internal_error"


def _first_word(entry: Entry, outcome: RoutingOutcome | None) -> float | None:
    if outcome is None or outcome.first_word is None:
        return None
    return _ms_since(entry.started, outcome.first_word)


def _ms_since(start: float, end: float) -> float:
    """Whole microseconds, so that sums agree to the last digit."""
    return round((end - start) * 1_000_000) / 1000


def _route(outcome: RoutingOutcome | None) -> dict[str, Any]:
    """Why who was asked, and why in the end nobody could be."""
    if outcome is None:
        return {"attempts": [], "nothing": None}
    return {
        "attempts": [_describe(attempt) for attempt in outcome.attempts],
        "nothing": _describe_nothing(outcome.nothing) if outcome.nothing else None,
    }


def _describe(attempt: Attempt) -> dict[str, Any]:
    health = attempt.health
    return {
        "project_id": attempt.project_id,
        "account_id": attempt.account,
        "model": attempt.model,
        "health": round(health.score, 4),
        "health_terms": {
            "success": round(health.success, 4),
            "recency": round(health.recency, 4),
            "cooldown": round(health.cooldown, 4),
        },
        "verdict": attempt.verdict,
        "duration_ms": attempt.milliseconds,
        "candidates": attempt.candidates,
        "passed_over": attempt.passed_over,
        "is_probe": attempt.is_probe,
    }


def _describe_nothing(nothing: NoneAvailable) -> dict[str, Any]:
    return {
        "reason": nothing.reason,
        "free_at": None if nothing.free_at is None else iso(nothing.free_at),
        "candidates": nothing.candidates,
        "passed_over": nothing.passed_over,
    }
