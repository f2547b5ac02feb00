"""Days and hours (UTC), the pieces that any stretch of time is counted in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS

DAYS_KEPT = 30
HOURS_KEPT = 72


@dataclass(frozen=True, slots=True)
class Piece:
    """A day (``2026-01-31``) or an hour (``2026-01-31T09``), in epoch seconds."""

    name: str
    begins_at: int
    seconds: int

    @property
    def ends_at(self) -> int:
        return self.begins_at + self.seconds


def day_of(instant: float) -> Piece:
    """The day an instant lies in."""
    return _piece(instant, DAY_SECONDS, "%Y-%m-%d")


def hour_of(instant: float) -> Piece:
    """The hour an instant lies in."""
    return _piece(instant, HOUR_SECONDS, "%Y-%m-%dT%H")


def last_days(number: int, now: float) -> list[Piece]:
    """Today and the days before it, oldest first."""
    return [day_of(now - DAY_SECONDS * n) for n in reversed(range(number))]


def last_hours(number: int, now: float) -> list[Piece]:
    """This hour and those before it, oldest first."""
    return [hour_of(now - HOUR_SECONDS * n) for n in reversed(range(number))]


def pieces_between(start: float | None, end: float | None, now: float) -> list[Piece]:
    """What covers the time from ``start`` to ``end``, as far as it is kept.

    Whole days; where one is asked for in part, its hours, while they are kept. None is
    the oldest day there is, or now.
    """
    oldest = day_of(now - DAY_SECONDS * (DAYS_KEPT - 1)).begins_at
    start = max(oldest, start if start is not None else oldest)
    end = min(now, end if end is not None else now)
    return list(_covering(start, end, now))


def _covering(start: float, end: float, now: float) -> Iterator[Piece]:
    day = day_of(start)
    while day.begins_at <= end:
        is_whole = start <= day.begins_at and min(day.ends_at - 1, now) <= end
        if is_whole or day.begins_at < now - (HOURS_KEPT - 24) * HOUR_SECONDS:
            yield day
        else:
            first, last = max(start, day.begins_at), min(end, day.ends_at - 1)
            yield from _hours(first, last)
        day = day_of(day.ends_at)


def _hours(first: float, last: float) -> Iterator[Piece]:
    hour = hour_of(first)
    while hour.begins_at <= last:
        yield hour
        hour = hour_of(hour.ends_at)


def _piece(instant: float, seconds: int, spelled: str) -> Piece:
    begins_at = int(instant // seconds) * seconds
    name = datetime.fromtimestamp(begins_at, UTC).strftime(spelled)
    return Piece(name, begins_at, seconds)
