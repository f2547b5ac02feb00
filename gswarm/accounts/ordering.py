"""The order of rows that people see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Each = TypeVar("Each")


def in_order(
    rows: Iterable[Each], key: Callable[[Each], Any], *, descending: bool
) -> list[Each]:
    """Rows by their ``key``; those without a value come last, whichever way, and ties
    stay as they were."""
    keyed = [(key(row), row) for row in rows]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in known] + [row for value, row in keyed if value is None]
