"""JSON Schema, cleaned only as far as Google's ``*JsonSchema`` fields require.

A schema is walked by position, never by key name: a property called ``title`` or
``$ref`` is the caller's data. The caller's object is never changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from .nesting import deeper_than

Schema: TypeAlias = dict[str, Any]

MAX_DEPTH = 29
"""Google refuses schemas of more than 32 levels, and cleaning may add a few; what lies
below is declared as any object."""

MAX_UNROLLED = 3
"""How often a recursive reference is written out inside itself."""

MAX_NODES = 20_000
"""References multiply: past this many nodes every further one is any object."""

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
FORMATS = frozenset({"date-time", "enum", "int32", "int64", "float", "double"})


def clean(schema: Any, *, keeps_references: bool = True) -> Schema:
    """The schema in the words Google reads; ``{}`` when it says nothing.

    References to definitions that are not recursive stay references unless
    ``keeps_references`` is false; all others are written out.
    """
    return _Cleaner(schema, keeps_references).root()


def clean_parameters(schema: Any, *, keeps_references: bool = True) -> Schema | None:
    """A function's parameters: an object schema, or None when there are none."""
    if not isinstance(schema, dict):
        return None
    cleaned = clean(schema, keeps_references=keeps_references)
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
    declared: dict[str, list[Schema]] = {}
    for branch in branches:
        for name, given in branch.get("properties", {}).items():
            kinds = declared.setdefault(name, [])
            if given not in kinds:
                kinds.append(given)
    properties = {name: _any_of(kinds) for name, kinds in declared.items()}
    required = [
        name
        for name in branches[0].get("required", ())
        if all(name in branch.get("required", ()) for branch in branches)
    ]
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


# -------------------------------------------------------------------- references


def definition_name(pointer: Any) -> str | None:
    """``Name`` of ``#/$defs/Name`` or ``#/definitions/Name``, else None."""
    if not isinstance(pointer, str):
        return None
    steps = pointer.split("/")
    if len(steps) == 3 and steps[0] == "#" and steps[1] in ("$defs", "definitions"):
        return _step(steps[2])
    return None


def _step(text: str) -> str:
    return unquote(text).replace("~1", "/").replace("~0", "~")


def _pointer(name: str) -> str:
    return "#/$defs/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


def _definitions(root: Schema) -> Schema:
    found: Schema = {}
    for key in ("definitions", "$defs"):
        if isinstance(root.get(key), dict):
            found.update(root[key])
    return found


def _plain_definitions(definitions: Schema) -> set[str]:
    """The definitions that neither are recursive nor lead into recursion."""
    waiting: dict[str, int] = {}
    dependents: dict[str, list[str]] = defaultdict(list)
    for name, schema in definitions.items():
        pointers = set(_pointers(schema))
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


def _pointers(schema: Any) -> Iterator[str]:
    nodes = [schema]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)


# ---------------------------------------------------------------------- the walk

DROP = object()


class _Cleaner:
    """One walk over one schema: its definitions, its open references, its budget."""

    def __init__(self, schema: Any, keeps_references: bool) -> None:
        self._root: Schema = schema if isinstance(schema, dict) else {}
        self._definitions = _definitions(self._root)
        self._shared: set[str] = set()
        if keeps_references and self._definitions:
            self._shared = _plain_definitions(self._definitions)
        self._wanted: list[str] = []
        self._open: list[str] = []
        self._left = MAX_NODES

    def root(self) -> Schema:
        out = self._node(self._flattened(self._root), 0)
        kept: Schema = {}
        while self._wanted:
            name = self._wanted.pop()
            if name not in kept:
                kept[name] = self.node(self._definitions[name], 1)
        return {**out, "$defs": kept} if kept else out

    def node(self, schema: Any, depth: int) -> Schema:
        """One sub-schema, cleaned."""
        if not isinstance(schema, dict):
            return {}
        self._left -= 1
        if depth > MAX_DEPTH or self._left <= 0:
            return {"type": "object"}
        if "$ref" not in schema and "allOf" not in schema:
            return self._node(schema, depth)
        if name := self._shared_name(schema):
            self._wanted.append(name)
            return {"$ref": _pointer(name)}
        opened = len(self._open)
        out = self._node(self._flattened(schema), depth + 1)
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
            self._left -= 1
            if not isinstance(part, dict):
                continue
            _merge(merged, part)
            if isinstance(part.get("$ref"), str):
                pending.append(self._follow(part["$ref"]))
            if isinstance(part.get("allOf"), list) and self._left > 0:
                pending.extend(part["allOf"])
        return merged

    def _follow(self, pointer: str) -> Schema:
        target: Any = self._root
        path, *steps = pointer.split("/")
        for step in map(_step, steps):
            target = target.get(step) if isinstance(target, dict) else None
        if path != "#" or not isinstance(target, dict):
            return {"description": f"See {pointer.rpartition('/')[2]}."}
        if self._open.count(pointer) >= MAX_UNROLLED or self._left <= 0:
            return {"type": "object"}
        self._open.append(pointer)
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
        _settle_values(out, schema)
        _settle_members(out, schema)
        return _settle_types(out, schema)

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
        self._left -= len(value)
        return [item for item in value if not isinstance(item, dict | list)] or DROP

    def names(self, value: Any, _depth: int) -> Any:
        if not isinstance(value, list):
            return DROP
        self._left -= len(value)
        return list(dict.fromkeys(name for name in value if isinstance(name, str)))


def _merge(into: Schema, part: Schema) -> None:
    for key, value in part.items():
        if key == "properties":
            for name, schema in value.items() if isinstance(value, dict) else ():
                into.setdefault(key, {}).setdefault(name, schema)
        elif key == "required":
            into.setdefault(key, []).extend(value if isinstance(value, list) else ())
        elif key not in ("$ref", "allOf", "$defs", "definitions"):
            into.setdefault(key, value)


def _text(_: _Cleaner, value: Any, _depth: int) -> Any:
    return value if isinstance(value, str) else DROP


def _format(_: _Cleaner, value: Any, _depth: int) -> Any:
    return value if isinstance(value, str) and value in FORMATS else DROP


def _number(_: _Cleaner, value: Any, _depth: int) -> Any:
    return value if _is_number(value) else DROP


def _count(_: _Cleaner, value: Any, _depth: int) -> Any:
    return int(value) if _is_number(value) and 0 <= value < 2**53 else DROP


def _flag(_: _Cleaner, value: Any, _depth: int) -> Any:
    return value if isinstance(value, bool) else DROP


def _data(_: _Cleaner, value: Any, _depth: int) -> Any:
    return DROP if deeper_than(value, 8) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


READERS: dict[str, Callable[[_Cleaner, Any, int], Any]] = {
    "title": _text,
    "description": _text,
    "pattern": _text,
    "format": _format,
    "enum": _Cleaner.members,
    "default": _data,
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
    "properties": _Cleaner.named,
    "required": _Cleaner.names,
    "propertyOrdering": _Cleaner.names,
    "additionalProperties": _Cleaner.additional,
    "items": _Cleaner.items,
    "prefixItems": _Cleaner.several,
    "anyOf": _Cleaner.several,
    "oneOf": _Cleaner.several,
}


# ------------------------------------------------------------ words seen together


def _settle_values(out: Schema, raw: Schema) -> None:
    """``const`` and exclusive bounds in words that Google has."""
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
        out[inclusive] += step
    elif _is_number(bound):
        out[inclusive] = nearer(bound + step, out.get(inclusive, bound + step))


def _settle_members(out: Schema, raw: Schema) -> None:
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


def _settle_types(out: Schema, raw: Schema) -> Schema:
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
