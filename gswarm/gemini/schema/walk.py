"""One walk over one JSON Schema, by position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ...urls import LONGEST_URL
from .budget import Budget, size_of, size_of_entries
from .keywords import is_number, settle_members, settle_types, settle_values
from .references import (
    Schema,
    definition_name,
    definitions_of,
    plain_definitions,
    pointer_to,
    pointers_in,
    step_of,
)

MAX_DEPTH = 29
"""Google refuses schemas of more than 32 levels, and cleaning may add a few; what lies
below is declared as any object."""

MAX_UNROLLED = 3
"""How often a recursive reference is written out inside itself."""

MAX_DATA_DEPTH = 8
"""A default that is nested deeper is left out."""

FORMATS = frozenset({"date-time", "enum", "int32", "int64", "float", "double"})


DROP = object()


class Cleaner:
    """One walk over one schema: its definitions, its open references.

    What is written out is taken from ``budget``, which raises `InvalidRequest`.
    """

    def __init__(self, schema: Any, keeps_references: bool, budget: Budget) -> None:
        self._root: Schema = schema if isinstance(schema, dict) else {}
        self._definitions = definitions_of(self._root)
        self._shared: set[str] = set()
        if keeps_references and self._definitions:
            self._shared = plain_definitions(self._definitions)
        self._open: list[str] = []
        self._times_open = Counter[str]()
        self._budget = budget

    def root(self) -> Schema:
        out = self._node(self._flattened(self._root), 0)
        kept: Schema = {}
        wanted = self._shared_in(out)
        while wanted:
            name = wanted.pop()
            if name not in kept:
                kept[name] = self.node(self._definitions[name], 1)
                wanted += self._shared_in(kept[name])
        return {**out, "$defs": kept} if kept else out

    def _shared_in(self, cleaned: Schema) -> list[str]:
        """The definitions that what is left of a schema still refers to."""
        if not self._shared:
            return []
        names = map(definition_name, pointers_in(cleaned))
        return [name for name in names if name in self._shared]

    def node(self, schema: Any, depth: int) -> Schema:
        """One sub-schema, cleaned."""
        if not isinstance(schema, dict):
            return {}
        self._budget.spend(size_of(schema))
        if depth > MAX_DEPTH:
            return {"type": "object"}
        if "$ref" not in schema and "allOf" not in schema:
            return self._node(schema, depth)
        if name := self._shared_name(schema):
            return {"$ref": pointer_to(name)}
        opened = len(self._open)
        out = self._node(self._flattened(schema), depth + 1)
        self._times_open.subtract(self._open[opened:])
        del self._open[opened:]
        return out

    def _shared_name(self, schema: Schema) -> str | None:
        """The definition this node is nothing but a reference to."""
        name = definition_name(schema.get("$ref"))
        if name not in self._shared or schema.keys() & (READERS.keys() | {"allOf"}):
            return None
        return name

    def _flattened(self, schema: Schema) -> Schema:
        """A node with its reference and its allOf merged in, nearest words first."""
        merged: Schema = {}
        pending = [schema]
        for part in pending:
            if not isinstance(part, dict):
                continue
            self._budget.spend(size_of(part))
            _merge(merged, part)
            if isinstance(part.get("$ref"), str):
                pending.append(self._follow(part["$ref"]))
            if isinstance(part.get("allOf"), list):
                pending.extend(part["allOf"])
        return merged

    def _follow(self, pointer: str) -> Schema:
        if len(pointer) > LONGEST_URL:
            return {"description": "See elsewhere."}
        target: Any = self._root
        path, *steps = pointer.split("/")
        for step in map(step_of, steps):
            target = target.get(step) if isinstance(target, dict) else None
        if path != "#" or not isinstance(target, dict):
            return {"description": f"See {pointer.rpartition('/')[2]}."}
        if self._times_open[pointer] >= MAX_UNROLLED:
            return {"type": "object"}
        self._open.append(pointer)
        self._times_open[pointer] += 1
        return target

    def _node(self, schema: Schema, depth: int) -> Schema:
        out: Schema = {}
        # Several types become anyOf, one level more.
        several = isinstance(schema.get("type"), list) or "nullable" in schema
        depth += 2 if several else 1
        for key, value in schema.items():
            if key == "items" and isinstance(value, list):
                key = "prefixItems"
            if read := READERS.get(key):
                cleaned = read(self, value, depth)
                if cleaned is not DROP:
                    out[key] = cleaned
        settle_values(out, schema)
        settle_members(out, schema)
        return settle_types(out, schema)

    # ------------------------------------------------------------------- readers

    def named(self, value: Any, depth: int) -> Any:
        if not isinstance(value, dict):
            return DROP
        cleaned = {
            name: self.node(schema, depth)
            for name, schema in value.items()
            if schema is not False
        }
        return cleaned or DROP

    def several(self, value: Any, depth: int) -> Any:
        if not isinstance(value, list):
            return DROP
        return [self.node(schema, depth) for schema in value] or DROP

    def items(self, value: Any, depth: int) -> Any:
        return DROP if value is False else self.node(value, depth)

    def additional(self, value: Any, depth: int) -> Any:
        return self.node(value, depth) or DROP if isinstance(value, dict) else DROP

    def members(self, value: Any, _depth: int) -> Any:
        if not isinstance(value, list):
            return DROP
        return [item for item in value if not isinstance(item, dict | list)] or DROP

    def names(self, value: Any, _depth: int) -> Any:
        if not isinstance(value, list):
            return DROP
        return list(dict.fromkeys(name for name in value if isinstance(name, str)))

    def data(self, value: Any, _depth: int) -> Any:
        level = [value]
        for _ in range(MAX_DATA_DEPTH + 1):
            self._budget.spend(size_of_entries(level))
            level = [inside for each in level for inside in _inside(each)]
            if not level:
                return value
        return DROP


def _merge(into: Schema, part: Schema) -> None:
    for key, value in part.items():
        if key == "properties":
            for name, schema in value.items() if isinstance(value, dict) else ():
                into.setdefault(key, {}).setdefault(name, schema)
        elif key == "required":
            into.setdefault(key, []).extend(value if isinstance(value, list) else ())
        elif key not in ("$ref", "allOf", "$defs", "definitions"):
            into.setdefault(key, value)


def _text(_: Cleaner, value: Any, _depth: int) -> Any:
    return value if isinstance(value, str) else DROP


def _format(_: Cleaner, value: Any, _depth: int) -> Any:
    return value if isinstance(value, str) and value in FORMATS else DROP


def _number(_: Cleaner, value: Any, _depth: int) -> Any:
    return value if is_number(value) else DROP


def _count(_: Cleaner, value: Any, _depth: int) -> Any:
    return int(value) if is_number(value) and 0 <= value < 2**53 else DROP


def _flag(_: Cleaner, value: Any, _depth: int) -> Any:
    return value if isinstance(value, bool) else DROP


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


READERS: dict[str, Callable[[Cleaner, Any, int], Any]] = {
    "title": _text,
    "description": _text,
    "pattern": _text,
    "format": _format,
    "enum": Cleaner.members,
    "default": Cleaner.data,
    "minimum": _number,
    "maximum": _number,
    "multipleOf": _number,
    "uniqueItems": _flag,
    "minLength": _count,
    "maxLength": _count,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
    "maxProperties": _count,
    "properties": Cleaner.named,
    "required": Cleaner.names,
    "propertyOrdering": Cleaner.names,
    "additionalProperties": Cleaner.additional,
    "items": Cleaner.items,
    "prefixItems": Cleaner.several,
    "anyOf": Cleaner.several,
    "oneOf": Cleaner.several,
}
