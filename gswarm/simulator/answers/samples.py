"""Values for a JSON Schema, made from a prompt's own words where they fit."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from .hints import Hints, excerpt
from .patterns import matching

Schema: TypeAlias = dict[str, Any]

_DEEP = 4
"""From here on optional things are left out."""
_BOTTOM = 40
"""Nothing is made below: the schema has no end."""
_FORMATS = {
    "date-time": "2026-03-14T15:09:26Z",
    "date": "2026-03-14",
    "time": "15:09:26Z",
    "duration": "PT5M",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}
_PLACES = ("city", "location", "place", "country", "town", "person")
_WHOLE_PROMPT = ("query", "question", "prompt", "text", "message", "content", "body")


class Sampler:
    """Makes values for one schema.

    ``complete`` asks for every property; otherwise optional ones are made only when
    the prompt mentions them, as models do with arguments. ``floats`` writes whole
    numbers with a fraction (``5.0``), as Gemini sometimes does.
    """

    def __init__(
        self, root: Schema, hints: Hints, *, complete: bool, floats: bool = False
    ) -> None:
        self._root = root
        self._hints = hints
        self._complete = complete
        self._floats = floats

    def sample(self) -> Any:
        """One value for the whole schema."""
        return self._value(self._root, "", 0, 0)

    def _value(self, given: Any, name: str, depth: int, serial: int) -> Any:
        schema = self._plain(given if isinstance(given, dict) else {}, depth)
        if "const" in schema or depth > _BOTTOM:
            return schema.get("const")
        if schema.get("enum"):
            return self._choice(schema["enum"], serial)
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in ("integer", "number"):
            return self._number(schema, kind == "integer", serial)
        if kind == "boolean":
            return bool(schema.get("default", True))
        return None if kind == "null" else self._string(schema, name, serial)

    def _plain(self, schema: Schema, depth: int) -> Schema:
        """Follow references and choose branches until a plain node is left."""
        for _ in range(20):
            if "$ref" in schema:
                schema = {**self._target(schema["$ref"]), **_without(schema, "$ref")}
            elif schema.get("allOf"):
                schema = _merged(schema)
            elif branches := schema.get("anyOf") or schema.get("oneOf"):
                rest = _without(schema, "anyOf", "oneOf")
                schema = {**rest, **self._branch(branches, depth)}
            else:
                break
        return schema

    def _target(self, reference: str) -> Schema:
        node: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            node = node.get(step, {}) if step and isinstance(node, dict) else node
        return node if isinstance(node, dict) else {}

    def _branch(self, branches: list[Schema], depth: int) -> Schema:
        empty = [b for b in branches if _kind(b) == "null"]
        if depth > _DEEP and empty:
            return empty[0]
        full = [b for b in branches if _kind(b) != "null"]
        if depth > _DEEP:
            full.sort(key=lambda b: "$ref" in b)
        return full[0] if full else {"type": "null"}

    def _choice(self, values: list[Any], serial: int) -> Any:
        for value in values if not serial else ():
            if isinstance(value, str) and self._hints.mentions(value):
                return value
        return values[serial % len(values)]

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties: dict[str, Schema] = schema.get("properties", {})
        made = {
            name: self._value(child, name, depth + 1, 0)
            for name, child in properties.items()
            if self._wants(name, schema, depth)
        }
        for serial in range(schema.get("minProperties", 0) - len(made)):
            child = schema.get("additionalProperties", {})
            made[f"key{serial + 1}"] = self._value(child, "", depth + 1, serial)
        return made

    def _wants(self, name: str, schema: Schema, depth: int) -> bool:
        required = schema.get("required", [])
        if name in required or depth > _DEEP:
            return name in required
        mentioned = len(name) > 2 and self._hints.mentions(name)
        return self._complete or not required or mentioned

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        made = [self._value(child, name, depth + 1, i) for i, child in enumerate(first)]
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", math.inf)
        usual = 0 if depth > _DEEP or first else 2
        wanted = int(min(max(least, usual, len(made)), most))
        items = schema.get("items", {})
        for serial in range(len(made), wanted):
            made.append(self._value(items, name.removesuffix("s"), depth + 1, serial))
        return made[: int(min(len(made), most))]

    def _number(self, schema: Schema, whole: bool, serial: int) -> float:
        number = self._hints.number(whole=whole)
        if number is None:
            number = schema.get("default") or 1 + serial
        number = _within(schema, float(number), whole)
        if whole:
            return float(number) if self._floats else int(number)
        return number

    def _string(self, schema: Schema, name: str, serial: int) -> str:
        text = _FORMATS.get(schema.get("format", ""))
        if text is None and "pattern" in schema:
            text = matching(schema["pattern"])
        if text is None:
            text = self._words(schema, name)
            text = f"{text} {serial + 1}" if serial and self._is_excerpt(text) else text
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        return text.ljust(least, ".")[:most]

    def _words(self, schema: Schema, name: str) -> str:
        word = name.lower()
        if word in _WHOLE_PROMPT and not self._complete:
            return self._hints.string() or excerpt(self._hints.text)
        place = any(place in word for place in _PLACES)
        found = self._hints.name() if place else self._hints.string()
        if found is None:
            found = schema.get("default") or excerpt(self._hints.text)
            found = f"Simulated {name}: {found}" if self._complete and name else found
        return str(found)

    def _is_excerpt(self, text: str) -> bool:
        return text.endswith(excerpt(self._hints.text))


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if kind:
        return str(kind).lower()
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _within(schema: Schema, number: float, whole: bool) -> float:
    step = schema.get("multipleOf") or (1 if whole else 0)
    nudge = step or 0.5
    low = schema.get("minimum", -math.inf)
    high = schema.get("maximum", math.inf)
    low = max(low, schema.get("exclusiveMinimum", -math.inf) + nudge)
    high = min(high, schema.get("exclusiveMaximum", math.inf) - nudge)
    number = min(max(number, low), high)
    if step:
        down = math.floor(number / step) * step
        number = down if down >= low else down + step
    return number


def _merged(schema: Schema) -> Schema:
    merged = _without(schema, "allOf")
    for branch in schema["allOf"]:
        for name, value in branch.items():
            if name == "properties":
                merged[name] = merged.get(name, {}) | value
            elif name == "required":
                merged[name] = [*merged.get(name, []), *value]
            else:
                merged[name] = value
    return merged


def _without(schema: Schema, *names: str) -> Schema:
    return {name: value for name, value in schema.items() if name not in names}
