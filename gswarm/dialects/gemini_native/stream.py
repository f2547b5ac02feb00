"""A reply as a stream: server-sent events, or an array that grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ...errors import Refusal, UpstreamError
from ...gemini.reply import Fold, is_final
from ...gemini.request import Chunk
from .errors import write_error
from .write import Wording


class StreamWriter:
    """One stream. Every method returns bytes of whole events, maybe none.

    ``fold`` gathers the same chunks: whoever passes them on feeds it.
    """

    def __init__(self, fold: Fold, wording: Wording) -> None:
        self._fold = fold
        self._wording = wording
        self._is_finished = False

    def open(self) -> bytes:
        """What comes before everything."""
        return b""

    def chunk(self, chunk: Chunk) -> bytes:
        """One event for each chunk that says anything."""
        said = self._wording.reply(chunk)
        self._is_finished = self._is_finished or is_final(chunk)
        return self._event(said) if said else b""

    def silence(self) -> bytes:
        """What keeps a client waiting."""
        raise NotImplementedError

    def close(self) -> bytes:
        """The end of a good stream; of one without a finishReason, as `fail`."""
        if not (self._fold.finish_reason or self._fold.block_reason):
            return self.fail(UpstreamError("The answer broke off."))
        return self._end()

    def fail(self, refusal: Refusal) -> bytes:
        """The end of a broken one: clients take silence for a good end. Where Google
        has said how it ended, that is all there is to say."""
        told = b"" if self._is_finished else self._event(write_error(refusal).body)
        return told + self._end()

    def _event(self, said: Mapping[str, Any]) -> bytes:
        raise NotImplementedError

    def _end(self) -> bytes:
        return b""


class EventWriter(StreamWriter):
    """``alt=sse``: no comments, no names of events, no end mark; each of them breaks
    one of Google's clients (facts: gemini-native 0.2)."""

    def silence(self) -> bytes:
        return b"\r\n\r\n"

    def _event(self, said: Mapping[str, Any]) -> bytes:
        return b"data: " + orjson.dumps(said) + b"\r\n\r\n"


class ArrayWriter(StreamWriter):
    """Without ``alt``: one JSON array, an element as soon as it is there."""

    def __init__(self, fold: Fold, wording: Wording) -> None:
        super().__init__(fold, wording)
        self._before = b""

    def open(self) -> bytes:
        return b"["

    def silence(self) -> bytes:
        return b"\r\n"

    def _event(self, said: Mapping[str, Any]) -> bytes:
        before, self._before = self._before, b",\r\n"
        return before + orjson.dumps(said)

    def _end(self) -> bytes:
        return b"]"
