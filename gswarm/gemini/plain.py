"""JSON whose whole numbers are integers, however they were written."""

from __future__ import annotations

from typing import Any

_EXACT = 2**53


def plain(value: Any) -> Any:
    """The same with ``5.0`` as ``5``; clients and their libraries write either."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
