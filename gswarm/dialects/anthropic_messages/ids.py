"""Ids as Anthropic's look."""

from __future__ import annotations

import re
import secrets

_OURS = re.compile(r"call_([0-9a-f]{24})")


def new_search_id() -> str:
    return f"srvtoolu_{secrets.token_hex(12)}"


def tool_use_id(call_id: str) -> str:
    """A call's id; `gemini.calls.bare_id` finds the call by it through any door."""
    found = _OURS.fullmatch(call_id)
    return f"toolu_{found[1]}" if found else call_id
