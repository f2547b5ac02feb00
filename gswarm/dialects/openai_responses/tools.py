"""Tools of every kind as functions Gemini knows, and what each is to the client."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ...gemini.request import Body
from ...gemini.schema.budget import Budget
from ...gemini.schema.clean import clean_parameters
from ...gemini.tool_names import ToolNames
from ..naming import naming
from ..openai_chat import fields
from ..tool_set import ToolSet

Kind: TypeAlias = Literal[
    "function", "custom", "tool_search", "shell", "local_shell", "apply_patch"
]

IMPLICIT_NAMESPACE = "functions"
"""Its children go by their bare names: Codex means the tools of the model itself."""

LONGEST_GRAMMAR = 8_192

MOST_SAID_AGAIN = 256 * 1024
"""Characters of namespaces' descriptions, each counted once for each tool."""

RAW_TEXT = (
    "The tool's input: raw text, exactly as the tool takes it. The JSON around it is"
    " only how it travels."
)


@dataclass(frozen=True, slots=True)
class Tool:
    """What a function is to the client: its kind, its name, and where that stands."""

    kind: Kind
    name: str
    namespace: str | None = None


@dataclass(slots=True)
class Tools(ToolSet):
    """The tools of one request.

    ``declared`` and ``by_name`` are keyed by the names Gemini knows the functions by;
    ``ignored`` lists the types of tools that cannot be served.
    """

    by_name: dict[str, Tool] = field(default_factory=dict)
    draws: bool = False
    ignored: list[str] = field(default_factory=list)
    _names: ToolNames = field(default_factory=ToolNames)
    _given: dict[tuple[str | None, str], str] = field(default_factory=dict)
    _owners: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    _children: dict[str, list[str]] = field(default_factory=dict)

    def name_of(self, namespace: str | None, name: str) -> str:
        """The name Gemini knows a function by, declared or not; the same each time.

        A bare name may also mean the only tool of that name in a namespace.
        """
        own = self._own(namespace, name)
        if own in self.declared or namespace not in (None, IMPLICIT_NAMESPACE):
            return own
        named = self._children.get(name, ())
        return named[0] if len(named) == 1 else own

    def find(self, namespace: str | None, name: str) -> str | None:
        """The same if such a function is declared."""
        given = self.name_of(namespace, name)
        return given if given in self.declared else None

    def add(self, tool: Tool, declaration: Body, *, wins: bool = True) -> None:
        """Declare a function; of two with one name the later stands, if it ``wins``."""
        name = self._own(tool.namespace, tool.name)
        if name in self.declared and not wins:
            return
        if self.declared.pop(name, None) is None and tool.namespace:
            self._children.setdefault(tool.name, []).append(name)
        self.declared[name] = {"name": name, **declaration}
        self.by_name[name] = tool

    def _own(self, namespace: str | None, name: str) -> str:
        namespace = None if namespace == IMPLICIT_NAMESPACE else namespace
        identity = (namespace, name)
        if identity not in self._given:
            self._given[identity] = self._fresh(identity)
        return self._given[identity]

    def _fresh(self, identity: tuple[str | None, str]) -> str:
        namespace, name = identity
        given = self._names.accepted(_joined(namespace, name))
        if self._owners.setdefault(given, identity) != identity:
            given = self._names.accepted(f"{namespace}\0{name}")
            self._owners[given] = identity
        return given


def _joined(namespace: str | None, name: str) -> str:
    if not namespace:
        return name
    head = namespace if namespace.endswith("__") else f"{namespace}__"
    return name if name.startswith((head, "mcp__")) else head + name


# ---------------------------------------------------------------------- reading


