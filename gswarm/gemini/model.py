"""What there is to know about one Gemini model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Control = Literal["budget", "level"]

UPSTREAMS = ("cloudcode", "gemini_api", "vertex")

PENALTIES = frozenset({"presencePenalty", "frequencyPenalty"})
"""Answered with 400 "Penalty is not enabled for this model" by 2.5 and 3.x."""

SAMPLING = frozenset({"temperature", "topP", "topK"})
"""Ignored from 3.5-flash-lite and 3.6 on; Google announced a 400 for later models."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    ``thinking_control`` says which of thinkingBudget and thinkingLevel it takes (both
    together are a 400), ``budget_range`` the least and greatest budget, ``allows_off``
    that a budget of 0 stops it thinking. ``drops`` are generationConfig fields it
    refuses or ignores. ``wire_names`` holds, by upstream, the name it is called there
    where that differs. ``retires_on`` is the day Google's public API stops serving it.
    """

    id: str
    name: str
    family: str
    tier: str
    generation: float
    is_preview: bool = False
    max_input_tokens: int = 1_048_576
    max_output_tokens: int = 65_536
    thinking_control: Control | None = None
    thinking_levels: tuple[str, ...] = ()
    budget_range: tuple[int, int] = (0, 24_576)
    allows_off: bool = False
    thinks_unasked: bool = True
    retires_on: date | None = None
    upstreams: tuple[str, ...] = UPSTREAMS
    wire_names: Mapping[str, str] = field(default_factory=dict, hash=False)
    drops: frozenset[str] = PENALTIES
    accepts_prefill: bool = True
    makes: tuple[str, ...] = ("TEXT",)

    @property
    def supports_thinking(self) -> bool:
        return self.thinking_control is not None

    @property
    def is_gemini_3(self) -> bool:
        """Gemini 3 or later."""
        return self.generation >= 3 and self.family == "gemini"

    @property
    def enforces_signatures(self) -> bool:
        """A call of the current turn without its thought signature is a 400."""
        return self.is_gemini_3 and not self.is_image

    @property
    def takes_call_ids(self) -> bool:
        """functionCall and functionResponse may carry ids."""
        return self.is_gemini_3

    @property
    def takes_media_results(self) -> bool:
        """functionResponse may carry parts with media."""
        return self.is_gemini_3

    @property
    def takes_resolution_per_part(self) -> bool:
        """mediaResolution stands on a part, not on the request."""
        return self.is_gemini_3

    @property
    def mixes_json_and_tools(self) -> bool:
        """JSON mode and tools may be asked for together."""
        return self.is_gemini_3

    @property
    def is_image(self) -> bool:
        return "IMAGE" in self.makes

    def upstreams_on(self, day: date) -> tuple[str, ...]:
        """The upstreams that serve it on that day."""
        if self.retires_on is None or day < self.retires_on:
            return self.upstreams
        return tuple(each for each in self.upstreams if each != "gemini_api")

    def name_on(self, upstream: str) -> str:
        """The name this model goes by on an upstream."""
        return self.wire_names.get(upstream, self.id)
