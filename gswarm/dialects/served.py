"""What a client may be told of how its answer came about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Served:
    """``project`` is an id or a short hash of one; None for an answer that was kept.

    ``id`` is 24 random hexadecimal digits, the same for all of an answer;
    ``created_at`` the epoch second it was asked for.
    """

    project: str | None
    attempts: int
    model: str
    milliseconds: int
    id: str
    created_at: int
