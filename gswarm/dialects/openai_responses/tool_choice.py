"""Which tools may, must or must not be used."""

from __future__ import annotations

from typing import Any

from ...gemini.request import Body
from ..openai_chat import fields
from .tools import EMULATED, Tools

MODES = {"none": "NONE", "auto": "AUTO", "required": "ANY", "any": "ANY"}
NAMED = ("function", "custom", *EMULATED)
BUILT_IN = {
    "code_interpreter": "codeExecution",
    "web_search": "googleSearch",
    "web_search_2025_08_26": "googleSearch",
    "web_search_preview": "googleSearch",
    "web_search_preview_2025_03_11": "googleSearch",
}
SUPPORTED = (*NAMED, "allowed_tools", "web_search", "code_interpreter")


def choose(tools: Tools, choice: Any) -> None:
    """Write ``tool_choice`` into ``tools``."""
    if choice is None:
        return
    kind = choice.get("type", "function") if isinstance(choice, dict) else choice
    if isinstance(kind, str) and kind in MODES:
        _set_mode(tools, MODES[kind])
    elif isinstance(choice, str):
        raise fields.wrong_value("tool_choice", choice, ("none", "auto", "required"))
    elif not isinstance(choice, dict):
        raise fields.wrong_type("tool_choice", "a string or an object", choice)
    elif kind == "allowed_tools":
        _choose_among(tools, choice)
    elif kind in NAMED:
        names = [_declared(tools, kind, choice, "tool_choice")]
        tools.choice = {"mode": "ANY", "allowedFunctionNames": names}
    elif not _is_served(tools, kind):
        raise _not_there(str(kind))


def _set_mode(tools: Tools, mode: str) -> None:
    if mode == "NONE":
        tools.built_in.clear()
    if mode != "ANY" or tools.declared:
        tools.choice = {"mode": mode}


def _is_served(tools: Tools, kind: Any) -> bool:
    """Whether it names a tool Google runs: none can be forced, but it may be used."""
    if kind == "image_generation":
        return tools.draws
    return isinstance(kind, str) and BUILT_IN.get(kind) in tools.built_in


def _choose_among(tools: Tools, choice: Body) -> None:
    """AUTO takes no list of names, so there only the allowed are declared."""
    path = "tool_choice"
    if nested := fields.group(choice, "allowed_tools", f"{path}.allowed_tools"):
        choice, path = nested, f"{path}.allowed_tools"
    mode = fields.text(choice, "mode", f"{path}.mode") or "auto"
    if mode not in ("auto", "required"):
        raise fields.wrong_value(f"{path}.mode", mode, ("auto", "required"))
    listed = fields.members(choice, "tools", f"{path}.tools")
    if listed is None:
        raise fields.missing(f"{path}.tools")
    names, built_in = _listed(tools, listed, f"{path}.tools")
    tools.built_in = {kind: {} for kind in tools.built_in if kind in built_in}
    if mode == "required" and names:
        tools.choice = {"mode": "ANY", "allowedFunctionNames": names}
        return
    wanted = set(names)
    tools.declared = {k: given for k, given in tools.declared.items() if k in wanted}
    tools.choice = {"mode": "AUTO"}


def _listed(tools: Tools, listed: list[Any], path: str) -> tuple[list[str], set[str]]:
    """The functions and the built-in tools a list names; others are passed over."""
    names: list[str] = []
    built_in: set[str] = set()
    for index, entry in enumerate(listed):
        where = f"{path}[{index}]"
        if not isinstance(entry, dict):
            raise fields.wrong_type(where, "an object", entry)
        kind = fields.text(entry, "type", f"{where}.type") or "function"
        if kind in NAMED:
            names.append(_declared(tools, kind, entry, where))
        elif kind in BUILT_IN:
            built_in.add(BUILT_IN[kind])
    return list(dict.fromkeys(names)), built_in


def _declared(tools: Tools, kind: str, named: Body, path: str) -> str:
    if nested := fields.group(named, kind, f"{path}.{kind}"):
        named, path = nested, f"{path}.{kind}"
    name = fields.text(named, "name", f"{path}.name")
    namespace = fields.text(named, "namespace", f"{path}.namespace")
    if not name and kind in EMULATED:
        name = kind
    if not name:
        raise fields.missing(f"{path}.name")
    found = tools.find(namespace, name)
    if found is None:
        raise _not_there(name)
    return found


def _not_there(name: str) -> Exception:
    return fields.unsupported(
        "tool_choice", f"Tool choice '{name[:100]}' not found in 'tools' parameter."
    )
