"""How hard to think: ``thinking`` and ``output_config.effort``.

The two are independent. Where both say how much, Gemini 2.5 takes the budget and
Gemini 3 the effort, each what it has words for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...gemini.generation import Generation
from ...gemini.models import Model
from ...gemini.request import Body
from ...gemini.thinking import thinking_config
from . import fields

ON = frozenset({"enabled", "adaptive", "between_tools"})
EFFORTS = ("low", "medium", "high", "xhigh", "max")

_BUDGETS_OF_EFFORTS = ((8_192, "low"), (16_384, "medium"))
"""The effort that stands for budgets below; Claude's least budget is 1,024."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """``config`` is ``{"thinkingConfig": …}`` or empty; ``is_on`` says that the client
    asked for thinking, and takes blocks of it."""

    config: Body
    is_on: bool


def read_thinking(
    body: Mapping[str, Any], effort: str | None, model: Model, defaults: Generation
) -> Thinking:
    """What a request asks for; ``effort`` is the one of the current turn."""
    given = fields.group(body, "thinking", "thinking") or {}
    kind = fields.text(given, "type", "thinking.type")
    budget = fields.whole(given, "budget_tokens", "thinking.budget_tokens")
    if kind is None:
        return Thinking(_config_unasked(model, effort, defaults), is_on=False)
    if kind not in ON:
        off = thinking_config(model, effort="none", includes_thoughts=False)
        return Thinking(_as_body(off), is_on=False)
    display = fields.text(given, "display", "thinking.display")
    shows = defaults.include_thoughts if display is None else display != "omitted"
    if kind != "enabled":
        budget = None
    effort, budget = _measure(model, effort, budget)
    config = thinking_config(
        model, effort=effort, budget=budget, includes_thoughts=shows
    )
    return Thinking(_as_body(config), is_on=True)


def read_effort(holder: Mapping[str, Any], path: str) -> str | None:
    """``output_config.effort``; an effort nobody knows is none."""
    config = fields.group(holder, "output_config", path) or {}
    effort = fields.text(config, "effort", f"{path}.effort")
    return effort if effort in EFFORTS else None


def _config_unasked(model: Model, effort: str | None, defaults: Generation) -> Body:
    """Without a word of thinking, thoughts stay inside; how hard may still be said."""
    effort = effort or defaults.thinking_level
    if effort is None:
        return {}
    config = thinking_config(model, effort=effort, includes_thoughts=False)
    return _as_body(config)


def _measure(
    model: Model, effort: str | None, budget: int | None
) -> tuple[str | None, int | None]:
    """One of effort and budget; with neither, the model decides."""
    if model.thinking_control == "budget":
        if budget is None and effort is None:
            return None, -1
        return (effort, None) if budget is None else (None, budget)
    if effort is None and budget is not None:
        steps = (word for limit, word in _BUDGETS_OF_EFFORTS if budget < limit)
        effort = next(steps, "high")
    return effort, None


def _as_body(config: Body | None) -> Body:
    return {"thinkingConfig": config} if config else {}
