"""Write Gemini's function calls as OpenAI tool calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from .integers import with_integers
from .shape import ReplyShape


def write_tool_call(part: Mapping[str, Any], shape: ReplyShape) -> dict[str, Any]:
    """A tool call as it stands in a message.

    The thought signature goes with it, where Google's own OpenAI layer puts it, for
    those clients that send back what they do not know.
    """
    call = part["functionCall"]
    written = {"id": call["id"], **_write_body(call, shape)}
    if signature := part.get("thoughtSignature"):
        written["extra_content"] = {"google": {"thought_signature": signature}}
    return written


def write_function_call(part: Mapping[str, Any], shape: ReplyShape) -> dict[str, Any]:
    """The same in the form that came before tool calls: no id, one per message."""
    call = part["functionCall"]
    return {"name": _name(call, shape), "arguments": _arguments(call, shape)}


def _write_body(call: Mapping[str, Any], shape: ReplyShape) -> dict[str, Any]:
    if call.get("name") in shape.custom_tools:
        custom = {"name": _name(call, shape), "input": _input(call, shape)}
        return {"type": "custom", "custom": custom}
    function = {"name": _name(call, shape), "arguments": _arguments(call, shape)}
    return {"type": "function", "function": function}


def _name(call: Mapping[str, Any], shape: ReplyShape) -> str:
    name: str = call.get("name") or ""
    return shape.names.get(name, name)


def _input(call: Mapping[str, Any], shape: ReplyShape) -> str:
    """The free text of a custom tool, which was declared as one string argument."""
    text = (call.get("args") or {}).get("input")
    return text if isinstance(text, str) else _arguments(call, shape)


def _arguments(call: Mapping[str, Any], shape: ReplyShape) -> str:
    args = call.get("args") or {}
    if schema := shape.parameters.get(call.get("name") or ""):
        args = with_integers(args, schema)
    return orjson.dumps(args).decode()
