"""Write a reply as a text completion, whole and in chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from ...errors import Refusal, UpstreamError
from ...gemini.reply import Fold, parts_of
from ...gemini.request import Chunk
from ..dialect import KEEP_ALIVE
from ..openai_chat.errors import write_error
from ..openai_chat.write import content_of, visible_text, write_usage
from ..served import Served

FINISHES = {
    "stop": "stop",
    "calls": "stop",
    "length": "length",
    "blocked": "content_filter",
}
_DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """How this client wants its answer: ``before`` stands before all that follows."""

    model: str
    before: str = ""
    include_usage: bool = False


def write_reply(fold: Fold, shape: Shape, served: Served) -> dict[str, Any]:
    """A ``text_completion``; raises `UpstreamError` when the reply is unusable."""
    text = shape.before + content_of(fold)
    return {
        **_envelope(shape, served),
        "choices": [_choice(text, _finish(fold))],
        "usage": write_usage(fold.usage),
    }


class StreamWriter:
    """One stream. Every method returns the bytes of whole events, maybe none.

    ``fold`` gathers the same chunks: whoever passes them on feeds it.
    """

    def __init__(self, fold: Fold, shape: Shape, served: Served) -> None:
        self._fold = fold
        self._shape = shape
        self._envelope = _envelope(shape, served)

    def open(self) -> bytes:
        before = self._shape.before
        return self._text(before) if before else b""

    def chunk(self, chunk: Chunk) -> bytes:
        """One event for each stretch of text; thoughts are not shown."""
        texts = map(visible_text, parts_of(chunk))
        return b"".join([self._text(text) for text in texts if text])

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def close(self) -> bytes:
        """The end of a good stream; of an unusable one, as `fail`."""
        try:
            last = _choice("", _finish(self._fold))
        except UpstreamError as refusal:
            return self.fail(refusal)
        return self._event({"choices": [last]}) + self._usage() + _DONE

    def fail(self, refusal: Refusal) -> bytes:
        """The end of a broken stream: without ``[DONE]``."""
        return b"data: " + orjson.dumps(write_error(refusal)) + b"\n\n"

    def _text(self, text: str) -> bytes:
        return self._event({"choices": [_choice(text, None)]})

    def _usage(self) -> bytes:
        if not self._shape.include_usage:
            return b""
        return self._event({"choices": [], "usage": write_usage(self._fold.usage)})

    def _event(self, members: dict[str, Any]) -> bytes:
        return b"data: " + orjson.dumps({**self._envelope, **members}) + b"\n\n"


def _envelope(shape: Shape, served: Served) -> dict[str, Any]:
    return {
        "id": f"cmpl-{served.id}",
        "object": "text_completion",
        "created": served.created_at,
        "model": shape.model,
    }


def _choice(text: str, finish: str | None) -> dict[str, Any]:
    return {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}


def _finish(fold: Fold) -> str:
    finish = FINISHES.get(fold.ending)
    if finish is None:
        raise UpstreamError("The upstream service sent an unusable reply.")
    return finish
