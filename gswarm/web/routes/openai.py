"""The paths every OpenAI client calls."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from ...chat.models import Models
from ...dialects.openai_chat.shape import ChatRequest, ReplyShape
from ...dialects.openai_chat.stream import StreamWriter
from ...dialects.openai_chat.write import write_reply
from ...dialects.served import Served
from ...errors import ModelNotFound
from ...gemini.reply import Fold
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import openai as schemas

PUBLISHED = 1_735_689_600
"""2025-01-01: OpenAI's clients want to know when a model was made, Google says not."""


@dataclass(frozen=True, slots=True)
class ChatReply:
    """Words an answer as OpenAI's chat completions are."""

    shape: ReplyShape
    is_stream: bool

    @classmethod
    def to(cls, asked: ChatRequest) -> ChatReply:
        """The reply a request asked for."""
        return cls(asked.shape, asked.stream)

    def writer(self, fold: Fold, served: Callable[[], Served]) -> StreamWriter:
        return StreamWriter(fold, self.shape, _new_id(), int(time.time()))

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        return write_reply(fold, self.shape, id=_new_id(), created=int(time.time()))


def blueprint(guard: Guard, questions: Questions, models: Models) -> Blueprint:
    """``/v1``: chat completions and the models there are."""
    openai = Blueprint("openai", __name__, url_prefix="/v1")

    @openai.post("/chat/completions")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.ChatRequest,
        answers=(schemas.ChatCompletion, EVENTS),
        refuses=REFUSALS,
    )
    def chat_completions() -> Response:
        """Answer a conversation. Streams server-sent events where `stream` is true."""
        return questions.ask(questions.body(), ChatReply.to)

    @openai.get("/models")
    @guard.needs("chat")
    @documented(answers=schemas.ModelList)
    def list_models() -> dict[str, Any]:
        """List the models that the pool can serve now."""
        data = [_entry(model.id) for model in models.available()]
        return {"object": "list", "data": data}

    @openai.get("/models/<path:name>")
    @guard.needs("chat")
    @documented(answers=schemas.ModelEntry)
    def show_model(name: str) -> dict[str, Any]:
        """Show a model, by its name or an alias."""
        if not models.can_serve(name):
            raise ModelNotFound(name[:200])
        return _entry(name)

    return openai


def _entry(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": PUBLISHED, "owned_by": "google"}


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"
