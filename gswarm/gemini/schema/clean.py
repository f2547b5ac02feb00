"""JSON Schema, cleaned only as far as Google's ``*JsonSchema`` fields require.

A schema is walked by position, never by key name: a property called ``title`` or
``$ref`` is the caller's data. The caller's object is never changed.
"""

from __future__ import annotations

from typing import Any

import orjson

from .budget import Budget
from .references import Schema, definition_name
from .walk import Cleaner


def clean(
    schema: Any, budget: Budget | None = None, *, keeps_references: bool = True
) -> Schema:
    """The schema in the words Google reads; ``{}`` when it says nothing.

    References to definitions that are not recursive stay references unless
    ``keeps_references`` is false; all others are written out. ``budget`` is what the
    schemas of one request share; raises `InvalidRequest` where it does not suffice.
    """
    return Cleaner(schema, keeps_references, budget or Budget()).root()


def clean_parameters(
    schema: Any, budget: Budget | None = None, *, keeps_references: bool = True
) -> Schema | None:
    """A function's parameters: an object schema, or None when there are none."""
    if not isinstance(schema, dict):
        return None
    cleaned = clean(schema, budget, keeps_references=keeps_references)
    definitions = cleaned.pop("$defs", {})
    cleaned = _as_object(cleaned, definitions)
    if not (cleaned.get("properties") or cleaned.get("additionalProperties")):
        return None
    return {**cleaned, "$defs": definitions} if definitions else cleaned


def _as_object(schema: Schema, definitions: Schema) -> Schema:
    if not schema:
        return {}
    if schema.get("type") == "object":
        return schema
    if "anyOf" in schema and "type" not in schema:
        branches = [_dereferenced(branch, definitions) for branch in schema["anyOf"]]
        if all(branch.get("type") == "object" for branch in branches):
            return _united(schema, branches)
    if not schema.keys() & {"type", "anyOf", "enum"}:
        return {}
    return {"type": "object", "properties": {"value": schema}, "required": ["value"]}


def _dereferenced(branch: Schema, definitions: Schema) -> Schema:
    name = definition_name(branch.get("$ref"))
    found: Schema = branch if name is None else definitions.get(name, branch)
    return found


def _united(schema: Schema, branches: list[Schema]) -> Schema:
    """One object that admits what any of the branches does."""
    branches = list({id(branch): branch for branch in branches}.values())
    declared: dict[str, dict[bytes, Schema]] = {}
    for branch in (schema, *branches):
        for name, given in branch.get("properties", {}).items():
            known_by = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
            declared.setdefault(name, {}).setdefault(known_by, given)
    properties = {
        name: _any_of(list(kinds.values())) for name, kinds in declared.items()
    }
    everywhere = set.intersection(*(set(each.get("required", ())) for each in branches))
    demanded = everywhere.union(schema.get("required", ()))
    required = [name for name in declared if name in demanded]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    united = {"type": "object", **rest, "properties": properties}
    return {**united, "required": required} if required else united


def _any_of(kinds: list[Schema]) -> Schema:
    """What tells the branches of a union apart is mostly an enum of one."""
    if len(kinds) == 1:
        return kinds[0]
    if all("enum" in kind for kind in kinds):
        members = [member for kind in kinds for member in kind["enum"]]
        return {**kinds[0], "enum": list(dict.fromkeys(members))}
    return {"anyOf": kinds}
