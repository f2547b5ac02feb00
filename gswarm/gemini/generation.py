"""What an operator sets for requests that leave it open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Generation:
    """Defaults; a request's own values win. None leaves the choice to the model.

    ``thinking_level`` is one of none, minimal, low, medium, high. ``system_prompt``
    goes before a request's own; ``google_search`` is for requests without functions.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    thinking_level: str | None = None
    include_thoughts: bool = True
    system_prompt: str = ""
    google_search: bool = False
