"""The dialects that are spoken, one line each."""

from __future__ import annotations

from collections.abc import Mapping

from .anthropic_messages.dialect import ANTHROPIC_MESSAGES
from .dialect import Dialect
from .gemini_native.dialect import GEMINI_NATIVE
from .openai_chat.dialect import OPENAI_CHAT
from .openai_completions.dialect import OPENAI_COMPLETIONS
from .openai_responses.dialect import OPENAI_RESPONSES

DIALECTS: tuple[Dialect, ...] = (
    ANTHROPIC_MESSAGES,
    GEMINI_NATIVE,
    OPENAI_RESPONSES,
    OPENAI_COMPLETIONS,
    OPENAI_CHAT,
)
"""The first one that says so words a path: those with fewer paths come first."""


def spoken_at(path: str, headers: Mapping[str, str]) -> Dialect | None:
    """The dialect in which answers at a path are worded; None for our own paths."""
    for dialect in DIALECTS:
        if dialect.is_spoken(path, headers):
            return dialect
    return None
