"""A schema that is short until its references are written out."""

from __future__ import annotations

from typing import Any


def multiplying(
    levels: int, keyword: str = "$defs", **innermost: Any
) -> dict[str, Any]:
    """It comes to three to the power of ``levels``; references go to ``keyword``."""
    nodes: dict[str, Any] = {"N0": innermost}
    for n in range(1, levels + 1):
        below = {"$ref": f"#/{keyword}/N{n - 1}"}
        nodes[f"N{n}"] = {"properties": dict.fromkeys("abc", below)}
    return {"properties": {"top": {"$ref": f"#/{keyword}/N{levels}"}}, keyword: nodes}
