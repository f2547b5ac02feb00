"""Calls a prompt dictates: ``[[call:…]]`` word for word, ``[[agent]]`` by choice.

A real agent sends its own instructions, reminders and tools beside the user's words, so
what it will be asked to do is not left to those: a turn whose prompt holds one of these
markers calls what they say, one step after each result, and answers with text then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from . import markers
from .calling import Planned, schema_of
from .conversation import Conversation, Declaration
from .hints import Hints
from .samples import Sampler

_PREFERRED = (
    "Bash",
    "exec_command",
    "run_shell_command",
    "shell",
    "list_directory",
    "Read",
    "read_file",
)
"""Tools of Claude Code, Codex and Gemini CLI, harmless with the arguments below."""
_HARMLESS = {
    "command": "echo simulated",
    "cmd": "echo simulated",
    "dir_path": ".",
    "path": ".",
    "file_path": "README.md",
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A call to be made; of a tool that is chosen here where it has no name."""

    name: str = ""
    args: dict[str, Any] | None = None


def plan(
    talk: Conversation, *, agent: str | None, floats: bool
) -> list[Planned] | None:
    """The calls due now, none when all were made; None where nothing is dictated.

    ``agent`` stands for a marker ``[[agent:…]]`` in every prompt; None for none. A
    request without tools, such as an agent makes for a title, is dictated nothing, and
    so is one that must call something after all was called.
    """
    steps = _steps(talk.turn)
    if not steps and agent is not None:
        steps = [_agents(agent)]
    if not steps or not talk.functions or talk.mode == "NONE":
        return None
    if talk.turn_steps >= len(steps):
        return None if talk.mode == "ANY" else []
    free = iter(_by_preference(talk.functions))
    wishes = steps[talk.turn_steps]
    made = (_planned(wish, talk, next(free, None), floats) for wish in wishes)
    return [call for call in made if call]


def _steps(prompt: str) -> list[list[_Wish]]:
    steps: list[list[_Wish]] = [[]]
    for name, value in markers.every(prompt):
        if name == "then":
            steps.append([])
        elif name == "call":
            steps[-1].append(_wish(value))
        elif name == "agent":
            steps[-1] += _agents(value)
    return [step for step in steps if step]


def _agents(value: str) -> list[_Wish]:
    """So many tools, or the one of that name."""
    if value and not value.isdecimal():
        return [_wish(value)]
    return [_Wish()] * int(value or 1)


def _wish(value: str) -> _Wish:
    """``name``, or ``name {…}``; what is no JSON is no arguments."""
    name, brace, rest = value.partition("{")
    try:
        args = json.loads(brace + rest, strict=False) if brace else None
    except ValueError:
        return _Wish(value)
    return _Wish(name.strip(), args)


def _by_preference(functions: tuple[Declaration, ...]) -> list[Declaration]:
    def rank(function: Declaration) -> int:
        name = function["name"]
        return _PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED)

    return sorted(functions, key=rank)


def _planned(
    wish: _Wish, talk: Conversation, free: Declaration | None, floats: bool
) -> Planned | None:
    function = _declared(wish.name, talk.functions) if wish.name else free
    if function is None:
        return Planned(wish.name, wish.args or {}) if wish.name else None
    if wish.args is not None:
        return Planned(function["name"], wish.args)
    return Planned(function["name"], _harmless_args(function, talk, floats))


def _declared(name: str, functions: tuple[Declaration, ...]) -> Declaration | None:
    """The function of that name, or the one a gateway put a namespace before."""
    exact = (f for f in functions if f["name"] == name)
    inner = (f for f in functions if f["name"].endswith(f"__{name}"))
    return next(exact, None) or next(inner, None)


def _harmless_args(
    function: Declaration, talk: Conversation, floats: bool
) -> dict[str, Any]:
    schema = schema_of(function)
    hints = Hints(markers.without(talk.turn))
    made = Sampler(schema, hints, complete=False, floats=floats).sample()
    args = made if isinstance(made, dict) and schema.get("properties") else {}
    for name in args.keys() & _HARMLESS.keys():
        is_text = isinstance(args[name], str)
        args[name] = _HARMLESS[name] if is_text else _HARMLESS[name].split()
    return args
