"""Every error body Google has been seen to send, by name."""

from __future__ import annotations

import random
from typing import Any

from . import denials, failures, quotas
from .pieces import (
    CANONICAL,
    Detail,
    Facts,
    Maker,
    bad_request,
    invalid_argument,
    legacy,
)

__all__ = [
    "CANONICAL",
    "NAMED",
    "Facts",
    "bad_request",
    "finished",
    "invalid_argument",
]

NAMED: dict[str, Maker] = quotas.NAMED | denials.NAMED | failures.NAMED


def finished(body: dict[str, Any], status: int, facts: Facts) -> dict[str, Any]:
    """Apply the facts every body shares: another status, message, order, legacy."""
    error = dict(body["error"], code=status)
    if status != body["error"]["code"]:
        error["status"] = CANONICAL.get(status, "UNKNOWN")
    error["message"] = facts.message or error["message"]
    if facts.legacy is False:
        error.pop("errors", None)
    elif facts.legacy and "errors" not in error:
        error["errors"] = legacy(error["message"], status)
    if facts.shuffle is not None and "details" in error:
        error["details"] = _shuffled(error["details"], random.Random(facts.shuffle))
    return {"error": error}


def _shuffled(details: list[Detail], dice: random.Random) -> list[Detail]:
    mixed = [dict(detail) for detail in details]
    for detail in mixed:
        if "metadata" in detail:
            pairs = list(detail["metadata"].items())
            dice.shuffle(pairs)
            detail["metadata"] = dict(pairs)
    dice.shuffle(mixed)
    return mixed
