"""What every upstream is: a function from a call to a stream of chunks."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ..cancellation import Cancellation
from ..gemini.request import Body, Chunk

Chunks: TypeAlias = Generator[Chunk | None, None, None]
"""Chunks as they arrive; None says that upstream has been silent for a while."""


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt: what to ask, on whose account.

    ``secret`` is an access token (cloudcode, vertex) or an API key (gemini_api);
    ``deadline`` is a `time.monotonic` instant.
    """

    model: str
    body: Body
    project_id: str
    secret: str
    deadline: float

    def __repr__(self) -> str:
        return f"Call({self.model!r} on {self.project_id!r})"


class Upstream(Protocol):
    """A wire to Gemini. Its methods raise a `Verdict` for whatever goes wrong, and
    the cancellation's reason when the request is stopped meanwhile."""

    name: str

    def stream(self, call: Call, cancellation: Cancellation) -> Chunks:
        """Yield chunks as they arrive, and None after every silent five seconds.

        The stream ends after a chunk with a ``finishReason`` (a usage chunk may still
        follow) or a blocked prompt; an end without either raises `ServerFailure`, or
        `EmptyReply` where there was no candidate at all.
        Closing the generator closes the connection.
        """

    def generate(self, call: Call, cancellation: Cancellation) -> Chunk:
        """Ask once, without streaming."""

    def count(self, call: Call, cancellation: Cancellation) -> dict[str, Any]:
        """The tokens that the contents of a call come to: ``totalTokens``, and what
        else Google says of them. Uses up no quota."""
