"""Schemas: the proto form with few words, the free form with nearly all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import invalid
from .protos import Dialect

MAX_DEPTH = 32

_FORMATS = {
    "STRING": {"enum", "date-time"},
    "NUMBER": {"float", "double"},
    "INTEGER": {"int32", "int64"},
}
_BESIDE_ANY_OF = {"anyOf", "title", "description", "nullable", "default", "example"}
_BESIDE_REF = "$"
_CHILD_MAPS = ("properties", "$defs", "definitions", "patternProperties")
_CHILD_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SHAPES: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: _is_text(value) or _is_list_of(value, str),
    "required": lambda value: _is_list_of(value, str),
    "enum": lambda value: isinstance(value, list),
    "pattern": lambda value: _is_text(value),
    "format": lambda value: _is_text(value),
    "$ref": lambda value: _is_text(value),
    "items": lambda value: isinstance(value, dict | bool),
    **dict.fromkeys(_CHILD_MAPS, lambda value: isinstance(value, dict)),
    **dict.fromkeys(_CHILD_LISTS, lambda value: _is_list_of(value, dict)),
    **dict.fromkeys(
        ("minItems", "maxItems", "minLength", "maxLength", "minProperties"),
        lambda value: isinstance(value, int) and value >= 0,
    ),
    **dict.fromkeys(
        ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
        lambda value: isinstance(value, int | float),
    ),
}
"""What the value of a keyword has to be."""
_CHILDREN = ("items", "additionalProperties", "not", "contains")


def check_parameters(schema: dict[str, Any], path: str, dialect: Dialect) -> None:
    """A function's ``parameters``: the proto form, an object at its root."""
    if schema.get("type", "OBJECT") != "OBJECT":
        raise invalid(f"* {path}: parameters schema should be of type OBJECT.")
    if dialect == "gemini_api" and not schema.get("properties"):
        raise invalid(
            f"* GenerateContentRequest.{path}.properties: should be non-empty for "
            "OBJECT type"
        )
    check_proto(schema, path, dialect)


def check_proto(
    schema: dict[str, Any], path: str, dialect: Dialect, depth: int = 1
) -> None:
    """The proto form at any depth; its words were checked when it was read."""
    if depth > MAX_DEPTH:
        raise _too_deep(path)
    _check_node(schema, path, dialect)
    for name, child in schema.get("properties", {}).items():
        check_proto(child, f"{path}.properties[{name}]", dialect, depth + 1)
    if "items" in schema:
        check_proto(schema["items"], f"{path}.items", dialect, depth + 1)
    for index, branch in enumerate(schema.get("anyOf", [])):
        check_proto(branch, f"{path}.any_of[{index}]", dialect, depth + 1)


def check_free(
    schema: Any, path: str, *, is_object: bool, type_lists: bool = True
) -> None:
    """The ``*JsonSchema`` form: depth, references, and, unless ``type_lists``, no
    ``"type": [...]``, which several backends refuse."""
    if not isinstance(schema, dict):
        raise invalid(f"* {path}: schema should be an object.")
    if is_object and schema.get("type", "object") != "object":
        raise invalid(f"* {path}: parameters schema should be of type OBJECT.")
    _FreeSchema(schema, type_lists).check(schema, path, 1)


class _FreeSchema:
    """One free schema with the root its local references point into."""

    def __init__(self, root: dict[str, Any], type_lists: bool) -> None:
        self._root = root
        self._type_lists = type_lists

    def check(self, node: Any, path: str, depth: int) -> None:
        if not isinstance(node, dict):
            return
        if depth > MAX_DEPTH:
            raise _too_deep(path)
        for name, fits in _SHAPES.items():
            if name in node and not fits(node[name]):
                raise invalid(f"* {path}.{name}: invalid value for a JSON schema.")
        if isinstance(node.get("type"), list) and not self._type_lists:
            raise invalid(
                f"Invalid JSON payload received. Unknown name \"type\" at '{path}': "
                "Proto field is not repeating, cannot start list."
            )
        if "$ref" in node:
            self._check_reference(node, path)
        for name, child in _children(node):
            self.check(child, f"{path}.{name}", depth + 1)

    def _check_reference(self, node: dict[str, Any], path: str) -> None:
        beside = [name for name in node if not name.startswith(_BESIDE_REF)]
        if beside:
            raise invalid(f"* {path}: a schema with $ref may not set {beside[0]}.")
        target = self._resolve(node["$ref"])
        if target is None:
            raise invalid(f"* {path}: reference to undefined schema {node['$ref']}.")
        self._check_cycle(target, path, (node["$ref"],))

    def _check_cycle(self, node: Any, path: str, trail: tuple[str, ...]) -> None:
        """Refuse a reference that leads back to itself through required places."""
        reference = node.get("$ref")
        if reference in trail:
            raise invalid(f"* {path}: schema has a cyclic reference {reference}.")
        target = self._resolve(reference) if reference else None
        if target is not None:
            self._check_cycle(target, path, (*trail, reference))
        required = node.get("required", [])
        for name, child in node.get("properties", {}).items():
            if name in required and isinstance(child, dict):
                self._check_cycle(child, path, trail)

    def _resolve(self, reference: Any) -> dict[str, Any] | None:
        node: Any = self._root
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        for step in reference[1:].strip("/").split("/") if reference != "#" else ():
            node = node.get(step) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else None


def _children(node: dict[str, Any]) -> list[tuple[str, Any]]:
    found = [(name, node[name]) for name in _CHILDREN if name in node]
    for name in _CHILD_MAPS:
        if isinstance(node.get(name), dict):
            found += [(f"{name}.{key}", child) for key, child in node[name].items()]
    for name in _CHILD_LISTS:
        if isinstance(node.get(name), list):
            found += [(f"{name}[{i}]", child) for i, child in enumerate(node[name])]
    return found


def _check_node(schema: dict[str, Any], path: str, dialect: Dialect) -> None:
    kind = schema.get("type", "")
    where = f"* GenerateContentRequest.{path}"
    if "anyOf" in schema:
        _check_any_of(schema, where, dialect)
    if kind == "ARRAY" and "items" not in schema:
        raise invalid(f"{where}.items: missing field.")
    missing = set(schema.get("required", [])) - set(schema.get("properties", {}))
    if missing and kind == "OBJECT":
        index = schema["required"].index(min(missing))
        raise invalid(f"{where}.required[{index}]: property is not defined")
    if "enum" in schema:
        _check_enum(schema, where)
    allowed = _FORMATS.get(kind)
    if allowed and schema.get("format", "") not in allowed | {""}:
        names = " and ".join(f"'{name}'" for name in sorted(allowed, reverse=True))
        raise invalid(f"{where}.format: only {names} are supported for {kind} type")


def _check_any_of(schema: dict[str, Any], where: str, dialect: Dialect) -> None:
    beside = set(schema) - _BESIDE_ANY_OF
    if dialect == "vertex" and beside:
        raise invalid(
            "Unable to submit request because one or more schemas specified other "
            "fields alongside any_of. When using any_of, it must be the only field "
            f"set. ({where}: {', '.join(sorted(beside))})"
        )


def _check_enum(schema: dict[str, Any], where: str) -> None:
    if schema.get("type") != "STRING":
        raise invalid(f"{where}.enum: only allowed for STRING type")
    if "" in schema["enum"]:
        index = schema["enum"].index("")
        raise invalid(f"{where}.enum[{index}]: cannot be empty")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _too_deep(path: str) -> Exception:
    return invalid(
        f"* {path}: schema exceeds the maximum allowed nesting depth of {MAX_DEPTH}."
    )
