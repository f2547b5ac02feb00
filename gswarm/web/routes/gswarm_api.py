"""GSwarm's own paths for questions, and what it knows of the models."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ...chat.models import Models
from ...dialects import generate
from ...dialects.openai_chat.dialect import OPENAI_CHAT
from ...gemini.models import Model
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import load
from ..schemas.gswarm_api import Generate, Generated, ModelFactsList, ModelsQuery
from ..schemas.openai import ChatCompletion, PromptedChatRequest


def blueprint(guard: Guard, questions: Questions, models: Models) -> Blueprint:
    """``/api/gswarm``: generate, chat, models."""
    gswarm = Blueprint("gswarm_api", __name__, url_prefix="/api/gswarm")

    @gswarm.post("/generate")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(body=Generate, answers=(Generated, EVENTS), refuses=REFUSALS)
    def generate_text() -> Response:
        """Answer one prompt. Streams server-sent events where `stream` is true."""
        asked = load(Generate(), questions.body())
        return questions.ask(generate.as_chat(asked), generate.read)

    @gswarm.post("/chat")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=PromptedChatRequest,
        answers=(ChatCompletion, EVENTS),
        refuses=REFUSALS,
    )
    def chat() -> Response:
        """Answer a conversation. As `/v1/chat/completions`, with a `systemPrompt`."""
        body = questions.body()
        prompt = body.get("systemPrompt") if isinstance(body, dict) else None
        return questions.ask(body, OPENAI_CHAT.read, system_prompt=prompt)

    @gswarm.get("/models")
    @guard.key_or_session("monitor")
    @documented(query=ModelsQuery, answers=ModelFactsList)
    def list_models() -> dict[str, Any]:
        """List the models that are known, with their limits."""
        wanted = load(ModelsQuery(), request.args)
        available = {model.id for model in models.available()}
        found = [
            _describe(model, model.id in available)
            for model in models.known()
            if _is_wanted(model, **wanted)
        ]
        return {
            "models": found,
            "count": len(found),
            "defaultModel": models.default,
        }

    return gswarm


def _is_wanted(
    model: Model,
    includePreview: bool,
    tier: str | None = None,
    generation: float | None = None,
) -> bool:
    return (
        (includePreview or not model.is_preview)
        and tier in (None, model.tier)
        and generation in (None, model.generation)
    )


def _describe(model: Model, is_available: bool) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "family": model.family,
        "tier": model.tier,
        "generation": model.generation,
        "isPreview": model.is_preview,
        "maxInputTokens": model.max_input_tokens,
        "maxOutputTokens": model.max_output_tokens,
        "supportsThinking": model.supports_thinking,
        "thinkingControl": model.thinking_control,
        "available": is_available,
    }
