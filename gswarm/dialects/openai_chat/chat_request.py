"""A chat completion request, read: the question, and the words for its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...gemini.reply import Fold
from ...gemini.request import GenerateRequest
from ..dialect import EVENT_STREAM
from ..served import Served
from .shape import ReplyShape
from .stream import StreamWriter
from .write import write_reply


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request, read; see `gswarm.dialects.dialect.ClientRequest`."""

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
        about = served()
        return StreamWriter(fold, self.shape, _id(about), about.created_at)

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        created = served.created_at
        return write_reply(fold, self.shape, id=_id(served), created=created)


def _id(served: Served) -> str:
    return f"chatcmpl-{served.id}"
