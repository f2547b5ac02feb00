"""What became of a request: who was asked, what came of it, what was said."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import Verdict
from ..gemini.calls import NotedCall, label_calls
from ..gemini.reply import candidate_of, carries_content
from ..gemini.request import Chunk
from ..rotation.health import Health
from .pool import NoneAvailable, Reservation

SUCCESS = "success"
LIMITED = frozenset({"rate_limit", "quota_exhausted"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One project's turn: why it was chosen and what came of it. ``verdict`` is a word
    for it, ``failure`` all that Google said where it did not answer. ``is_stranger``:
    nobody but the client had heard of the model."""

    project_id: str
    account: str
    model: str
    health: Health
    verdict: str
    milliseconds: float
    candidates: int
    passed_over: Mapping[str, int]
    is_probe: bool = False
    failure: Verdict | None = None
    is_stranger: bool = False


@dataclass(slots=True)
class RoutingOutcome:
    """What became of a request; filled in while it is carried.

    ``notes`` are the tool calls of the answer with their signatures, ``finish`` is
    Google's finishReason, ``first_word`` when something was first said
    (`time.perf_counter`): all three of the last attempt. ``verdict`` is the last
    failure; ``error`` what ended the request before it was answered, ``nothing`` why
    nobody was left to ask.
    """

    model: str
    attempts: list[Attempt] = field(default_factory=list)
    taken: Reservation | None = None
    notes: list[NotedCall] = field(default_factory=list)
    finish: str | None = None
    first_word: float | None = None
    verdict: Verdict | None = None
    error: BaseException | None = None
    nothing: NoneAvailable | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the last project asked has answered to the end."""
        return bool(self.attempts) and self.attempts[-1].verdict == SUCCESS

    @property
    def was_limited(self) -> bool:
        """Whether some project was at a limit of its own."""
        return any(each.verdict in LIMITED for each in self.attempts)

    def forget(self) -> None:
        """A new attempt starts from nothing."""
        self.notes, self.finish, self.first_word = [], None, None

    def hear(self, chunk: Chunk) -> None:
        """Note what a chunk tells, and give its tool calls ids of our own."""
        self.notes += label_calls(chunk, len(self.notes))
        self.finish = candidate_of(chunk).get("finishReason") or self.finish
        if self.first_word is None and carries_content(chunk):
            self.first_word = time.perf_counter()
