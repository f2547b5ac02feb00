"""How hard to think, and whether its summary is shown."""

from __future__ import annotations

from ...gemini.generation import Generation
from ...gemini.models import Model
from ...gemini.request import Body
from ...gemini.thinking import EFFORTS, thinking_config
from ..openai_chat import fields
from ..openai_chat.thinking import Wish, google_wish


def read_reasoning(
    body: Body, google: Body, model: Model, defaults: Generation
) -> tuple[Body, bool]:
    """``{"thinkingConfig": …}`` or nothing, and whether thoughts are shown.

    They are where a summary is asked for, by this dialect's word or by Google's.
    """
    wish = google_wish(body, google) or _wish(body)
    if wish.effort is None and wish.budget is None:
        wish.effort = defaults.thinking_level
    shows = bool(wish.shows)
    config = thinking_config(
        model, effort=wish.effort, budget=wish.budget, includes_thoughts=shows
    )
    if config and not shows and wish.effort != "none":
        config.pop("includeThoughts", None)
    return {"thinkingConfig": config} if config else {}, shows


def _wish(body: Body) -> Wish:
    reasoning = fields.group(body, "reasoning", "reasoning") or {}
    effort = _effort(reasoning, "effort", "reasoning.effort") or _effort(
        body, "reasoning_effort", "reasoning_effort"
    )
    summaries = [
        fields.text(reasoning, name, f"reasoning.{name}")
        for name in ("summary", "generate_summary")
    ]
    asked = any(word not in (None, "none") for word in summaries)
    return Wish(effort, shows=asked and effort != "none")


def _effort(body: Body, key: str, path: str) -> str | None:
    effort = fields.text(body, key, path)
    if effort == "ultra":
        return "max"
    if effort is not None and effort not in EFFORTS:
        raise fields.wrong_value(path, effort, EFFORTS)
    return effort
