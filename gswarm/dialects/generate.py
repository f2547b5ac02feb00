"""The dialect of ``POST /api/gswarm/generate``: one prompt in, one text out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import Refusal, UpstreamError
from ..gemini.reply import Ending, Fold, Usage, parts_of
from ..gemini.request import Chunk, GenerateRequest
from .dialect import EVENT_STREAM, KEEP_ALIVE, Reading
from .openai_chat.chat_request import ChatRequest
from .openai_chat.dialect import OPENAI_CHAT
from .served import Served

FINISH: Mapping[Ending, str] = {"blocked": "content_filter"}


def as_chat(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The same question as a chat request, which is read elsewhere."""
    messages = [{"role": "user", "content": asked["prompt"]}]
    if asked.get("systemPrompt"):
        messages.insert(0, {"role": "system", "content": asked["systemPrompt"]})
    return {
        "messages": messages,
        "model": asked.get("model"),
        "max_tokens": asked.get("maxTokens"),
        "temperature": asked.get("temperature"),
        "stream": asked.get("stream", False),
    }


@dataclass(frozen=True, slots=True)
class PromptRequest:
    """A prompt, read; see `gswarm.dialects.dialect.ClientRequest`."""

    chat: ChatRequest

    @property
    def request(self) -> GenerateRequest:
        return self.chat.request

    @property
    def model(self) -> str:
        return self.chat.model

    @property
    def is_stream(self) -> bool:
        return self.chat.is_stream

    @property
    def stream_type(self) -> str:
        return EVENT_STREAM

    @property
    def remote(self) -> Mapping[str, str]:
        return self.chat.remote

    def writer(self, fold: Fold, served: Callable[[], Served]) -> StreamWriter:
        return StreamWriter(fold, served)

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        if fold.ending == "broken":
            raise UpstreamError("The upstream service sent an unusable reply.")
        return write_reply(fold, served)


def read(body: Any, reading: Reading) -> PromptRequest:
    """Read what `as_chat` has made of a prompt."""
    return PromptRequest(OPENAI_CHAT.read(body, reading))


def write_reply(fold: Fold, served: Served) -> dict[str, Any]:
    """``{text, thoughts?, …}`` and what `_about` adds."""
    thoughts = {"thoughts": fold.thoughts} if fold.thoughts else {}
    return {"text": fold.text, **thoughts, **_about(fold, served)}


class StreamWriter:
    """``data: {"text"}`` and ``data: {"thought"}`` pieces, then one with ``done``.

    ``fold`` gathers the same chunks: whoever passes them on feeds it.
    """

    def __init__(self, fold: Fold, served: Callable[[], Served]) -> None:
        self._fold = fold
        self._served = served

    def open(self) -> bytes:
        return b""

    def chunk(self, chunk: Chunk) -> bytes:
        return b"".join(
            _event({"thought" if part.get("thought") else "text": part["text"]})
            for part in parts_of(chunk)
            if part.get("text")
        )

    def silence(self) -> bytes:
        return KEEP_ALIVE

    def close(self) -> bytes:
        return _event({"done": True, **_about(self._fold, self._served())})

    def fail(self, refusal: Refusal) -> bytes:
        return _event({"error": {"code": refusal.code, "message": refusal.message}})


def _about(fold: Fold, served: Served) -> dict[str, Any]:
    """The answer's circumstances."""
    return {
        "usage": _usage(fold.usage),
        "projectId": served.project,
        "model": served.model,
        "latencyMs": served.milliseconds,
        "finishReason": FINISH.get(fold.ending, fold.ending),
    }


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "promptTokens": usage.prompt,
        "completionTokens": usage.completion,
        "totalTokens": usage.total,
        "thoughtsTokens": usage.reasoning,
    }


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"
