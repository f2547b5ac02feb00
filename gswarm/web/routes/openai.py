"""The paths every OpenAI client calls."""

from __future__ import annotations

from flask import Blueprint, Response

from ...dialects.openai_chat.dialect import OPENAI_CHAT
from ...dialects.openai_completions.dialect import OPENAI_COMPLETIONS
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import openai as schemas


def blueprint(guard: Guard, questions: Questions) -> Blueprint:
    """``/v1``: chat completions."""
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

    @openai.post("/completions")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.CompletionRequest,
        answers=(schemas.Completion, EVENTS),
        refuses=REFUSALS,
    )
    def completions() -> Response:
        """Complete a prompt. Streams server-sent events where `stream` is true."""
        return questions.ask(questions.body(), OPENAI_COMPLETIONS.read)

    return openai
