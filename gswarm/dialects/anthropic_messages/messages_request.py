"""A Messages request, read: the question, and the words for its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...gemini.reply import Fold
from ...gemini.request import GenerateRequest
from ...gemini.token_estimate import estimate_tokens
from ..dialect import EVENT_STREAM
from ..served import Served
from .shape import ReplyShape
from .stream import StreamWriter
from .write import write_message


@dataclass(frozen=True, slots=True)
class MessagesRequest:
    """A Messages request, read; see `gswarm.dialects.dialect.ClientRequest`."""

    request: GenerateRequest
    is_stream: bool
    shape: ReplyShape
    remote: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        return self.shape.model

    @property
    def stream_type(self) -> str:
        return EVENT_STREAM

    def writer(self, fold: Fold, served: Callable[[], Served]) -> StreamWriter:
        tokens = estimate_tokens(self.request.body)
        return StreamWriter(fold, self.shape, served, tokens)

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        return write_message(fold, self.shape, served)
