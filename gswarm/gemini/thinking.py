"""How hard a model thinks: an effort or a budget, in the words its generation takes."""

from __future__ import annotations

from .models import Model
from .request import Body

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

_BUDGETS = {"low": 1_024, "medium": 8_192, "high": 24_576}
_ASCENDING = ("minimal", "low", "medium", "high")
_WANTED = {"none": "minimal", "xhigh": "high", "max": "high"}


def thinking_config(
    model: Model,
    *,
    effort: str | None = None,
    budget: int | None = None,
    includes_thoughts: bool = True,
) -> Body | None:
    """``thinkingConfig`` for this model, or None where it takes none.

    ``effort`` is one of `EFFORTS`, ``budget`` a number of tokens (-1: the model
    decides) and wins; with neither, the model keeps its own measure.
    """
    if model.thinking_control is None:
        return None
    if model.thinking_control == "level":
        config = _level_config(model, effort, budget)
    else:
        config = _budget_config(model, effort, budget)
    if _thinks(model, config):
        config["includeThoughts"] = includes_thoughts
    return config or None


def _thinks(model: Model, config: Body) -> bool:
    """includeThoughts is refused where there is no thinking."""
    if "thinkingBudget" in config:
        return bool(config["thinkingBudget"])
    return model.thinks_unasked


# ------------------------------------------------------------------------ levels


def _level_config(model: Model, effort: str | None, budget: int | None) -> Body:
    if budget is not None:
        effort = _effort_of(budget)
    if effort is None:
        return {}
    return {"thinkingLevel": _nearest_level(model, effort).upper()}


def _effort_of(budget: int) -> str | None:
    """The level that stands for a budget; Gemini 3 takes no numbers."""
    if budget < 0:
        return None
    if budget <= 512:
        return "minimal"
    if budget <= 4_096:
        return "low"
    return "medium" if budget <= 16_384 else "high"


def _nearest_level(model: Model, effort: str) -> str:
    """The wanted level, else the next higher one the model has."""
    wanted = _WANTED.get(effort, effort)
    higher = _ASCENDING[_ASCENDING.index(wanted) :]
    return next(level for level in higher if level in model.thinking_levels)


# ----------------------------------------------------------------------- budgets


def _budget_config(model: Model, effort: str | None, budget: int | None) -> Body:
    if budget is None and effort is not None:
        budget = _budget_of(model, effort)
    if budget is None:
        return {}
    return {"thinkingBudget": _clamped(model, budget)}


def _budget_of(model: Model, effort: str) -> int:
    if effort == "none":
        return 0
    if effort == "minimal":
        return 512 if model.tier == "flash-lite" else 1_024
    return _BUDGETS.get(effort, model.budget_range[1])


def _clamped(model: Model, budget: int) -> int:
    least, most = model.budget_range
    if budget < 0:
        return -1
    if budget == 0 and model.allows_off:
        return 0
    return min(max(budget, least), most)
