"""What a client may be told of how its answer came about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Served:
    """``project`` is an id or a short hash of one; None for an answer that was kept."""

    project: str | None
    attempts: int
    model: str
    milliseconds: int
