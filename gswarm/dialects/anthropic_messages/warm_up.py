"""Requests for no tokens: Anthropic fills its cache for them and generates nothing."""

from __future__ import annotations

from typing import Any

from ...gemini.request import Chunk

UNGENERATED: Chunk = {"candidates": [{"finishReason": "MAX_TOKENS"}]}
"""The answer to them, as Gemini would give it."""


def is_warm_up(body: Any) -> bool:
    """Whether a body asks for nothing to be generated."""
    wanted = body.get("max_tokens") if isinstance(body, dict) else None
    return not isinstance(wanted, bool) and wanted == 0
