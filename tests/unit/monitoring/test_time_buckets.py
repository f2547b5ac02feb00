"""Stretches of time are cut into the days and hours that are counted."""

from __future__ import annotations

from datetime import UTC, datetime

from gswarm.monitoring.time_buckets import (
    day_of,
    hour_of,
    last_days,
    last_hours,
    pieces_between,
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-03-01T15:20:00")


def names(start: str | None, end: str | None) -> list[str]:
    first, last = (at(text) if text else None for text in (start, end))
    return [piece.name for piece in pieces_between(first, last, NOW)]


def test_days_and_hours_are_named_as_people_write_them():
    assert day_of(NOW).name == "2026-03-01"
    assert hour_of(NOW).name == "2026-03-01T15"
    assert hour_of(NOW).begins_at == at("2026-03-01T15:00:00")
    assert hour_of(NOW).ends_at == at("2026-03-01T16:00:00")


def test_the_last_ones_end_with_this_one():
    assert [day.name for day in last_days(3, NOW)] == [
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
    ]
    assert [hour.name for hour in last_hours(2, NOW)] == [
        "2026-03-01T14",
        "2026-03-01T15",
    ]


def test_whole_days_are_taken_whole():
    whole = names("2026-02-26T00:00:00", "2026-02-28T23:59:59.999")
    assert whole == ["2026-02-26", "2026-02-27", "2026-02-28"]


def test_today_is_whole_as_far_as_it_has_come():
    assert names("2026-03-01T00:00:00", None) == ["2026-03-01"]
    assert names("2026-03-01T00:00:00", "2026-03-01T23:59:59.999") == ["2026-03-01"]


def test_a_part_of_a_late_day_is_taken_by_the_hour():
    assert names("2026-02-28T22:30:00", "2026-03-01T01:00:00") == [
        "2026-02-28T22",
        "2026-02-28T23",
        "2026-03-01T00",
        "2026-03-01T01",
    ]


def test_a_part_of_an_old_day_is_the_whole_day():
    assert names("2026-02-20T22:30:00", "2026-02-20T23:00:00") == ["2026-02-20"]


def test_nothing_is_older_than_what_is_kept():
    found = names("1970-01-01T00:00:00", None)
    assert (len(found), found[0]) == (30, "2026-01-31")
    assert names(None, None) == found


def test_the_future_holds_nothing():
    assert names("2026-03-02T00:00:00", "2026-04-01T00:00:00") == []