class ToolReader:
    """Reads lists of tools into ``tools``; schemas are taken from ``budget``."""

    def __init__(self, tools: Tools, budget: Budget) -> None:
        self._tools = tools
        self._budget = budget
        self._said_before = 0

    def read(self, given: Iterable[Any], path: str, *, wins: bool = True) -> None:
        """Read a list; those that do not win give way to what is there already."""
        for index, tool in enumerate(given):
            self._read(tool, f"{path}[{index}]", wins)

    def _read(self, tool: Any, path: str, wins: bool) -> None:
        if not isinstance(tool, dict):
            raise fields.wrong_type(path, "an object", tool)
        kind = fields.text(tool, "type", f"{path}.type")
        if kind is None:
            raise fields.missing(f"{path}.type")
        if kind == "namespace":
            self._namespace(tool, path, wins)
        elif kind in ("function", "custom"):
            self._named(tool, path, wins)
        elif not (self._built_in(kind, tool) or self._emulated(kind, tool, path, wins)):
            self._tools.ignored.append(kind[:64])

    def _namespace(self, group: Body, path: str, wins: bool) -> None:
        name = fields.text(group, "name", f"{path}.name")
        words = fields.text(group, "description", f"{path}.description")
        children = fields.members(group, "tools", f"{path}.tools") or []
        for index, tool in enumerate(children):
            where = f"{path}.tools[{index}]"
            if not isinstance(tool, dict):
                raise fields.wrong_type(where, "an object", tool)
            kind = fields.text(tool, "type", f"{where}.type") or "function"
            if kind in ("function", "custom"):
                self._named(tool, where, wins, namespace=name, before=words)
            else:
                self._tools.ignored.append(kind[:64])

    def _named(
        self,
        tool: Body,
        path: str,
        wins: bool,
        *,
        namespace: str | None = None,
        before: str | None = None,
    ) -> None:
        kind: Kind = "custom" if tool.get("type") == "custom" else "function"
        if nested := fields.group(tool, kind, f"{path}.{kind}"):
            tool, path = nested, f"{path}.{kind}"
        name = fields.text(tool, "name", f"{path}.name")
        if not name:
            raise fields.missing(f"{path}.name")
        said = (
            self._again(before),
            fields.text(tool, "description", f"{path}.description"),
        )
        declaration: Body = {}
        if words := "\n\n".join(filter(None, said)):
            declaration["description"] = words
        if kind == "custom":
            declaration["parametersJsonSchema"] = _raw_text(tool)
        elif parameters := self._parameters(tool, f"{path}.parameters"):
            declaration["parametersJsonSchema"] = parameters
        with naming(f"{path}.name"):
            self._tools.add(Tool(kind, name, namespace), declaration, wins=wins)

    def _again(self, words: str | None) -> str | None:
        """A namespace's words, for each of its tools as long as that is bearable."""
        self._said_before += len(words or "")
        return words if self._said_before <= MOST_SAID_AGAIN else None

    def _parameters(self, tool: Body, path: str) -> Body | None:
        schema = fields.group(tool, "parameters", path)
        with naming(path):
            return clean_parameters(schema, self._budget)

    def _built_in(self, kind: str, tool: Body) -> bool:
        """Tools that Google runs; live search only where it was not ruled out."""
        if kind.startswith("web_search"):
            if tool.get("external_web_access") is not False:
                self._tools.built_in["googleSearch"] = {}
        elif kind == "code_interpreter":
            self._tools.built_in["codeExecution"] = {}
        elif kind == "image_generation":
            self._tools.draws = True
        else:
            return False
        return True

    def _emulated(self, kind: str, tool: Body, path: str, wins: bool) -> bool:
        """Tools that OpenAI has a type for, and Gemini a function with its fields."""
        declare = EMULATED.get(kind)
        declaration = declare(tool) if declare else None
        if declaration is None:
            return False
        own = self._parameters(tool, f"{path}.parameters")
        if kind == "tool_search" and own:
            declaration["parametersJsonSchema"] = own
        if words := fields.text(tool, "description", f"{path}.description"):
            declaration["description"] = words
        self._tools.add(Tool(kind, kind), declaration, wins=wins)  # type: ignore[arg-type]
        return True


def _raw_text(tool: Body) -> Body:
    words = "\n\n".join(filter(None, (RAW_TEXT, _grammar(tool.get("format")))))
    return {
        "type": "object",
        "properties": {"input": {"type": "string", "description": words}},
        "required": ["input"],
    }


def _grammar(form: Any) -> str | None:
    """Told where the text is asked for: there the model follows it best."""
    if not isinstance(form, dict) or form.get("type") != "grammar":
        return None
    inner = form.get("grammar")
    form = inner if isinstance(inner, dict) else form
    definition = form.get("definition")
    if not isinstance(definition, str):
        return None
    syntax = str(form.get("syntax") or "")[:20]
    return f"It must follow this {syntax} grammar:\n{definition[:LONGEST_GRAMMAR]}"


def _object(required: list[str], **properties: Any) -> Body:
    schema = {"type": "object", "properties": properties, "required": required}
    return {"parametersJsonSchema": schema}


def _strings() -> Body:
    return {"type": "array", "items": {"type": "string"}}


def _tool_search(tool: Body) -> Body | None:
    if tool.get("execution") != "client":
        return None
    search = _object(["query"], query={"type": "string"}, limit={"type": "integer"})
    return {"description": "Searches for further tools by what they do.", **search}


def _shell(tool: Body) -> Body | None:
    environment = tool.get("environment")
    where = environment.get("type") if isinstance(environment, dict) else None
    if where not in (None, "local"):
        return None
    number = {"type": "integer"}
    run = _object(
        ["commands"],
        commands=_strings(),
        timeout_ms=number,
        max_output_length=number,
    )
    return {"description": "Runs shell commands and returns their output.", **run}


def _local_shell(tool: Body) -> Body:
    run = _object(
        ["command"],
        command=_strings(),
        working_directory={"type": "string"},
        timeout_ms={"type": "integer"},
    )
    return {"description": "Runs one command: the program and its arguments.", **run}


def _apply_patch(tool: Body) -> Body:
    kinds = ["create_file", "update_file", "delete_file"]
    text = {"type": "string"}
    diff = {**text, "description": "V4A diff of the change; none to delete a file."}
    patch = _object(
        ["type", "path"], type={**text, "enum": kinds}, path=text, diff=diff
    )
    return {"description": "Creates, changes or deletes one file.", **patch}


EMULATED: dict[str, Callable[[Body], Body | None]] = {
    "tool_search": _tool_search,
    "shell": _shell,
    "local_shell": _local_shell,
    "apply_patch": _apply_patch,
}
