"""Gemini's function calls as items of the kind the client declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ...gemini.plain import plain
from .tools import Kind, Tool

Item = dict[str, Any]

WRAPPERS = ("input", "patch", "code", "command")
"""Names that models give the one text of a tool, whatever it was declared as."""

_PATCH = re.compile(r"^\*\*\* Begin Patch.*^\*\*\* End Patch[^\n]*", re.S | re.M)
_FENCE = re.compile(r"\A\s*```[^\n]*\n(.*?)\n?```\s*\Z", re.S)

ID_PREFIXES: dict[Kind, str] = {
    "function": "fc",
    "custom": "ctc",
    "tool_search": "tsc",
    "shell": "sh",
    "local_shell": "lsh",
    "apply_patch": "apc",
}


def tool_of(call: Mapping[str, Any], tools: Mapping[str, Tool]) -> Tool:
    """What a function that Gemini calls is to the client."""
    name = call.get("name") or ""
    return tools.get(name) or Tool("function", name)


def write_call(call: Mapping[str, Any], tool: Tool, id: str) -> Item:
    """The finished item; its ``call_id`` is the one of ours that the call bears.

    Whole numbers are written as integers, whatever the schema says: Codex declares
    numbers and reads integers.
    """
    return {
        "type": TYPES[tool.kind],
        "id": id,
        "call_id": call["id"],
        **WRITERS[tool.kind](plain(call.get("args") or {}), tool),
        "status": "completed",
    }


def opened(item: Item) -> Item:
    """The same as it stands when it is announced: without what comes in deltas."""
    announced = {**item, "status": "in_progress"}
    for name in ("arguments", "input"):
        if isinstance(item.get(name), str):
            announced[name] = ""
    return announced


def raw_text(args: Any, name: str) -> str:
    """The text for a tool that takes raw text.

    Only of ``apply_patch`` is anything cut off around it: what other tools take may
    well be fenced.
    """
    text = _unwrapped(args)
    return _patch_alone(text) if name == "apply_patch" else text


# ---------------------------------------------------------------------- writers


def _function(args: Any, tool: Tool) -> Item:
    return {**_named(tool), "arguments": orjson.dumps(args).decode()}


def _custom(args: Any, tool: Tool) -> Item:
    return {**_named(tool), "input": raw_text(args, tool.name)}


def _named(tool: Tool) -> Item:
    namespace = {"namespace": tool.namespace} if tool.namespace else {}
    return {"name": tool.name, **namespace}


def _tool_search(args: Any, _tool: Tool) -> Item:
    return {"execution": "client", "arguments": args}


def _shell(args: Any, _tool: Tool) -> Item:
    action = {
        "commands": _strings(args.get("commands")),
        "timeout_ms": args.get("timeout_ms"),
        "max_output_length": args.get("max_output_length"),
    }
    return {"action": action}


def _local_shell(args: Any, _tool: Tool) -> Item:
    action = {
        "type": "exec",
        "command": _strings(args.get("command")),
        "env": {},
        "timeout_ms": args.get("timeout_ms"),
        "working_directory": args.get("working_directory"),
    }
    return {"action": action}


def _apply_patch(args: Any, _tool: Tool) -> Item:
    return {"operation": args}


def _strings(given: Any) -> list[str]:
    if isinstance(given, list):
        return [str(each) for each in given]
    return [] if given is None else [str(given)]


# --------------------------------------------------------------------- raw text


def _unwrapped(args: Any) -> str:
    if isinstance(args, str):
        return args
    if isinstance(args, dict):
        if isinstance(args.get("input"), str):
            return str(args["input"])
        if len(args) == 1 and (text := _only_text(*args.items())) is not None:
            return text
    return orjson.dumps(args).decode()


def _only_text(member: tuple[str, Any]) -> str | None:
    name, value = member
    if name not in WRAPPERS:
        return None
    if isinstance(value, list) and len(value) == 2 and value[0] == "apply_patch":
        value = value[1]
    return value if isinstance(value, str) else None


def _patch_alone(text: str) -> str:
    if patch := _PATCH.search(text):
        return patch[0]
    fenced = _FENCE.fullmatch(text)
    return fenced[1] if fenced else text


TYPES: dict[Kind, str] = {
    "function": "function_call",
    "custom": "custom_tool_call",
    "tool_search": "tool_search_call",
    "shell": "shell_call",
    "local_shell": "local_shell_call",
    "apply_patch": "apply_patch_call",
}

WRITERS: dict[Kind, Callable[[Any, Tool], Item]] = {
    "function": _function,
    "custom": _custom,
    "tool_search": _tool_search,
    "shell": _shell,
    "local_shell": _local_shell,
    "apply_patch": _apply_patch,
}
