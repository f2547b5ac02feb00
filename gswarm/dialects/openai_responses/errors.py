"""Write a refusal as OpenAI does, and so that Codex neither hammers nor hangs."""

from __future__ import annotations

from typing import Any

from ...errors import InvalidFields, Refusal
from ..openai_chat.errors import write_error
from ..retrying import error_headers, whole_seconds

LONGEST_WAIT = 60
"""Codex obeys any Retry-After, silently, for hours: longer waits are told in words."""


def write_refusal(refusal: Refusal) -> dict[str, Any]:
    """The error body; where a wait is long it says that the quota is used up, which
    clients take for the end."""
    body = write_error(refusal)
    error = body["error"]
    if isinstance(refusal, InvalidFields):
        error["param"], [error["message"], *_] = next(iter(refusal.details.items()))
    if error["param"] == "messages":
        error["param"] = "input"
    if refusal.status == 429 and whole_seconds(refusal) > LONGEST_WAIT:
        error["type"] = error["code"] = "insufficient_quota"
    return body


def refusal_headers(refusal: Refusal) -> list[tuple[str, str]]:
    """``Retry-After`` within what clients should sit out, and ``x-should-retry``."""
    return [
        (name, str(min(int(value), LONGEST_WAIT)) if name == "Retry-After" else value)
        for name, value in error_headers(refusal)
    ]
