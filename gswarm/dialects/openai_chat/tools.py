"""Tools and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ...gemini.request import Body
from ...gemini.schema.budget import Budget
from ...gemini.schema.clean import clean_parameters
from ...gemini.tool_names import ToolNames
from ..naming import naming
from ..tool_set import ToolSet
from . import fields

BUILT_IN = {
    "google_search": "googleSearch",
    "googleSearch": "googleSearch",
    "google_search_retrieval": "googleSearch",
    "web_search": "googleSearch",
    "web_search_preview": "googleSearch",
    "code_execution": "codeExecution",
    "codeExecution": "codeExecution",
    "code_interpreter": "codeExecution",
    "url_context": "urlContext",
    "urlContext": "urlContext",
}

KINDS = ("function", "custom", "web_search", "code_execution")

ALLOWING_MODES = ("auto", "required")
MODES = {"none": "NONE", "auto": "AUTO", "required": "ANY", "any": "ANY"}


@dataclass(slots=True)
class Tools(ToolSet):
    """The tools of one request, by the names Gemini knows them by."""

    names: ToolNames = field(default_factory=ToolNames)
    custom: set[str] = field(default_factory=set)
    is_legacy: bool = False


def read_tools(body: Body, budget: Budget) -> Tools:
    """``tools`` and ``tool_choice``, or the older ``functions``.

    Their schemas are taken from ``budget``.
    """
    tools = Tools()
    if body.get("web_search_options") is not None:
        tools.built_in["googleSearch"] = {}
    given = fields.members(body, "tools", "tools")
    for index, tool in enumerate(given or ()):
        _read_tool(tools, tool, f"tools[{index}]", budget)
    if not given and (old := fields.members(body, "functions", "functions")):
        tools.is_legacy = True
        for index, function in enumerate(old):
            _declare(tools, function, f"functions[{index}]", budget)
        _choose(tools, body.get("function_call"), "function_call")
    else:
        _choose(tools, body.get("tool_choice"), "tool_choice")
    if tools.are_off:
        tools.built_in.clear()
    return tools


# ------------------------------------------------------------------ declarations


def _read_tool(tools: Tools, tool: Any, path: str, budget: Budget) -> None:
    if not isinstance(tool, dict):
        raise fields.wrong_type(path, "an object", tool)
    kind = fields.text(tool, "type", f"{path}.type")
    if kind is None:
        kind = "function" if "function" in tool else _unnamed_kind(tool, path)
    if kind == "function":
        function = fields.group(tool, "function", f"{path}.function")
        inside = path if function is None else f"{path}.function"
        if function is None and "name" not in tool:
            raise fields.missing(f"{path}.function")
        _declare(tools, tool if function is None else function, inside, budget)
    elif kind == "custom":
        _declare_custom(tools, tool, path)
    elif name := _built_in(kind):
        tools.built_in[name] = {}
    else:
        raise fields.wrong_value(f"{path}.type", kind, KINDS)


def _unnamed_kind(tool: Body, path: str) -> str:
    """``{"google_search": {}}``: the key is the type."""
    kind = next((key for key in tool if key in BUILT_IN), None)
    if kind is None:
        raise fields.missing(f"{path}.type")
    return kind


def _built_in(kind: str) -> str | None:
    if kind.startswith("web_search"):
        return "googleSearch"
    return BUILT_IN.get(kind)


def _declare(tools: Tools, function: Any, path: str, budget: Budget) -> None:
    if not isinstance(function, dict):
        raise fields.wrong_type(path, "an object", function)
    name = _name_of(function, path)
    with naming(f"{path}.name"):
        declaration: Body = {"name": tools.names.accepted(name)}
    if description := fields.text(function, "description", f"{path}.description"):
        declaration["description"] = description
    inside = f"{path}.parameters"
    schema = fields.group(function, "parameters", inside)
    with naming(inside):
        parameters = clean_parameters(schema, budget)
    if parameters:
        declaration["parametersJsonSchema"] = parameters
    _add(tools, declaration)


def _declare_custom(tools: Tools, tool: Body, path: str) -> None:
    """A tool that takes free text, as a function with one string."""
    custom = fields.group(tool, "custom", f"{path}.custom")
    if custom is not None:
        tool, path = custom, f"{path}.custom"
    with naming(f"{path}.name"):
        name = tools.names.accepted(_name_of(tool, path))
    said = [fields.text(tool, "description", f"{path}.description"), _grammar(tool)]
    tools.custom.add(name)
    declaration: Body = {"name": name}
    if description := "\n\n".join(filter(None, said)):
        declaration["description"] = description
    declaration["parametersJsonSchema"] = {
        "type": "object",
        "properties": {"input": {"type": "string"}},
        "required": ["input"],
    }
    _add(tools, declaration)


def _add(tools: Tools, declaration: Body) -> None:
    """Of two functions with one name the later stands; Google refuses both."""
    tools.declared.pop(declaration["name"], None)
    tools.declared[declaration["name"]] = declaration


def _grammar(tool: Body) -> str | None:
    form = tool.get("format")
    if not isinstance(form, dict) or form.get("type") != "grammar":
        return None
    grammar = form.get("grammar")
    form = grammar if isinstance(grammar, dict) else form
    definition = form.get("definition")
    if not isinstance(definition, str):
        return None
    return f"The input must follow this {form.get('syntax', '')} grammar:\n{definition}"


def _name_of(function: Body, path: str) -> str:
    name = fields.text(function, "name", f"{path}.name")
    if not name:
        raise fields.missing(f"{path}.name")
    return name


# ------------------------------------------------------------------------ choice


def _choose(tools: Tools, choice: Any, path: str) -> None:
    if choice is None:
        return
    if isinstance(choice, str):
        if choice not in MODES:
            raise fields.wrong_value(path, choice, ("none", "auto", "required"))
        tools.choice = {"mode": MODES[choice]}
        return
    if not isinstance(choice, dict):
        raise fields.wrong_type(path, "a string or an object", choice)
    kind = choice.get("type", "function")
    choose = CHOICES.get(kind) if isinstance(kind, str) else None
    if choose is not None:
        choose(tools, choice, path)
    elif isinstance(kind, str) and kind in MODES:
        tools.choice = {"mode": MODES[kind]}
    elif not (isinstance(kind, str) and _built_in(kind)):
        raise fields.wrong_value(f"{path}.type", kind, CHOICES)


def _choose_one(tools: Tools, choice: Body, path: str) -> None:
    kind = choice.get("type", "function")
    named = fields.group(choice, kind, f"{path}.{kind}") if kind in choice else choice
    name = _name_of(named or {}, path if named is choice else f"{path}.{kind}")
    tools.choice = {
        "mode": "ANY",
        "allowedFunctionNames": _declared_names(tools, [name], path),
    }


def _choose_among(tools: Tools, choice: Body, path: str) -> None:
    """AUTO takes no list of names, so there only the allowed are declared."""
    inside = f"{path}.allowed_tools"
    allowed = fields.group(choice, "allowed_tools", inside)
    if allowed is None:
        allowed, inside = choice, path
    mode = fields.text(allowed, "mode", f"{inside}.mode")
    if mode not in (None, *ALLOWING_MODES):
        raise fields.wrong_value(f"{inside}.mode", mode, ALLOWING_MODES)
    listed = fields.members(allowed, "tools", f"{inside}.tools")
    if listed is None:
        raise fields.missing(f"{inside}.tools")
    entries = [
        _allowed(tool, f"{inside}.tools[{at}]") for at, tool in enumerate(listed)
    ]
    names = _declared_names(tools, [name for kind, name in entries if not kind], path)
    tools.built_in = {kind: {} for kind, _ in entries if kind in tools.built_in}
    if mode == "required" and names:
        tools.choice = {"mode": "ANY", "allowedFunctionNames": names}
    else:
        wanted, declared = set(names), tools.declared.items()
        tools.declared = {name: given for name, given in declared if name in wanted}
        tools.choice = {"mode": "AUTO"}


def _allowed(tool: Any, path: str) -> tuple[str, str]:
    """An entry of allowed_tools: a built-in tool, or nothing and a function's name."""
    if not isinstance(tool, dict):
        raise fields.wrong_type(path, "an object", tool)
    kind = fields.text(tool, "type", f"{path}.type") or "function"
    if built_in := _built_in(kind):
        return built_in, ""
    if kind not in ("function", "custom"):
        raise fields.wrong_value(f"{path}.type", kind, KINDS)
    named = fields.group(tool, kind, f"{path}.{kind}")
    if named is None:
        return "", _name_of(tool, path)
    return "", _name_of(named, f"{path}.{kind}")


def _declared_names(tools: Tools, wanted: Iterable[str], path: str) -> list[str]:
    with naming(path):
        names = [tools.names.accepted(name) for name in wanted]
    for name in names:
        if name not in tools.declared:
            shown = tools.names.originals.get(name, name)[:100]
            raise fields.unsupported(
                path, f"Tool choice '{shown}' not found in 'tools' parameter."
            )
    return names


CHOICES: dict[str, Callable[[Tools, Body, str], None]] = {
    "function": _choose_one,
    "custom": _choose_one,
    "tool": _choose_one,
    "allowed_tools": _choose_among,
}
