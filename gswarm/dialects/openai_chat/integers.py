"""Write arguments in the types the client declared.

Google's JSON has one kind of number, so an integer may come back as ``5.0``; strict
clients have two. Its older schemas have enums of text only, so the number 60 may come
back as ``"60"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_EXACT = 2**53
_MOST_SCHEMAS = 100
_DEEPEST = 200


def with_integers(value: Any, schema: Mapping[str, Any]) -> Any:
    """``value`` with ``5.0`` as ``5`` wherever ``schema`` says integer, and ``"5"`` as
    ``5`` where that is one of its enum.

    Alternatives and local references are followed. The schema is a client's and may
    refer to itself: no value is visited twice, and at most 100 schemas per value.
    """
    return _convert(value, [schema], schema, _DEEPEST)


def _convert(value: Any, schemas: list[Any], root: Any, depth: int) -> Any:
    if not schemas or not depth or not isinstance(value, float | str | list | dict):
        return value
    applying = _expanded(schemas, root)
    if isinstance(value, float):
        return _as_integer(value, applying)
    if isinstance(value, str):
        return _as_member(value, applying)
    if isinstance(value, list):
        return [
            _convert(item, list(_of_item(applying, at)), root, depth - 1)
            for at, item in enumerate(value)
        ]
    return {
        name: _convert(item, list(_of_member(applying, name)), root, depth - 1)
        for name, item in value.items()
    }


def _as_integer(value: float, schemas: list[Mapping[str, Any]]) -> float | int:
    if not value.is_integer() or abs(value) > _EXACT:
        return value
    return int(value) if any(map(_asks_integer, schemas)) else value


def _as_member(value: str, schemas: list[Mapping[str, Any]]) -> Any:
    """The number or truth value of an enum that is meant, unless text may be meant."""
    members = [member for schema in schemas for member in _enum_of(schema)]
    if value in members or any(map(_takes_any_text, schemas)):
        return value
    worded = {_word(member): member for member in members if member is not None}
    return worded.get(value, value)


def _enum_of(schema: Mapping[str, Any]) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    members = schema.get("enum")
    return members if isinstance(members, list) else []


def _takes_any_text(schema: Mapping[str, Any]) -> bool:
    named = schema.get("type")
    listed = named if isinstance(named, list) else [named]
    return "string" in listed and not _enum_of(schema)


def _word(member: Any) -> str:
    return str(member).lower() if isinstance(member, bool) else str(member)


def _asks_integer(schema: Mapping[str, Any]) -> bool:
    named = schema.get("type")
    return "integer" in (named if isinstance(named, list) else [named])


def _expanded(schemas: list[Any], root: Any) -> list[Mapping[str, Any]]:
    """The schemas themselves, what they refer to, and all their alternatives."""
    waiting, found = list(schemas), dict[int, Mapping[str, Any]]()
    while waiting and len(found) < _MOST_SCHEMAS:
        schema = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in found:
            continue
        found[id(schema)] = schema
        for kind in ("anyOf", "oneOf", "allOf"):
            alternatives = schema.get(kind)
            waiting += alternatives if isinstance(alternatives, list) else ()
        if "$ref" in schema:
            waiting.append(_referred(str(schema["$ref"]), root))
    return list(found.values())


def _referred(reference: str, root: Any) -> Any:
    """What a local JSON pointer (``#/$defs/Point``) points to."""
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _of_member(schemas: list[Mapping[str, Any]], name: str) -> Iterator[Any]:
    for schema in schemas:
        known = schema.get("properties")
        if isinstance(known, dict) and name in known:
            yield known[name]
        else:
            yield schema.get("additionalProperties")


def _of_item(schemas: list[Mapping[str, Any]], at: int) -> Iterator[Any]:
    for schema in schemas:
        first = schema.get("prefixItems")
        if isinstance(first, list) and at < len(first):
            yield first[at]
        else:
            yield schema.get("items")
