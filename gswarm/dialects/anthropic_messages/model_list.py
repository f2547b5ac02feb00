"""Models as Anthropic lists them: ``GET /v1/models`` for its clients."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ...errors import InvalidRequest
from ...gemini.models import Model
from .names import twin_of

CREATED_AT = "2025-01-01T00:00:00Z"
"""Clients want to know when a model was made, Google says not."""

DEFAULT_LIMIT = 20
MOST = 1_000


def list_models(named: Mapping[str, Model], query: Mapping[str, str]) -> dict[str, Any]:
    """One page of models and aliases, and a twin of each model for Claude Code.

    ``query`` may hold ``limit``, ``after_id`` and ``before_id``; raises
    `InvalidRequest`.
    """
    twins = {twin_of(m.id): m for name, m in named.items() if name == m.id}
    every = {**named, **twins}
    entries = [show_model(name, model) for name, model in every.items()]
    page, has_more = _page(entries, query)
    return {
        "data": page,
        "has_more": has_more,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }


def show_model(name: str, model: Model) -> dict[str, Any]:
    """A model under the name it was asked for by."""
    return {
        "type": "model",
        "id": name,
        "display_name": f"{model.name} (via GSwarm)",
        "created_at": CREATED_AT,
        "lifecycle": "active",
        "max_input_tokens": model.max_input_tokens,
        "max_tokens": model.max_output_tokens,
        "capabilities": None,
        "line": None,
        "deprecated_at": None,
        "retires_at": _midnight(model.retires_on),
    }


def _midnight(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00Z" if day else None


def _page(
    entries: list[dict[str, Any]], query: Mapping[str, str]
) -> tuple[list[dict[str, Any]], bool]:
    """What follows ``after_id``, or comes just before ``before_id``."""
    limit = _limit(query.get("limit"))
    if before := query.get("before_id"):
        earlier = entries[: _place(entries, before, "before_id")]
        return earlier[-limit:], len(earlier) > limit
    after = query.get("after_id")
    start = _place(entries, after, "after_id") + 1 if after else 0
    return entries[start : start + limit], len(entries) > start + limit


def _place(entries: list[dict[str, Any]], name: str, field: str) -> int:
    for place, entry in enumerate(entries):
        if entry["id"] == name:
            return place
    raise InvalidRequest(f"{field}: no model of this name is listed", param=field)


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= MOST:
        message = f"limit: Input should be an integer from 1 to {MOST}"
        raise InvalidRequest(message, param="limit")
    return int(given)
