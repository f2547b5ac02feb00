"""Limits and sampling, as far as the model takes them."""

from __future__ import annotations

from typing import Any

from ...gemini.generation import Generation
from ...gemini.models import Model
from ...gemini.request import Body
from . import fields

MAX_STOPS = 5
MAX_TOP_K = 64
MAX_TEMPERATURE = 2.0


def read_sampling(body: Body, model: Model, defaults: Generation) -> Body:
    """``generationConfig`` without thinking and form. What is beyond Gemini's bounds is
    brought within: Claude Code asks six times where it is refused once."""
    config = {
        "maxOutputTokens": _max_tokens(body, model, defaults),
        "temperature": _within(body, "temperature", MAX_TEMPERATURE)
        if body.get("temperature") is not None
        else defaults.temperature,
        "topP": _within(body, "top_p", 1.0) or defaults.top_p,
        "topK": _top_k(body) or defaults.top_k,
        "stopSequences": _stops(body),
    }
    return {
        name: value
        for name, value in config.items()
        if value is not None and name not in model.drops
    }


def _max_tokens(body: Body, model: Model, defaults: Generation) -> int | None:
    wanted = fields.whole(body, "max_tokens", "max_tokens") or defaults.max_tokens
    if wanted is None:
        return None
    return min(max(wanted, 1), model.max_output_tokens)


def _within(body: Body, key: str, most: float) -> float | None:
    value = fields.number(body, key, key)
    return None if value is None else min(max(value, 0), most)


def _top_k(body: Body) -> int | None:
    wanted = fields.whole(body, "top_k", "top_k")
    return min(wanted, MAX_TOP_K) if wanted is not None and wanted > 0 else None


def _stops(body: Body) -> list[str] | None:
    """At most five, as Gemini takes; longer lists lose the rest."""
    given = fields.members(body, "stop_sequences", "stop_sequences") or []
    for index, word in enumerate(given):
        _check_text(word, f"stop_sequences.{index}")
    return list(dict.fromkeys(filter(None, given)))[:MAX_STOPS] or None


def _check_text(value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise fields.wrong(path, "Input should be a valid string")
