"""Write a refusal as Anthropic does: the status, the body, the headers that steer
retries.

Clients read more than the status: Claude Code starts to compact a conversation where
it finds two numbers in "prompt is too long", and both SDKs' tool runners send a whole
history where ``details`` says that threads are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import ModelNotFound, Refusal

THREAD_UNSUPPORTED = "thread_unsupported_request"
"""Both SDKs' tool runners ask for a thread, and on this code send all they know."""

STATUSES: Mapping[int, int] = {502: 500, 503: 529}
"""A broken upstream is an API error, and where nobody can serve all is overloaded."""

TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}

INVALID_KEY = "invalid x-api-key"
TOO_LARGE = "Request exceeds the maximum size"
"""The real API's own words, by which clients know what to say to their users."""

_NUMBER = re.compile(r"\d[\d,]{2,}")


def status_of(refusal: Refusal) -> int:
    return STATUSES.get(refusal.status, refusal.status)


def write_error(refusal: Refusal, request_id: str | None = None) -> dict[str, Any]:
    """The error body."""
    status = status_of(refusal)
    fallback = "api_error" if status >= 500 else "invalid_request_error"
    error: dict[str, Any] = {
        "type": TYPES.get(status, fallback),
        "message": _message(refusal, status),
    }
    if refusal.code == THREAD_UNSUPPORTED:
        error["details"] = {"error_code": refusal.code}
    written = {"type": "error", "error": error}
    return {**written, "request_id": request_id} if request_id else written


def _message(refusal: Refusal, status: int) -> str:
    if status == 401:
        return INVALID_KEY
    if status == 413:
        return f"{TOO_LARGE}. {refusal.message}"
    if status == 529:
        return f"Overloaded. {refusal.message}"
    if isinstance(refusal, ModelNotFound):
        return f"model: {refusal.model}"
    if refusal.code == "context_length_exceeded":
        return _too_long(refusal.message)
    return _with_field(refusal)


def _with_field(refusal: Refusal) -> str:
    """``path: reason``, unless the message names the field already."""
    words, field = refusal.message, refusal.param
    if not field or words.startswith(f"{field}:") or f"'{field}'" in words:
        return words
    return f"{field}: {words}"


def _too_long(words: str) -> str:
    """The counts are Google's; where it names its limit alone, one token more is sure
    to be there."""
    numbers = [int(number.replace(",", "")) for number in _NUMBER.findall(words)]
    if not numbers:
        return "prompt is too long"
    most = min(numbers)
    asked = max(numbers) if len(numbers) > 1 else most + 1
    return f"prompt is too long: {max(asked, most + 1)} tokens > {most} maximum"
