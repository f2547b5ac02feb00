"""Sampling fields, as far as the model takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...gemini.generation import Generation
from ...gemini.models import Model
from ...gemini.request import Body
from . import fields

MAX_STOPS = 5
MAX_TOP_K = 64
INT32 = 2**31


LIMITS = ("max_completion_tokens", "max_tokens")
"""Fields that limit an answer; the first that is given counts."""


def read_sampling(
    body: Body,
    model: Model,
    defaults: Generation,
    limits: Sequence[str] = LIMITS,
) -> Body:
    """``generationConfig`` without thinking and form; defaults fill what is open."""
    _refuse_several_answers(body)
    config = {
        "maxOutputTokens": _max_tokens(body, model, defaults, limits),
        "temperature": _or(
            fields.number(body, "temperature", "temperature", 0, 2),
            defaults.temperature,
        ),
        "topP": _or(fields.number(body, "top_p", "top_p", 0, 1), defaults.top_p)
        or None,
        "topK": _top_k(body, defaults),
        "stopSequences": _stops(body.get("stop")),
        "seed": _seed(body),
        "presencePenalty": fields.number(body, "presence_penalty", "presence_penalty"),
        "frequencyPenalty": fields.number(
            body, "frequency_penalty", "frequency_penalty"
        ),
    }
    return {
        name: value
        for name, value in config.items()
        if value is not None and name not in model.drops
    }


def _refuse_several_answers(body: Body) -> None:
    count = fields.whole(body, "n", "n")
    if count is not None and count != 1:
        raise fields.unsupported("n", "Only one answer per request ('n': 1) is served.")


def _max_tokens(
    body: Body, model: Model, defaults: Generation, limits: Sequence[str]
) -> int | None:
    """The newer field wins; nought is no limit; more than the model has is its all."""
    for key in limits:
        wanted = fields.whole(body, key, key)
        if wanted is not None and wanted > 0:
            return min(wanted, model.max_output_tokens)
    return min(defaults.max_tokens or 0, model.max_output_tokens) or None


def _top_k(body: Body, defaults: Generation) -> int | None:
    wanted = _or(fields.whole(body, "top_k", "top_k"), defaults.top_k)
    return min(int(wanted), MAX_TOP_K) if wanted is not None and wanted > 0 else None


def _stops(stop: Any) -> list[str] | None:
    """At most five, as Gemini takes; clients with longer lists lose the rest."""
    words = [stop] if isinstance(stop, str) else stop
    if words is None:
        return None
    if not isinstance(words, list):
        raise fields.wrong_type("stop", "a string or an array of strings", stop)
    for index, word in enumerate(words):
        if not isinstance(word, str):
            raise fields.wrong_type(f"stop[{index}]", "a string", word)
    return list(dict.fromkeys(filter(None, words)))[:MAX_STOPS] or None


def _seed(body: Body) -> int | None:
    """int64 folded into int32; clients say -1 for a random one."""
    seed = fields.whole(body, "seed", "seed")
    return None if seed is None or seed < 0 else seed % INT32


def _or(value: float | None, default: float | None) -> float | None:
    return default if value is None else value
