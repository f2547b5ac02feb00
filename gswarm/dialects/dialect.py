"""What a dialect is: it reads a body into a question, and words what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import Refusal
from ..gemini.aliases import Aliases
from ..gemini.generation import Generation
from ..gemini.reply import Fold
from ..gemini.request import Chunk, GenerateRequest
from .served import Served

EVENT_STREAM = "text/event-stream; charset=utf-8"

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment, which every client of such a stream skips; safe between two events."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the operator's config says to whoever reads a body.

    ``generation`` holds defaults: the request's own values win. ``system_prompt`` is an
    extra one, of our own paths only. ``model`` is asked instead of the one that the
    body names: a fallback.
    """

    aliases: Aliases
    default_model: str
    generation: Generation
    system_prompt: Any = None
    model: str | None = None


class Writer(Protocol):
    """Words a stream; every method returns the bytes of whole events, maybe none.

    `open` comes once, `chunk` for each chunk, then `close` or `fail`.
    """

    def open(self) -> bytes:
        """What comes before the first chunk."""

    def chunk(self, chunk: Chunk) -> bytes:
        """What one chunk says."""

    def silence(self) -> bytes:
        """What keeps a client waiting that has heard nothing for a while."""

    def close(self) -> bytes:
        """The end of a good stream; of an unusable one, as `fail`."""

    def fail(self, refusal: Refusal) -> bytes:
        """The end of a broken one."""


class ClientRequest(Protocol):
    """A body, read: the question, and how its answer is to be worded."""

    @property
    def request(self) -> GenerateRequest:
        """The question."""

    @property
    def model(self) -> str:
        """The model as the client named it."""

    @property
    def is_stream(self) -> bool:
        """Whether the answer comes in pieces."""

    @property
    def stream_type(self) -> str:
        """The content type of such a stream."""

    @property
    def remote(self) -> Mapping[str, str]:
        """Web addresses to fetch before the question leaves (see
        `gswarm.chat.media.inline_remote`), each with the field it came from."""

    def writer(self, fold: Fold, served: Callable[[], Served]) -> Writer:
        """Words a stream that is gathered in ``fold``; the end of ``served`` is known
        when the stream ends, its id from the beginning."""

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        """Words a whole reply; raises `UpstreamError` where it is of no use."""


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """A refusal in a client's words."""

    status: int
    body: Mapping[str, Any]
    headers: Sequence[tuple[str, str]] = ()


class Dialect(Protocol):
    """A door: one language that clients speak. ``name`` stands in records."""

    @property
    def name(self) -> str:
        """``openai_chat`` and the like."""

    def is_spoken(self, path: str, headers: Mapping[str, str]) -> bool:
        """Whether what is answered at this path, refusals included, is worded so."""

    def read(self, body: Any, reading: Reading) -> ClientRequest:
        """Read a body; raises `InvalidRequest` naming the field, or `ModelNotFound`."""

    def error(self, refusal: Refusal, request_id: str) -> ErrorReply:
        """Word a refusal."""
