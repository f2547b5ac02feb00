"""Write a reply as a stream of Anthropic's events, each as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ...errors import Refusal, UpstreamError
from ...gemini.reply import Fold, Part, Usage, parts_of
from ...gemini.request import Chunk
from ..served import Served
from . import search, signatures
from .errors import write_error
from .shape import ReplyShape
from .write import (
    shown_words,
    signature_of,
    write_ending,
    write_envelope,
    write_tool_use,
    write_usage,
)

PING = b'event: ping\ndata: {"type":"ping"}\n\n'

_DELTA = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d'
_TAIL = b"}}\n\n"


class StreamWriter:
    """One stream. Every method returns the bytes of whole events, maybe none.

    ``fold`` gathers the same chunks: whoever passes them on feeds it.

    Clients are strict: blocks are numbered without gaps, one is open at a time, a
    thinking block ends with its whole signature, and behind ``message_stop`` or an
    error comes nothing. A thinking block stays open until it is known whether a call
    follows, whose thought signature it then carries; one that text has ended carries
    none, and the gateway's own memory of the call has to do.
    """

    def __init__(
        self,
        fold: Fold,
        shape: ReplyShape,
        served: Callable[[], Served],
        input_tokens: int,
    ) -> None:
        self._fold = fold
        self._shape = shape
        self._served = served
        self._input_tokens = input_tokens
        self._index = -1
        self._open = ""
        self._has_thought = False
        self._calls = 0
        self._found_words: list[str] = []
        self._head = b""

    def open(self) -> bytes:
        """The first event. Some clients read what they asked for only here."""
        usage = write_usage(Usage(prompt=self._input_tokens))
        message = write_envelope(self._shape, self._served()) | {"usage": usage}
        return _event("message_start", message=message)

    def chunk(self, chunk: Chunk) -> bytes:
        """The events one chunk of the reply makes."""
        return b"".join([self._part(part) for part in parts_of(chunk)])

    def silence(self) -> bytes:
        return PING

    def close(self) -> bytes:
        """The end of a good stream; of an unusable one, as `fail`."""
        try:
            ending = write_ending(self._fold)
        except UpstreamError as refusal:
            return self.fail(refusal)
        usage = write_usage(self._fold.usage, search.count(self._fold, self._shape))
        return b"".join(
            [
                self._search(),
                self._stop(),
                _event("message_delta", delta=ending, usage=usage),
                _event("message_stop"),
            ]
        )

    def fail(self, refusal: Refusal) -> bytes:
        """The end of a broken stream."""
        return b"event: error\ndata: " + orjson.dumps(write_error(refusal)) + b"\n\n"

    # ------------------------------------------------------------------- parts

    def _part(self, part: Part) -> bytes:
        if "functionCall" in part:
            return self._call(part)
        if part.get("thought"):
            return self._thought(part.get("text") or "")
        words = part.get("text") or shown_words(part)
        return self._text(words) if words else b""

    def _thought(self, words: str) -> bytes:
        if not (words and self._shape.thinks):
            return b""
        opened = b"" if self._open == "thinking" else self._start_thinking()
        self._has_thought = True
        return opened + self._head + orjson.dumps(words) + _TAIL

    def _text(self, words: str) -> bytes:
        if self._shape.searches:
            # What was found comes first, and Google tells it last.
            self._found_words.append(words)
            return b""
        opened = b"" if self._open == "text" else self._start_text()
        return opened + self._head + orjson.dumps(words) + _TAIL

    def _call(self, part: Part) -> bytes:
        self._calls += 1
        if self._calls > 1 and self._shape.one_call_only:
            return b""
        before = self._carry(signature_of(part)) + self._stop()
        self._has_thought = False
        tool_use = write_tool_use(part, self._shape)
        args = orjson.dumps(tool_use["input"]).decode()
        started = self._start("tool_use", tool_use | {"input": {}})
        delta = {"type": "input_json_delta", "partial_json": args}
        return before + started + self._delta(delta) + self._stop()

    def _carry(self, signature: str | None) -> bytes:
        """A thinking block that ends with this signature, where one may stand."""
        if not signature or not self._shape.thinks:
            return b""
        if self._open != "thinking":
            if self._has_thought:
                return b""
            return self._start_thinking() + self._stop_thinking(signature)
        return self._stop_thinking(signature)

    def _search(self) -> bytes:
        """What a search found, whole, and then the text that rests on it."""
        if not self._shape.searches:
            return b""
        events = []
        for block in search.write_results(self._fold, self._shape):
            events += [self._stop(), self._start(block["type"], block)]
        if words := "".join(self._found_words):
            events += [self._start_text(), self._head, orjson.dumps(words), _TAIL]
        return b"".join(events)

    # ------------------------------------------------------------------ blocks

    def _start_thinking(self) -> bytes:
        block = {"type": "thinking", "thinking": "", "signature": ""}
        return self._stop() + self._start("thinking", block)

    def _start_text(self) -> bytes:
        return self._stop() + self._start("text", {"type": "text", "text": ""})

    def _start(self, kind: str, block: Mapping[str, Any]) -> bytes:
        self._index += 1
        self._open = kind
        # Text is the hot path: all but the text itself is encoded once a block.
        name = b"text" if kind == "text" else b"thinking"
        self._head = _DELTA % self._index + b',"delta":{"type":"%b_delta","%b":' % (
            name,
            name,
        )
        return _event("content_block_start", index=self._index, content_block=block)

    def _delta(self, delta: Mapping[str, Any]) -> bytes:
        return _event("content_block_delta", index=self._index, delta=delta)

    def _stop(self) -> bytes:
        """End the open block, if there is one."""
        if self._open == "thinking":
            return self._stop_thinking(None)
        if not self._open:
            return b""
        self._open = ""
        return _event("content_block_stop", index=self._index)

    def _stop_thinking(self, signature: str | None) -> bytes:
        wrapped = signatures.wrap(self._served().model, signature)
        signed = self._delta({"type": "signature_delta", "signature": wrapped})
        self._open = ""
        return signed + _event("content_block_stop", index=self._index)


def _event(kind: str, **members: Any) -> bytes:
    data = orjson.dumps({"type": kind, **members})
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
