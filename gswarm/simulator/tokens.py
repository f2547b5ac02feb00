"""How many tokens something has; about four characters make one."""

from __future__ import annotations

import json
import math
from typing import Any

MEDIA_TOKENS = 258
"""What one picture or page counts for."""


def text_tokens(text: str) -> int:
    """Tokens of a text: none for none, else a quarter of its length, rounded up."""
    return math.ceil(len(text) / 4)


def part_tokens(part: dict[str, Any]) -> int:
    """Tokens of one part of a content."""
    if "text" in part:
        return text_tokens(part["text"])
    if "inlineData" in part or "fileData" in part:
        return MEDIA_TOKENS
    if "functionResponse" in part:
        return _result_tokens(part["functionResponse"])
    return text_tokens(_compact(part.get("functionCall", {})))


def contents_tokens(contents: list[dict[str, Any]]) -> int:
    """Tokens of a conversation."""
    return sum(part_tokens(part) for c in contents for part in c.get("parts", []))


def prompt_tokens(request: dict[str, Any]) -> int:
    """Tokens a whole request counts for: contents, instruction and declarations."""
    instruction = request.get("systemInstruction")
    count = contents_tokens(request.get("contents", []))
    count += contents_tokens([instruction]) if instruction else 0
    tools = request.get("tools")
    return count + (text_tokens(_compact(tools)) if tools else 0)


def _result_tokens(result: dict[str, Any]) -> int:
    media = MEDIA_TOKENS * len(result.get("parts", ()))
    return media + text_tokens(_compact(result.get("response", {})))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
