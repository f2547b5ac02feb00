"""Instants as people and JSON write them."""

from __future__ import annotations

from datetime import UTC, datetime

FIRST = 0.0
LAST = datetime(9990, 1, 1, tzinfo=UTC).timestamp()
"""Not the end of all calendars: what is reckoned from it stays an instant."""


def iso(instant: float) -> str:
    """Epoch seconds as ISO 8601: ``2026-01-31T12:00:00.000Z``.

    What lies beyond `FIRST` and `LAST` is written as the nearer of the two.
    """
    within = datetime.fromtimestamp(min(max(instant, FIRST), LAST), UTC)
    text = within.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
