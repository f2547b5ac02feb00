"""JSON Schema as Google's older ``parameters`` and ``responseSchema`` take it.

These fields are a protobuf: an unknown word is a 400. They are the way out where an
upstream refuses the ``*JsonSchema`` form (Code Assist, "Cannot find field").
"""

from __future__ import annotations

from typing import Any

from .request import Body
from .schema import clean, clean_parameters
from .schema_references import Schema
from .schema_words import SAID_OF_ALL

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


def to_proto(schema: Any) -> Schema:
    """A response schema in the proto form, its keys in the order they were given."""
    return _node(clean(schema, keeps_references=False), ordered=True)


def to_proto_parameters(schema: Any) -> Schema | None:
    """A function's parameters in the proto form; None when there are none."""
    cleaned = clean_parameters(schema, keeps_references=False)
    if cleaned is None or not cleaned.get("properties"):
        return None
    return _node(cleaned)


def with_proto_schemas(body: Body) -> Body:
    """The same request with every JSON Schema in the proto form."""
    changed = dict(body)
    if "tools" in body:
        changed["tools"] = [_tool(tool) for tool in body["tools"]]
    config = body.get("generationConfig", {})
    if "responseJsonSchema" in config:
        rest = {k: v for k, v in config.items() if k != "responseJsonSchema"}
        schema = to_proto(config["responseJsonSchema"])
        changed["generationConfig"] = {**rest, "responseSchema": schema}
    return changed


def _tool(tool: Body) -> Body:
    if "functionDeclarations" not in tool:
        return tool
    declared = tool["functionDeclarations"]
    return {**tool, "functionDeclarations": [_declaration(given) for given in declared]}


def _declaration(given: Body) -> Body:
    rest = {k: v for k, v in given.items() if k != "parametersJsonSchema"}
    parameters = to_proto_parameters(given.get("parametersJsonSchema"))
    return {**rest, "parameters": parameters} if parameters else rest


# ---------------------------------------------------------------------- the walk


def _node(schema: Schema, *, ordered: bool = False) -> Schema:
    if "anyOf" in schema:
        return _either(schema, ordered)
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
        out["items"] = _items(schema, ordered)
    elif kind == "object":
        _properties(out, schema, ordered)
    return out


def _about(schema: Schema) -> Schema:
    text = schema.get("description")
    return {"description": text} if text else {}


def _kind_of_members(schema: Schema) -> str | None:
    return "string" if "enum" in schema else None


def _either(schema: Schema, ordered: bool) -> Schema:
    """``anyOf`` stands alone; a null branch becomes ``nullable``."""
    branches = [branch for branch in schema["anyOf"] if branch != {"type": "null"}]
    around = _about(schema)
    if len(branches) < len(schema["anyOf"]):
        around["nullable"] = True
    own = {k: v for k, v in schema.items() if k not in (*SAID_OF_ALL, "anyOf")}
    if len(branches) > 1:
        either = [_node(_both(own, branch), ordered=ordered) for branch in branches]
        return {**around, "anyOf": either}
    only = branches[0] if branches else {}
    return {**_node(_both(own, only), ordered=ordered), **around}


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


def _items(schema: Schema, ordered: bool) -> Schema:
    """A tuple becomes a list of any of its kinds."""
    if "prefixItems" in schema and not schema.get("items"):
        kinds = [kind for kind in schema["prefixItems"] if kind]
        return _node({"anyOf": kinds} if kinds else {"type": "string"}, ordered=ordered)
    return _node(schema.get("items") or {"type": "string"}, ordered=ordered)


def _properties(out: Schema, schema: Schema, ordered: bool) -> None:
    named = schema.get("properties", {})
    if named:
        out["properties"] = {
            name: _node(given, ordered=ordered) for name, given in named.items()
        }
        if ordered:
            out.setdefault("propertyOrdering", list(named))
    if "additionalProperties" in schema:
        kind = schema["additionalProperties"].get("type", "any")
        hint = f"Further properties may have any name; their values are {kind}."
        out["description"] = " ".join(filter(None, [out.get("description"), hint]))
