"""What became of a request: who was asked, what came of it, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import Verdict
from .gemini.calls import NotedCall, label_calls
from .gemini.reply import candidate_of
from .gemini.request import Chunk
from .pool import Taken
from .rotation.health import Health


@dataclass(frozen=True, slots=True)
class Attempt:
    """One project's turn: why it was chosen and what came of it."""

    project_id: str
    account: str
    health: Health
    verdict: str
    milliseconds: float
    candidates: int
    passed_over: Mapping[str, int]
    is_probe: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of a request; filled in while it is carried.

    ``notes`` are the tool calls of the answer with their signatures, ``usage`` the
    last usageMetadata, ``finish`` Google's finishReason, ``verdict`` the last failure.
    """

    model: str
    attempts: list[Attempt] = field(default_factory=list)
    taken: Taken | None = None
    notes: list[NotedCall] = field(default_factory=list)
    usage: dict[str, object] | None = None
    finish: str | None = None
    verdict: Verdict | None = None

    def forget(self) -> None:
        """A new attempt starts from nothing."""
        self.notes, self.usage, self.finish = [], None, None

    def hear(self, chunk: Chunk) -> None:
        """Note what a chunk tells, and give its tool calls ids of our own."""
        self.notes += label_calls(chunk, len(self.notes))
        self.usage = chunk.get("usageMetadata") or self.usage
        self.finish = candidate_of(chunk).get("finishReason") or self.finish
