"""Words of a JSON Schema that mean something together, said as Google reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .references import Schema

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")


def settle_values(out: Schema, raw: Schema) -> None:
    """Say ``const`` and exclusive bounds in words that Google has."""
    const = raw.get("const")
    if const is not None and not isinstance(const, dict | list):
        out["enum"] = [const]
    types = raw.get("type")
    words = types if isinstance(types, list) else [types]
    step = 1 if "integer" in words and "number" not in words else 0
    _settle_bound(out, raw, "minimum", "exclusiveMinimum", step, max)
    _settle_bound(out, raw, "maximum", "exclusiveMaximum", -step, min)


def _settle_bound(
    out: Schema,
    raw: Schema,
    inclusive: str,
    exclusive: str,
    step: int,
    nearer: Callable[[Any, Any], Any],
) -> None:
    bound: Any = raw.get(exclusive)
    if bound is True and inclusive in out:
        out[inclusive] = _next_to(out[inclusive], step)
    elif is_number(bound):
        own = _next_to(bound, step)
        out[inclusive] = nearer(own, out.get(inclusive, own))


def _next_to(bound: Any, step: int) -> Any:
    """A double knows no neighbours beyond 2**53, and JSON no integers beyond 2**64."""
    return bound + step if abs(bound) < 2**53 else bound


def settle_members(out: Schema, raw: Schema) -> None:
    """``required`` and ``propertyOrdering`` name nothing that is not there."""
    properties = out.get("properties", {})
    demanded = [*out.get("required", ()), *_demanding(raw.get("properties"))]
    required = [name for name in dict.fromkeys(demanded) if name in properties]
    out.pop("required", None)
    if required:
        out["required"] = required
    if "propertyOrdering" in out:
        order = [name for name in out["propertyOrdering"] if name in properties]
        out["propertyOrdering"] = order


def _demanding(properties: Any) -> list[str]:
    """Draft 3 said ``required: true`` on the property itself."""
    if not isinstance(properties, dict):
        return []
    return [
        name
        for name, schema in properties.items()
        if isinstance(schema, dict) and schema.get("required") is True
    ]


def settle_types(out: Schema, raw: Schema) -> Schema:
    """One type a node; several, or a nullable one, become ``anyOf``."""
    if (either := out.pop("oneOf", None)) and "anyOf" not in out:
        out["anyOf"] = either
    if {} in out.get("anyOf", ()):
        del out["anyOf"]
    types = _types(out, raw)
    if "anyOf" in out:
        return _with_null(out) if "null" in types else _with_type(out, types)
    if len(types) > 1:
        return _union(out, types)
    return _with_type(out, types)


def _types(out: Schema, raw: Schema) -> list[str]:
    declared = raw.get("type")
    words = declared if isinstance(declared, list) else [declared]
    types = [word.lower() for word in words if isinstance(word, str)]
    types = [word for word in dict.fromkeys(types) if word in TYPES]
    if not types:
        types = _implied_types(out, raw)
    if raw.get("nullable") is True and "null" not in types:
        types.append("null")
    return types


def _implied_types(out: Schema, raw: Schema) -> list[str]:
    if "anyOf" in out:
        return []
    if "properties" in out:
        return ["object"]
    if "items" in out or "prefixItems" in out:
        return ["array"]
    return ["null"] if "const" in raw and raw["const"] is None else []


def _with_type(out: Schema, types: list[str]) -> Schema:
    if not types:
        return out
    if types[0] == "array" and "prefixItems" not in out:
        out.setdefault("items", {})
    return {"type": types[0], **out}


def _with_null(out: Schema) -> Schema:
    if {"type": "null"} not in out["anyOf"]:
        out["anyOf"] = [*out["anyOf"], {"type": "null"}]
    return out


SAID_OF_ALL = ("title", "description", "default")

OWN_WORDS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "multipleOf", "format"},
    "integer": {"minimum", "maximum", "multipleOf", "format"},
    "boolean": set(),
    "null": set(),
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"},
    "object": {
        "properties",
        "required",
        "propertyOrdering",
        "additionalProperties",
        "minProperties",
        "maxProperties",
    },
}

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}


def _union(out: Schema, types: list[str]) -> Schema:
    """A list of types is refused ("Proto field is not repeating"): one branch each."""
    around = {key: out[key] for key in SAID_OF_ALL if key in out}
    return {**around, "anyOf": [_branch(out, word) for word in types]}


def _branch(out: Schema, word: str) -> Schema:
    own = {key: value for key, value in out.items() if key in OWN_WORDS[word]}
    members = [item for item in out.get("enum", ()) if _is_of_type(item, word)]
    if members:
        own["enum"] = members
    return _with_type(own, [word])


def _is_of_type(value: Any, word: str) -> bool:
    if isinstance(value, bool) and word != "boolean":
        return False
    return isinstance(value, PYTHON_TYPES.get(word, ()))


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
