"""The headers that steer when, and whether, a client's SDK asks again."""

from __future__ import annotations

import math

from ..errors import Refusal

PATIENCE_SECONDS = 120
"""OpenAI's SDKs give up on a longer Retry-After, Anthropic's sleep for as long as it
says, hours too: whoever would wait longer is told not to retry."""


def error_headers(refusal: Refusal) -> list[tuple[str, str]]:
    """``Retry-After`` (always on a 429) and ``x-should-retry`` (where it is known)."""
    headers = []
    seconds = whole_seconds(refusal)
    should_retry = refusal.should_retry
    if refusal.status == 429 or refusal.retry_after is not None:
        headers.append(("Retry-After", str(seconds)))
    if should_retry is None and seconds > PATIENCE_SECONDS:
        should_retry = False
    if should_retry is not None:
        headers.append(("x-should-retry", str(should_retry).lower()))
    return headers


def whole_seconds(refusal: Refusal) -> int:
    """What Retry-After says: at least one second."""
    return max(1, math.ceil(refusal.retry_after or 0))
