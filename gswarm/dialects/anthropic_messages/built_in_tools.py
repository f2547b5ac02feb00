"""Anthropic's own tools: what the client runs is declared as a function.

These tools come without an ``input_schema``, as Claude knows it by heart; Gemini is
told (Anthropic docs, bash, text editor and memory tools). What Anthropic's servers run
has no counterpart here but the web search and fetch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...gemini.request import Body

_TEXT = {"type": "string"}
_LINES = {
    "type": "array",
    "items": {"type": "integer"},
    "description": "First and last line, counted from 1; -1 is the end of the file.",
}

BASH: Body = {
    "description": "Run a command in a bash session that lasts.",
    "parametersJsonSchema": {
        "type": "object",
        "properties": {
            "command": {**_TEXT, "description": "The command to run."},
            "restart": {
                "type": "boolean",
                "description": "Begin a new session instead of running a command.",
            },
        },
    },
}

_PATH = {**_TEXT, "description": "The path of a file or folder."}


def _editor(*commands: str, **more: Any) -> Body:
    properties = {"command": {"type": "string", "enum": list(commands)}, **more}
    required = ["command", *(["path"] if "path" in more else [])]
    return {"type": "object", "properties": properties, "required": required}


TEXT_EDITOR: Body = {
    "description": "View, create and edit text files.",
    "parametersJsonSchema": _editor(
        "view",
        "create",
        "str_replace",
        "insert",
        path=_PATH,
        view_range=_LINES,
        file_text={**_TEXT, "description": "For create: all of the file's text."},
        old_str={**_TEXT, "description": "For str_replace: what stands there once."},
        new_str={**_TEXT, "description": "For str_replace: what takes its place."},
        insert_line={
            "type": "integer",
            "description": "For insert: the line after which the text goes; 0 is the"
            " beginning.",
        },
        insert_text={**_TEXT, "description": "For insert: the text."},
    ),
}

MEMORY: Body = {
    "description": "Keep notes in files under /memories between conversations.",
    "parametersJsonSchema": _editor(
        "view",
        "create",
        "str_replace",
        "insert",
        "delete",
        "rename",
        path={**_TEXT, "description": "A path under /memories; not for rename."},
        view_range=_LINES,
        file_text=_TEXT,
        old_str=_TEXT,
        new_str=_TEXT,
        insert_line={"type": "integer"},
        insert_text=_TEXT,
        old_path=_TEXT,
        new_path=_TEXT,
    )
    | {"required": ["command"]},
}

CLIENT_RUN: Mapping[str, Body] = {
    "bash_": BASH,
    "text_editor_": TEXT_EDITOR,
    "memory_": MEMORY,
}
"""By how the type begins; its date follows."""

GOOGLE_RUN: Mapping[str, str] = {
    "web_search_": "googleSearch",
    "web_fetch_": "urlContext",
}


def run_by_client(kind: str) -> Body | None:
    """The declaration, but for its name, of a tool that the client runs."""
    return next((d for start, d in CLIENT_RUN.items() if kind.startswith(start)), None)


def is_search_for_tools(tool: Mapping[str, Any]) -> bool:
    """Whether Anthropic would look for deferred tools with this one. Nobody does here,
    so where it is present no tool waits to be found."""
    kind = tool.get("type")
    return isinstance(kind, str) and kind.startswith("tool_search_tool_")


def run_by_google(kind: str) -> str | None:
    """Google's tool that does the same on the server."""
    return next((t for start, t in GOOGLE_RUN.items() if kind.startswith(start)), None)
