"""The paths of OpenAI's Responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import MethodNotAllowed

from ...chat.config import ChatConfig
from ...chat.response_memory import ResponseMemories, ResponseMemory
from ...dialects.dialect import EVENT_STREAM, Reading
from ...dialects.openai_responses.dialect import OPENAI_RESPONSES, PATH
from ...dialects.openai_responses.read import ResponsesRequest
from ...errors import (
    ModelNotFound,
    NotFound,
    Refusal,
    Unavailable,
    UpgradeRequired,
)
from ...gemini.token_estimate import estimate_tokens
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..headers import header_text
from ..schemas import responses as schemas
from ..streaming import STREAM_HEADERS

COUNT_PATH = f"{PATH}/input_tokens"
COUNT_METHODS = ("OPTIONS", "POST")

IGNORED_TOOLS = "x-gswarm-ignored-tools"
CODEX = "codex_"


MemoryOf: TypeAlias = Callable[[], ResponseMemory]
"""The memory of the key that the current request shows."""


def memories(
    memories: ResponseMemories, preferences: Callable[[], ChatConfig]
) -> MemoryOf:
    """As the config of the moment has it."""
    return lambda: memories.of(g.api_key.id, preferences().response_seconds)


def blueprint(guard: Guard, questions: Questions, memory: MemoryOf) -> Blueprint:
    """``/v1/responses``: new ones."""
    responses = Blueprint("responses", __name__, url_prefix=PATH)
    responses.before_app_request(_refuse_what_is_not_served)

    @responses.post("")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.ResponsesRequest,
        answers=(schemas.Response, EVENTS),
        refuses=(*REFUSALS, NotFound),
    )
    def create_response() -> Response:
        """Answer a conversation. Streams server-sent events where `stream` is true.

        It is stored, unless `store` is false, for `responses.storeSeconds` of the
        config: a later request goes on from it by `previous_response_id`.
        """
        body = questions.body()
        read = OPENAI_RESPONSES.reader(memory())
        asked: list[ResponsesRequest] = []

        def read_and_note(body: Any, reading: Reading) -> ResponsesRequest:
            asked.append(read(body, reading))
            return asked[-1]

        try:
            response = questions.ask(body, read_and_note)
        except Refusal as refusal:
            if refusal.status < 500 or not (asked and _would_hammer(asked[0])):
                raise
            return _failed(asked[0], refusal)
        if ignored := dict.fromkeys(asked[0].ignored):
            response.headers[IGNORED_TOOLS] = header_text(", ".join(ignored))
        return response

    @responses.post("/input_tokens")
    @guard.needs("chat")
    @documented(
        body=schemas.ResponsesRequest,
        answers=schemas.InputTokens,
        refuses=(ModelNotFound, NotFound),
    )
    def count_input_tokens() -> dict[str, Any]:
        """Estimate how many tokens a request would bring."""
        read = OPENAI_RESPONSES.reader(memory())
        asked = questions.read(lambda body, reading: read(body, reading).request)
        tokens = estimate_tokens(asked.body)
        return {"object": "response.input_tokens", "input_tokens": tokens}

    return responses


def _refuse_what_is_not_served() -> None:
    """Before it is looked up: these paths look like a stored response's.

    Codex tries a socket, and goes on without as soon as it is told to.
    """
    if not request.path.startswith(PATH):
        return
    if request.path == f"{PATH}/compact":
        url = f"{request.method} {request.path}"
        raise NotFound(f"Unknown request URL: {url}.", code="unknown_url")
    if request.path == COUNT_PATH and request.method not in COUNT_METHODS:
        raise MethodNotAllowed(COUNT_METHODS)
    if request.path == PATH and "Upgrade" in request.headers:
        raise UpgradeRequired(
            "WebSockets are not served here; send the request by POST."
        )


def _would_hammer(asked: ResponsesRequest) -> bool:
    """Codex tries a request that failed with a 5xx thirty times, and one whose stream
    says that there is no capacity once."""
    return asked.is_stream and (request.user_agent.string or "").startswith(CODEX)


def _failed(asked: ResponsesRequest, refusal: Refusal) -> Response:
    events = asked.failure(Unavailable(refusal.message, code="overloaded"))
    return Response(events, content_type=EVENT_STREAM, headers=STREAM_HEADERS)
