"""A completion request, read as the chat request it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import InvalidRequest
from ...gemini.reply import Fold
from ...gemini.request import Body, GenerateRequest
from ..dialect import EVENT_STREAM, Reading
from ..openai_chat import fields
from ..openai_chat.read import read_request as read_chat
from ..served import Served
from .write import Shape, StreamWriter, write_reply

PASSED_ON = (
    "model",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "extra_body",
    "google",
)
"""Fields that mean the same in a chat request."""

LEAST_THINKING = "minimal"
"""Clients of old set limits of a few tokens, which thoughts would use up."""


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A completion request, read; see `gswarm.dialects.dialect.ClientRequest`."""

    request: GenerateRequest
    is_stream: bool
    shape: Shape
    remote: Mapping[str, str]

    @property
    def model(self) -> str:
        return self.shape.model

    @property
    def stream_type(self) -> str:
        return EVENT_STREAM

    def writer(self, fold: Fold, served: Callable[[], Served]) -> StreamWriter:
        return StreamWriter(fold, self.shape, served())

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        return write_reply(fold, self.shape, served)


def read_request(body: Any, reading: Reading) -> CompletionRequest:
    """Read the body of ``POST /v1/completions``.

    Unknown fields are ignored and null is the same as absent. Raises `InvalidRequest`
    naming the field, or `ModelNotFound`.
    """
    if not isinstance(body, dict):
        raise fields.wrong_type("body", "an object", body)
    _refuse_unsupported(body)
    prompt = _prompt(body.get("prompt"))
    chat: Body = {name: body[name] for name in PASSED_ON if name in body}
    chat["messages"] = [{"role": "user", "content": prompt}]
    if chat.get("reasoning_effort") is None and not reading.generation.thinking_level:
        chat["reasoning_effort"] = LEAST_THINKING
    if reading.model:
        chat["model"] = reading.model
    asked = read_chat(
        chat,
        aliases=reading.aliases,
        default_model=reading.default_model,
        defaults=reading.generation,
    )
    echoes = fields.flag(body, "echo", "echo") or False
    shape = Shape(
        model=fields.text(body, "model", "model") or reading.default_model,
        before=prompt if echoes else "",
        include_usage=asked.shape.include_usage,
    )
    return CompletionRequest(asked.request, asked.is_stream, shape, asked.remote)


def _prompt(prompt: Any) -> str:
    """A text, or the only one of a list."""
    if prompt is None:
        raise fields.missing("prompt")
    if isinstance(prompt, list):
        if any(isinstance(each, int | list) for each in prompt):
            raise InvalidRequest(
                "Prompts of token numbers cannot be read; send 'prompt' as text.",
                param="prompt",
                code="invalid_type",
            )
        if len(prompt) != 1:
            expected = "a string or an array of strings"
            raise fields.wrong_type("prompt", expected, prompt)
        [prompt] = prompt
    if not isinstance(prompt, str):
        raise fields.wrong_type("prompt", "a string or an array of strings", prompt)
    if not prompt:
        raise InvalidRequest(
            "Invalid 'prompt': there is nothing to complete.",
            param="prompt",
            code="invalid_value",
        )
    return prompt


def _refuse_unsupported(body: Body) -> None:
    if fields.text(body, "suffix", "suffix"):
        raise fields.unsupported(
            "suffix", "Text cannot be completed towards a 'suffix'; send none."
        )
    best_of = fields.whole(body, "best_of", "best_of")
    if best_of not in (None, 1):
        raise fields.unsupported(
            "best_of", "Only one answer per request ('best_of': 1) is served."
        )
    if fields.whole(body, "logprobs", "logprobs") is not None:
        raise fields.unsupported("logprobs", "'logprobs' are not served here.")
