"""The items a response was asked with, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import InvalidRequest
from ...gemini.request import Body


def list_items(
    items: Sequence[Body], *, limit: int, newest_first: bool, after: str | None
) -> dict[str, Any]:
    """A page of items behind the one called ``after``, the newest first or last."""
    ordered = list(reversed(items)) if newest_first else list(items)
    if after is not None:
        ordered = ordered[_place(ordered, after) + 1 :]
    page = ordered[:limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(ordered) > limit,
    }


def _place(items: Sequence[Body], id: str) -> int:
    for at, item in enumerate(items):
        if item["id"] == id:
            return at
    raise InvalidRequest(
        f"Item with id '{id[:100]}' not found.", param="after", code="invalid_value"
    )
