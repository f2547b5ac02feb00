"""A ``tool_result`` block, as what Gemini is told of a function's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...gemini.contents import Part
from ...gemini.request import Body
from ..openai_chat.calls import response_of
from . import fields
from .blocks import Blocks, kind_of, listed

ATTACHED = "(attached)"
"""Stands for the words of a result that consists of media alone."""

UNANSWERED = {"error": "no result: the call was interrupted"}
"""Stands for the result of a call that has none."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """``response`` is a JSON object, ``words`` the same as plain text."""

    call_id: str
    response: Body
    media: list[Part]
    words: str


def read_result(block: Body, path: str, blocks: Blocks) -> ToolResult:
    """One result; `InvalidRequest` where it does not say what it answers."""
    call_id = fields.needed_text(block, "tool_use_id", f"{path}.tool_use_id")
    parts = _parts(block.get("content"), f"{path}.content", blocks)
    words = "\n".join(part["text"] for part in parts if "text" in part)
    media = [part for part in parts if "text" not in part]
    if media and not words:
        words = ATTACHED
    failed = fields.of_kind(block, "is_error", f"{path}.is_error", bool)
    response = {"error": words} if failed else response_of(words)
    return ToolResult(call_id, response, media, words)


def _parts(content: Any, path: str, blocks: Blocks) -> list[Part]:
    parts: list[Part] = []
    for block, at in listed(content, path):
        if kind_of(block, at) == "tool_reference":
            name = fields.text(block, "tool_name", f"{at}.tool_name")
            parts.append({"text": f"Tool {name} is now available."})
        else:
            parts += blocks.parts(block, at)
    return parts
