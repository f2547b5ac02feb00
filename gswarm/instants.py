"""Instants as people and JSON write them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(instant: float) -> str:
    """Epoch seconds as ISO 8601: ``2026-01-31T12:00:00.000Z``."""
    text = datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
