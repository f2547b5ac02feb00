"""Write a reply as a stream of chat completion chunks, each as soon as it is known."""

from __future__ import annotations

from typing import Any

import orjson

from ...errors import Refusal, UpstreamError
from ...gemini.reply import Fold, Part, candidate_of, parts_of
from ...gemini.request import Chunk
from ..dialect import KEEP_ALIVE
from .citations import write_annotations
from .errors import write_error
from .logprobs import write_logprobs
from .shape import ReplyShape
from .tool_calls import write_function_call, write_tool_call
from .write import (
    content_of,
    is_audio,
    visible_text,
    write_audio,
    write_finish,
    write_image,
    write_refusal,
    write_usage,
)

_TAIL = b',"logprobs":null,"finish_reason":null}]}\n\n'
_TEXT_TAIL = b"}" + _TAIL
_DONE = b"data: [DONE]\n\n"


class StreamWriter:
    """One stream. Every method returns the bytes of whole events, maybe none.

    ``fold`` gathers the same chunks: whoever passes them on feeds it.

    Clients are strict about the order: `open` once, `chunk` for each chunk, then
    `close` or `fail`. An event holds one kind of thing (thought, text, or one tool
    call); role, ids, names, finish reason and usage are each sent once. ``id:``,
    ``retry:`` and ``event:`` lines break clients and are never sent.
    """

    def __init__(self, fold: Fold, shape: ReplyShape, id: str, created: int) -> None:
        self._fold = fold
        self._shape = shape
        self._id = id
        self._created = created
        self._calls = 0
        self._images = 0
        self._has_audio = False
        envelope = {
            "id": id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": shape.model,
        }
        # Text is the hot path: all but the text itself is encoded once.
        self._envelope = b"data: " + orjson.dumps(envelope)[:-1]
        self._head = self._envelope + b',"choices":[{"index":0,"delta":'
        self._text_head = self._head + b'{"content":'
        self._thought_head = self._head + b'{"reasoning_content":'
        self._text_tail = _TEXT_TAIL

    def open(self) -> bytes:
        """The first event, which alone names the role."""
        return self._event({"role": "assistant", "content": ""})

    def chunk(self, chunk: Chunk) -> bytes:
        """The events one chunk of the reply makes."""
        self._note_logprobs(chunk)
        return b"".join([self._part(part) for part in parts_of(chunk)])

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def close(self) -> bytes:
        """The end of a good stream; of an unusable one, as `fail`."""
        try:
            finish = write_finish(self._fold, self._shape)
        except UpstreamError as refusal:
            return self.fail(refusal)
        choice: dict[str, Any] = {"index": 0, "delta": {}, "logprobs": None, **finish}
        finished = self._raw({"choices": [choice]})
        return self._last_words() + finished + self._usage() + _DONE

    def fail(self, refusal: Refusal) -> bytes:
        """The end of a broken stream: without ``[DONE]``, so that no reader takes it
        for a good one."""
        return b"data: " + orjson.dumps(write_error(refusal)) + b"\n\n"

    # ------------------------------------------------------------ parts

    def _part(self, part: Part) -> bytes:
        text = part.get("text")
        if text and part.get("thought"):
            if not self._shape.shows_thoughts:
                return b""
            return self._thought_head + orjson.dumps(text) + _TEXT_TAIL
        if text:
            return self._text(text)
        if "functionCall" in part:
            return self._call(part)
        if "inlineData" in part:
            return self._media(part["inlineData"])
        code = visible_text(part)
        return self._text(code) if code else b""

    def _text(self, text: str) -> bytes:
        tail, self._text_tail = self._text_tail, _TEXT_TAIL
        return self._text_head + orjson.dumps(text) + tail

    def _call(self, part: Part) -> bytes:
        index = self._calls
        is_legacy = self._shape.uses_legacy_functions
        if index and (is_legacy or self._shape.one_call_only):
            return b""
        self._calls += 1
        if is_legacy:
            return self._event(
                {"function_call": write_function_call(part, self._shape)}
            )
        call = {"index": index, **write_tool_call(part, self._shape)}
        return self._event({"tool_calls": [call]})

    def _media(self, media: dict[str, Any]) -> bytes:
        if not is_audio(media):
            self._images += 1
            return self._event({"images": [write_image(media, self._images - 1)]})
        audio = write_audio(self._id, self._created, media["data"])
        if self._has_audio:
            audio = {"data": media["data"]}
        self._has_audio = True
        return self._event({"audio": audio})

    # ------------------------------------------------------------ the end

    def _last_words(self) -> bytes:
        fold, words = self._fold, b""
        if annotations := write_annotations(fold.grounding, content_of(fold)):
            words += self._event({"annotations": annotations})
        if refusal := write_refusal(fold):
            words += self._event({"refusal": refusal})
        return words

    def _usage(self) -> bytes:
        if not self._shape.include_usage:
            return b""
        return self._raw({"choices": [], "usage": write_usage(self._fold.usage)})

    # ------------------------------------------------------------ events

    def _note_logprobs(self, chunk: Chunk) -> None:
        result = candidate_of(chunk).get("logprobsResult")
        if result and (logprobs := write_logprobs(result)):
            told = orjson.dumps(logprobs)
            self._text_tail = b'},"logprobs":' + told + b',"finish_reason":null}]}\n\n'

    def _event(self, delta: dict[str, Any]) -> bytes:
        return self._head + orjson.dumps(delta) + _TAIL

    def _raw(self, members: dict[str, Any]) -> bytes:
        return self._envelope + b"," + orjson.dumps(members)[1:] + b"\n\n"
