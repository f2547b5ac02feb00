"""Put together arguments that come piece by piece, each with its place.

``partialArgs`` of a functionCall are objects like ``{"jsonPath": "$.stops[0].city",
"stringValue": "Os"}``; text for one place goes on with the next piece (Vertex AI docs,
streaming function call arguments).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any] | list[Any]
Step: TypeAlias = str | int

LONGEST_LIST = 10_000

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,5})\]|\['([^']*)'\]")
_VALUES = ("stringValue", "numberValue", "boolValue", "nullValue")


def add_pieces(args: dict[str, Any], pieces: Any) -> None:
    """Write the pieces into ``args``; what cannot be placed is passed over."""
    listed = pieces if isinstance(pieces, list) else ()
    for piece in (each for each in listed if isinstance(each, dict)):
        steps = _steps(piece.get("jsonPath"))
        name = next((name for name in _VALUES if name in piece), None)
        if steps and name:
            _put(args, steps, None if name == "nullValue" else piece[name])


def _steps(path: Any) -> list[Step]:
    if not isinstance(path, str) or not path.startswith("$"):
        return []
    return [
        int(index) if index else name or quoted
        for name, index, quoted in _STEP.findall(path[:1000])
    ]


def _put(node: Node, steps: list[Step], value: Any) -> None:
    for step, after in pairwise(steps):
        child = _get(node, step)
        if not isinstance(child, dict | list):
            child = [] if isinstance(after, int) else {}
            if not _set(node, step, child):
                return
        node = child
    known = _get(node, steps[-1])
    if isinstance(known, str) and isinstance(value, str):
        value = known + value
    _set(node, steps[-1], value)


def _get(node: Node, step: Step) -> Any:
    if isinstance(node, dict):
        return node.get(step) if isinstance(step, str) else None
    return node[step] if isinstance(step, int) and step < len(node) else None


def _set(node: Node, step: Step, value: Any) -> bool:
    if isinstance(node, dict) and isinstance(step, str):
        node[step] = value
        return True
    if isinstance(node, list) and isinstance(step, int) and step < LONGEST_LIST:
        node.extend([None] * (step + 1 - len(node)))
        node[step] = value
        return True
    return False
