"""Which tools a conversation has loaded or taken away so far.

A tool with ``defer_loading`` counts once a result refers to it or a system message adds
it; a system message may also remove one. The order decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...gemini.request import Body


@dataclass(slots=True)
class Loaded:
    """Names of tools ``loaded`` and ``removed`` by the end of the conversation, and
    tools ``defined`` on the way, by name; ``is_all`` where none waits to be found."""

    loaded: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    defined: dict[str, Body] = field(default_factory=dict)
    is_all: bool = False

    def has(self, name: str) -> bool:
        return self.is_all or name in self.loaded

    def add(self, name: str) -> None:
        self.loaded.add(name)
        self.removed.discard(name)

    def remove(self, name: str) -> None:
        self.loaded.discard(name)
        self.removed.add(name)


def loaded_tools(messages: list[Any]) -> Loaded:
    """What the messages say of tools; what is no such word is passed over, as whoever
    reads the messages refuses it where it must."""
    loaded = Loaded()
    for block in _blocks(messages):
        kind = block.get("type")
        if kind == "tool_reference":
            _apply(loaded, block, is_addition=True)
        elif kind in ("tool_addition", "tool_removal"):
            _apply(loaded, block.get("tool"), is_addition=kind == "tool_addition")
    return loaded


def _blocks(messages: list[Any]) -> Iterator[Body]:
    """The blocks of all messages, and those inside tool results and what Anthropic's
    own search for tools has found."""
    for message in messages:
        for block in _objects(message, "content"):
            yield block
            if block.get("type") == "tool_result":
                yield from _objects(block, "content")
            elif block.get("type") == "tool_search_tool_result":
                yield from _objects(block.get("content"), "tool_references")


def _objects(holder: Any, key: str) -> Iterator[Body]:
    held = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(held, list):
        yield from (each for each in held if isinstance(each, dict))


def _apply(loaded: Loaded, tool: Any, *, is_addition: bool) -> None:
    if not isinstance(tool, dict):
        return
    definition = tool.get("definition")
    if isinstance(definition, dict):
        tool = definition
    name = _name(tool)
    if name is None:
        return
    if is_addition and isinstance(tool.get("input_schema"), dict):
        loaded.defined[name] = tool
    (loaded.add if is_addition else loaded.remove)(name)


def _name(tool: Mapping[str, Any]) -> str | None:
    for key in ("tool_name", "name"):
        if isinstance(name := tool.get(key), str):
            return name
    return None
