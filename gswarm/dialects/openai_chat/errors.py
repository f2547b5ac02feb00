"""Write a refusal as OpenAI does."""

from __future__ import annotations

from typing import Any

from ...errors import Refusal


def write_error(refusal: Refusal) -> dict[str, Any]:
    """The error body; all four members are always there."""
    return {
        "error": {
            "message": refusal.message,
            "type": refusal.type,
            "param": refusal.param,
            "code": refusal.code,
        }
    }
