"""How much may be sent: what the operator says of Google's limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import Verdict

QuotaFigures: TypeAlias = dict[str, Any]
"""What lua/lib/quota.lua takes: ``minute`` and ``day`` (calls, where there is a
limit), and ``threshold``, the part of a day's limit whose use is worth a warning."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """Limits by model; others are learnt. Nothing is counted unless ``is_on``."""

    is_on: bool = True
    threshold: float = 0.8
    limits: Mapping[str, QuotaFigures] = field(default_factory=dict)

    @classmethod
    def from_config(cls, figures: Mapping[str, Any]) -> Pacing:
        """Read the ``quotaManagement`` part of the config."""
        limits = {
            model: {
                "minute": limit.get("perMinutePerProject") or None,
                "day": limit.get("perDayPerAccount") or None,
            }
            for model, limit in figures["limits"].items()
        }
        return cls(figures["trackingEnabled"], figures["warningThreshold"], limits)

    def named(self, model: str) -> QuotaFigures:
        """The limits there are for a model."""
        known = self.limits.get(model, {})
        return {name: limit for name, limit in known.items() if limit}

    def quota(self, model: str) -> QuotaFigures | None:
        """What there is to mind for a model; None where nothing is counted."""
        if not self.is_on:
            return None
        return {"threshold": self.threshold, **self.named(model)}


NO_PACING = Pacing(is_on=False)

Lesson: TypeAlias = dict[str, Any]
"""What lua/quota.lua may learn of a refusal: ``window`` ("minute", "day" or None: the
refusal names none) and ``limit`` (requests in it, None where it does not say)."""

_WINDOWS = (
    ("day", re.compile(r"per_?day|daily", re.I)),
    ("minute", re.compile(r"per_?minute", re.I)),
)


def lesson(verdict: Verdict) -> Lesson | None:
    """What a refusal tells of a limit; None where it counts something other than
    requests, or says neither what it counts nor when it ends: a bare one may have any
    cause."""
    quota = verdict.quota
    if quota and "token" in quota.id.lower():
        return None
    if not quota:
        return {"window": None, "limit": None} if verdict.reset_at else None
    named = (word for word, pattern in _WINDOWS if pattern.search(quota.id))
    return {"window": next(named, None), "limit": quota.requests}
