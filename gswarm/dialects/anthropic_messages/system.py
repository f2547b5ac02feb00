"""The system prompt, and system messages that stand among the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...gemini.contents import Part
from ...gemini.request import Body
from . import fields
from .blocks import kind_of, listed

ATTRIBUTION = "x-anthropic-billing-header:"
"""Claude Code's first block begins so; it differs from request to request, and would
keep Google's cache from ever knowing a prompt again."""

DEVELOPER = frozenset({"system", "developer"})


def system_instruction(before: Iterable[str], system: Any, after: str) -> Body:
    """``systemInstruction``, a part for each block of the client's own, or nothing."""
    words = [*before, *_words(system, "system"), after]
    parts: list[Part] = [{"text": each} for each in words if each.strip()]
    return {"systemInstruction": {"parts": parts}} if parts else {}


def reminder(content: Any, path: str) -> list[Part]:
    """A system message as the user's words at the same place, as Claude Code itself
    writes one for models that know no such role."""
    told = "\n".join(_words(content, path))
    if not told.strip():
        return []
    return [{"text": f"<system-reminder>\n{told}\n</system-reminder>"}]


def _words(content: Any, path: str) -> list[str]:
    """The text blocks of a system prompt; others say nothing."""
    texts = [
        fields.needed_text(block, "text", f"{at}.text")
        for block, at in listed(content, path)
        if kind_of(block, at) == "text"
    ]
    return [words for words in texts if not words.startswith(ATTRIBUTION)]
