"""Which way a row of daily values goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["increasing", "decreasing", "stable"]

STEADY = 0.05
"""A slope of up to this share of the mean a day is no trend."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's value; ``has_data`` is False for a day without requests."""

    value: float
    has_data: bool


def average_of(days: Sequence[Day]) -> float:
    """The mean over all days, quiet ones too."""
    return sum(day.value for day in days) / len(days)


def percent_change(days: Sequence[Day]) -> float | None:
    """The last day against the first one with data; None where there is none."""
    first = next((day.value for day in days if day.has_data), 0)
    return (days[-1].value - first) / first * 100 if first else None


def direction(days: Sequence[Day]) -> Direction:
    """Where the line of least squares goes."""
    mean, slope = average_of(days), _slope(days)
    if abs(slope) <= STEADY * mean:
        return "stable"
    return "increasing" if slope > 0 else "decreasing"


def _slope(days: Sequence[Day]) -> float:
    """By how much the line rises in a day."""
    middle, mean = (len(days) - 1) / 2, average_of(days)
    rise = sum((n - middle) * (day.value - mean) for n, day in enumerate(days))
    return rise / sum((n - middle) ** 2 for n in range(len(days)))
