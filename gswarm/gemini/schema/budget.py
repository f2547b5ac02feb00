"""How much the schemas of one request may come to, all of them together."""

from __future__ import annotations

from typing import Any

from ...errors import InvalidRequest

MOST = 4_000_000
"""Characters, roughly. Hundreds of tools come to a tenth of it, and no model reads
more; but references multiply, and a short request could ask for days of work."""

PER_NODE = 20
PER_ENTRY = 10


class Budget:
    """What is left for schemas that are yet to be written out."""

    def __init__(self, characters: int = MOST) -> None:
        self.left = characters

    def spend(self, characters: int) -> None:
        """Take from what is left; raises `InvalidRequest` where that is too little."""
        self.left -= characters
        if self.left < 0:
            raise InvalidRequest(
                "The JSON Schemas of this request are too large, once references are"
                " written out.",
                code="unsupported_value",
            )


def size_of(node: dict[str, Any]) -> int:
    """Characters of a node, roughly, without the schemas inside it."""
    return PER_NODE + size_of_entries(node) + sum(map(_size, node.values()))


def size_of_entries(values: dict[str, Any] | list[Any]) -> int:
    """Characters of a list's plain values, or of an object's names."""
    return sum(
        PER_ENTRY + (len(value) if isinstance(value, str) else 0) for value in values
    )


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return size_of_entries(value) if isinstance(value, dict | list) else 0
