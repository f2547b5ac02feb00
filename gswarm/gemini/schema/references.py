"""Where a JSON Schema's local references lead, and which of them run in circles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

Schema: TypeAlias = dict[str, Any]


def definition_name(pointer: Any) -> str | None:
    """``Name`` of ``#/$defs/Name`` or ``#/definitions/Name``, else None."""
    if not isinstance(pointer, str):
        return None
    steps = pointer.split("/", 3)
    if len(steps) == 3 and steps[0] == "#" and steps[1] in ("$defs", "definitions"):
        return step_of(steps[2])
    return None


def step_of(text: str) -> str:
    """One step of a JSON pointer, unescaped."""
    return unquote(text).replace("~1", "/").replace("~0", "~")


def pointer_to(name: str) -> str:
    """The pointer to a definition, wherever it stood before."""
    return "#/$defs/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


def definitions_of(root: Schema) -> Schema:
    """All definitions of a schema, by name; the newer keyword wins."""
    found: Schema = {}
    for key in ("definitions", "$defs"):
        if isinstance(root.get(key), dict):
            found.update(root[key])
    return found


def plain_definitions(definitions: Schema) -> set[str]:
    """The definitions that neither are recursive nor lead into recursion."""
    waiting: dict[str, int] = {}
    dependents: dict[str, list[str]] = defaultdict(list)
    for name, schema in definitions.items():
        pointers = set(pointers_in(schema))
        waiting[name] = len(pointers)
        for pointer in pointers:
            dependents[definition_name(pointer) or ""].append(name)
    ready = [name for name, count in waiting.items() if not count]
    plain: set[str] = set()
    while ready:
        plain.add(name := ready.pop())
        for dependent in dependents[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                ready.append(dependent)
    return plain


def pointers_in(schema: Any) -> Iterator[str]:
    """Everything a schema refers to, anywhere inside it."""
    nodes = [schema]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)
