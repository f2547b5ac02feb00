"""How hard to think, in the many ways clients ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...gemini.generation import Generation
from ...gemini.models import Model
from ...gemini.request import Body
from ...gemini.thinking import EFFORTS, thinking_config
from . import fields

GOOGLE_KEYS = (
    ("thinking_budget", "thinkingBudget"),
    ("thinking_level", "thinkingLevel"),
    ("include_thoughts", "includeThoughts"),
)


@dataclass(slots=True)
class Wish:
    """What was asked for; None where it was left open."""

    effort: str | None = None
    budget: int | None = None
    shows: bool | None = None


def read_thinking(
    body: Body, google: Body, model: Model, defaults: Generation
) -> tuple[Body, bool]:
    """``{"thinkingConfig": …}`` or nothing, and whether thoughts are shown.

    Google's own words win over OpenRouter's and Anthropic's, and these over
    ``reasoning_effort``.
    """
    wish = (
        google_wish(body, google)
        or _reasoning_wish(body)
        or _anthropic_wish(body)
        or _effort_wish(body.get("reasoning_effort"), "reasoning_effort")
    )
    if wish is None:
        wish = Wish(effort=defaults.thinking_level)
    if body.get("include_reasoning") is False:
        wish.shows = False
    if wish.shows is None:
        wish.shows = defaults.include_thoughts and wish.effort != "none"
    config = thinking_config(
        model, effort=wish.effort, budget=wish.budget, includes_thoughts=wish.shows
    )
    return {"thinkingConfig": config} if config else {}, wish.shows


def google_wish(body: Body, google: Body) -> Wish | None:
    """What Google's own ``thinking_config`` asks for, beside the body or in it."""
    for holder, key, path in (
        (google, "thinking_config", "google.thinking_config"),
        (google, "thinkingConfig", "google.thinkingConfig"),
        (body, "thinking_config", "thinking_config"),
        (body, "thinkingConfig", "thinkingConfig"),
    ):
        config = fields.group(holder, key, path)
        if config is not None:
            return _from_config(config, path)
    return None


def _from_config(config: Body, path: str) -> Wish:
    """Google's thinking_config, in snake or camel case."""
    given: dict[str, Any] = {}
    for key, camel in GOOGLE_KEYS:
        given[key] = (
            config.get(key) if config.get(key) is not None else config.get(camel)
        )
    level = fields.text(given, "thinking_level", f"{path}.thinking_level")
    if level is not None:
        level = _known(level.lower(), f"{path}.thinking_level")
    return Wish(
        level,
        fields.whole(given, "thinking_budget", f"{path}.thinking_budget"),
        fields.flag(given, "include_thoughts", f"{path}.include_thoughts"),
    )


def _reasoning_wish(body: Body) -> Wish | None:
    """OpenRouter's ``reasoning``: effort, max_tokens, exclude, enabled."""
    reasoning = fields.group(body, "reasoning", "reasoning")
    if not reasoning:
        return None
    effort = fields.text(reasoning, "effort", "reasoning.effort")
    wish = Wish(
        _known(effort, "reasoning.effort") if effort else None,
        fields.whole(reasoning, "max_tokens", "reasoning.max_tokens"),
    )
    if fields.flag(reasoning, "enabled", "reasoning.enabled") is False:
        wish = Wish(effort="none")
    if fields.flag(reasoning, "exclude", "reasoning.exclude"):
        wish.shows = False
    return wish


def _anthropic_wish(body: Body) -> Wish | None:
    """Anthropic's ``thinking``: type enabled, disabled or adaptive, budget_tokens."""
    thinking = fields.group(body, "thinking", "thinking")
    if not thinking:
        return None
    if thinking.get("type") == "disabled":
        return Wish(effort="none")
    budget = fields.whole(thinking, "budget_tokens", "thinking.budget_tokens")
    return Wish(budget=budget)


def _effort_wish(value: Any, path: str) -> Wish | None:
    if isinstance(value, dict):
        value, path = value.get("effort"), f"{path}.effort"
    if value is None:
        return None
    if not isinstance(value, str):
        raise fields.wrong_type(path, "a string", value)
    return Wish(effort=_known(value, path))


def _known(effort: str, path: str) -> str:
    if effort not in EFFORTS:
        raise fields.wrong_value(path, effort, EFFORTS)
    return effort
