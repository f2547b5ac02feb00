"""JSON Schema as Google's older ``parameters`` and ``responseSchema`` take it.

These fields are a protobuf: an unknown word is a 400. They are the way out where an
upstream refuses the ``*JsonSchema`` form (Code Assist, "Cannot find field").
"""

from __future__ import annotations

from typing import Any

from ..request import Body
from .budget import Budget, size_of
from .clean import clean, clean_parameters
from .keywords import SAID_OF_ALL
from .references import Schema

WORDS = frozenset(
    {
        "description",
        "pattern",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "required",
        "propertyOrdering",
    }
)
"""Members of the Schema message that mean the same in JSON Schema."""

FORMATS = {
    "string": {"enum", "date-time"},
    "number": {"float", "double"},
    "integer": {"int32", "int64"},
}


def to_proto(schema: Any, budget: Budget | None = None) -> Schema:
    """A response schema in the proto form, its keys in the order they were given."""
    budget = budget or Budget()
    cleaned = clean(schema, budget, keeps_references=False)
    return _Conversion(budget, ordered=True).node(cleaned)


def to_proto_parameters(schema: Any, budget: Budget | None = None) -> Schema | None:
    """A function's parameters in the proto form; None when there are none."""
    budget = budget or Budget()
    cleaned = clean_parameters(schema, budget, keeps_references=False)
    if cleaned is None or not cleaned.get("properties"):
        return None
    return _Conversion(budget, ordered=False).node(cleaned)


def with_proto_schemas(body: Body) -> Body:
    """The same request with every JSON Schema in the proto form.

    Raises `InvalidRequest` where they come to too much without references.
    """
    changed, budget = dict(body), Budget()
    if "tools" in body:
        changed["tools"] = [_tool(tool, budget) for tool in body["tools"]]
    config = body.get("generationConfig", {})
    if "responseJsonSchema" in config:
        rest = {k: v for k, v in config.items() if k != "responseJsonSchema"}
        schema = to_proto(config["responseJsonSchema"], budget)
        changed["generationConfig"] = {**rest, "responseSchema": schema}
    return changed


def _tool(tool: Body, budget: Budget) -> Body:
    if "functionDeclarations" not in tool:
        return tool
    declared = tool["functionDeclarations"]
    converted = [_declaration(given, budget) for given in declared]
    return {**tool, "functionDeclarations": converted}


def _declaration(given: Body, budget: Budget) -> Body:
    rest = {k: v for k, v in given.items() if k != "parametersJsonSchema"}
    parameters = to_proto_parameters(given.get("parametersJsonSchema"), budget)
    return {**rest, "parameters": parameters} if parameters else rest


# ---------------------------------------------------------------------- the walk


class _Conversion:
    """One walk over one cleaned schema; ``ordered`` keeps the order of its keys."""

    def __init__(self, budget: Budget, *, ordered: bool) -> None:
        self._budget = budget
        self._ordered = ordered

    def node(self, schema: Schema) -> Schema:
        self._budget.spend(size_of(schema))
        if "anyOf" in schema:
            return self._either(schema)
        kind = schema.get("type") or _kind_of_members(schema)
        if kind is None or kind == "null":
            return {**_about(schema), "type": "STRING", "nullable": True}
        out: Schema = {"type": kind.upper()}
        for key, value in schema.items():
            if key in WORDS:
                out[key] = value
        if schema.get("format") in FORMATS.get(kind, ()):
            out["format"] = schema["format"]
        if "enum" in schema:
            _enumerate(out, schema["enum"])
        elif kind == "array":
            out["items"] = self._items(schema)
        elif kind == "object":
            self._properties(out, schema)
        return out

    def _either(self, schema: Schema) -> Schema:
        """``anyOf`` stands alone; a null branch becomes ``nullable``."""
        branches = [branch for branch in schema["anyOf"] if branch != {"type": "null"}]
        around = _about(schema)
        if len(branches) < len(schema["anyOf"]):
            around["nullable"] = True
        own = {k: v for k, v in schema.items() if k not in (*SAID_OF_ALL, "anyOf")}
        if len(branches) > 1:
            either = [self.node(_both(own, branch)) for branch in branches]
            return {**around, "anyOf": either}
        only = branches[0] if branches else {}
        return {**self.node(_both(own, only)), **around}

    def _items(self, schema: Schema) -> Schema:
        """A tuple becomes a list of any of its kinds."""
        if "prefixItems" in schema and not schema.get("items"):
            kinds = [kind for kind in schema["prefixItems"] if kind]
            return self.node({"anyOf": kinds} if kinds else {"type": "string"})
        return self.node(schema.get("items") or {"type": "string"})

    def _properties(self, out: Schema, schema: Schema) -> None:
        named = schema.get("properties", {})
        if named:
            out["properties"] = {
                name: self.node(given) for name, given in named.items()
            }
            if self._ordered:
                out.setdefault("propertyOrdering", list(named))
        if "additionalProperties" in schema:
            kind = schema["additionalProperties"].get("type", "any")
            hint = f"Further properties may have any name; their values are {kind}."
            words = filter(None, [out.get("description"), hint])
            out["description"] = " ".join(words)


def _about(schema: Schema) -> Schema:
    text = schema.get("description")
    return {"description": text} if text else {}


def _kind_of_members(schema: Schema) -> str | None:
    return "string" if "enum" in schema else None


def _both(own: Schema, branch: Schema) -> Schema:
    """What a node says and one of its branches: both hold, the branch is closer."""
    both = {**own, **branch}
    if "properties" in own and "properties" in branch:
        both["properties"] = own["properties"] | branch["properties"]
    if "required" in own and "required" in branch:
        required = dict.fromkeys([*own["required"], *branch["required"]])
        both["required"] = list(required)
    return both


def _enumerate(out: Schema, members: list[Any]) -> None:
    """Enums are strings here, and not empty ones."""
    if None in members:
        out["nullable"] = True
    words = dict.fromkeys(map(_word, members))
    words.pop("", None)
    out["type"] = "STRING"
    for key in ("minimum", "maximum", "format"):
        out.pop(key, None)
    if words:
        out["enum"] = list(words)


def _word(member: Any) -> str:
    if isinstance(member, bool):
        return str(member).lower()
    return "" if member is None else str(member)
