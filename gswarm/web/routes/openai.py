"""The paths every OpenAI client calls."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from ...chat.models import Models
from ...dialects.openai_chat.dialect import OPENAI_CHAT
from ...errors import ModelNotFound
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import openai as schemas

PUBLISHED = 1_735_689_600
"""2025-01-01: OpenAI's clients want to know when a model was made, Google says not."""


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
        return questions.ask(questions.body(), OPENAI_CHAT.read)

    @openai.get("/models")
    @guard.needs("chat")
    @documented(answers=schemas.ModelList)
    def list_models() -> dict[str, Any]:
        """List the models that the pool can serve now, and the operator's aliases."""
        ids = [model.id for model in models.available()]
        names = dict.fromkeys([*ids, *models.own_aliases()])
        return {"object": "list", "data": [_entry(name) for name in names]}

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
