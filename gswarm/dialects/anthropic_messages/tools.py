"""Tools and the choice among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...gemini.request import Body
from ...gemini.schema.budget import Budget
from ...gemini.schema.clean import clean_parameters
from ...gemini.tool_names import ToolNames
from ..naming import naming
from ..tool_set import ToolSet
from . import built_in_tools, fields
from .deferred import Loaded

LONGEST_NAME = 200
"""Characters; Anthropic takes 128."""

MODES: Mapping[str, str] = {"auto": "AUTO", "any": "ANY", "none": "NONE"}


@dataclass(slots=True)
class Tools(ToolSet):
    """The tools of one request, by the names Gemini knows them by."""

    names: ToolNames = field(default_factory=ToolNames)
    one_call_only: bool = False

    @property
    def searches(self) -> bool:
        """Whether the web search is the one tool there is."""
        return not self.declared and self.built_in.keys() == {"googleSearch"}


def read_tools(body: Body, loaded: Loaded, budget: Budget) -> Tools:
    """``tools`` and ``tool_choice``; the schemas are taken from ``budget``."""
    tools = Tools()
    choice = fields.group(body, "tool_choice", "tool_choice") or {}
    kind = fields.text(choice, "type", "tool_choice.type")
    wanted = _chosen_name(choice) if kind == "tool" else None
    given = _given(body, loaded)
    if any(built_in_tools.is_search_for_tools(tool) for tool, _ in given):
        loaded.is_all = True
    for tool, path in given:
        if _is_loaded(tool, path, loaded, wanted):
            _read_tool(tools, tool, path, budget)
    if tools.declared and kind is not None:
        is_known = any(tool.get("name") == wanted for tool, _ in given)
        _choose(tools, kind, wanted, is_known)
    if kind == "none":
        tools.built_in.clear()
    where = "tool_choice.disable_parallel_tool_use"
    alone = fields.of_kind(choice, "disable_parallel_tool_use", where, bool)
    tools.one_call_only = bool(alone)
    return tools


# ------------------------------------------------------------------ declarations


def _given(body: Body, loaded: Loaded) -> list[tuple[Body, str]]:
    """The tools of the request, and those that its messages define."""
    given = fields.members(body, "tools", "tools") or []
    listed = [
        (fields.an_object(tool, f"tools.{at}"), f"tools.{at}")
        for at, tool in enumerate(given)
    ]
    own = {tool.get("name") for tool, _ in listed if isinstance(tool.get("name"), str)}
    added = (pair for pair in loaded.defined.items() if pair[0] not in own)
    return listed + [(tool, "tool_addition") for _, tool in added]


def _is_loaded(tool: Body, path: str, loaded: Loaded, wanted: str | None) -> bool:
    """Deferred tools count when something has loaded them."""
    name = tool.get("name")
    if not isinstance(name, str):
        return True
    if name in loaded.removed:
        return False
    deferred = fields.of_kind(tool, "defer_loading", f"{path}.defer_loading", bool)
    return not deferred or loaded.has(name) or name == wanted


def _read_tool(tools: Tools, tool: Body, path: str, budget: Budget) -> None:
    """Declare one tool; of those that only Anthropic runs nothing is left."""
    kind = fields.text(tool, "type", f"{path}.type") or "custom"
    if kind == "custom" or "input_schema" in tool:
        _declare(tools, tool, path, _custom(tool, path, budget))
    elif known := built_in_tools.run_by_client(kind):
        _declare(tools, tool, path, known)
    elif name := built_in_tools.run_by_google(kind):
        tools.built_in[name] = {}


def _custom(tool: Body, path: str, budget: Budget) -> Body:
    declaration: Body = {}
    if description := fields.text(tool, "description", f"{path}.description"):
        declaration["description"] = description
    schema = fields.group(tool, "input_schema", f"{path}.input_schema")
    with naming(f"{path}.input_schema"):
        parameters = clean_parameters(schema, budget)
    if parameters:
        declaration["parametersJsonSchema"] = parameters
    return declaration


def _declare(tools: Tools, tool: Body, path: str, declaration: Body) -> None:
    """Of two functions with one name the later stands; Google refuses both."""
    name = tools.names.accepted(name_of(tool, path))
    tools.declared.pop(name, None)
    tools.declared[name] = {"name": name, **declaration}


def name_of(holder: Body, path: str) -> str:
    """A function's name as the client knows it."""
    name = fields.text(holder, "name", f"{path}.name")
    if not name:
        raise fields.missing(f"{path}.name")
    if len(name) > LONGEST_NAME:
        reason = f"String should have at most {LONGEST_NAME} characters"
        raise fields.wrong(f"{path}.name", reason)
    return name


# ------------------------------------------------------------------------ choice


def _chosen_name(choice: Body) -> str:
    return name_of(choice, "tool_choice")


def _choose(tools: Tools, kind: str, wanted: str | None, is_known: bool) -> None:
    """A choice of a tool that is known, but cannot be had here, leaves all open."""
    if wanted is not None:
        name = tools.names.accepted(wanted)
        if name in tools.declared:
            tools.choice = {"mode": "ANY", "allowedFunctionNames": [name]}
        elif not is_known:
            reason = f"Tool '{wanted}' not found in provided tools"
            raise fields.wrong("tool_choice.name", reason)
    elif kind in MODES:
        tools.choice = {"mode": MODES[kind]}
    else:
        reason = "Input should be 'auto', 'any', 'tool' or 'none'"
        raise fields.wrong("tool_choice.type", reason)
