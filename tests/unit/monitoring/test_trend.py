"""Rows of daily values and their direction."""

from __future__ import annotations

import pytest

from gswarm.monitoring.trend import Day, average_of, direction, percent_change


def days(*values: float | None) -> list[Day]:
    return [Day(value or 0, value is not None) for value in values]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((10, 12, 14, 16, 18, 20, 22), "increasing"),
        ((22, 20, 18, 16, 14, 12, 10), "decreasing"),
        ((100, 101, 99, 100, 102, 98, 100), "stable"),
        ((100, 104, 108, 112, 116, 120, 124), "stable"),
        ((None,) * 7, "stable"),
        ((None, None, None, None, None, None, 5), "increasing"),
    ],
)
def test_a_trend_is_a_slope_beyond_five_percent_of_the_mean(values, expected):
    assert direction(days(*values)) == expected


def test_the_average_is_over_quiet_days_too():
    assert average_of(days(None, 3, 6)) == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((None, 10, 40, 15), 50),
        ((10, 5), -50),
        ((None, 7), 0),
        ((None, None), None),
        ((0, 7), None),
    ],
)
def test_change_is_from_the_first_day_with_data_to_the_last_day(values, expected):
    assert percent_change(days(*values)) == expected
