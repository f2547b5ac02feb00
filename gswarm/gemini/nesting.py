"""How deep a JSON value is, told without recursion."""

from __future__ import annotations

from typing import Any

MAX_NESTING = 90
"""Google's JSON parser refuses a body nested deeper than 100."""


def deeper_than(value: Any, limit: int = MAX_NESTING) -> bool:
    """Whether a value has objects and arrays nested more than ``limit`` deep."""
    level = [value]
    for _ in range(limit + 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [v for v in node.values() if isinstance(v, dict | list)] or [None]
    if isinstance(node, list):
        return [v for v in node if isinstance(v, dict | list)] or [None]
    return []
