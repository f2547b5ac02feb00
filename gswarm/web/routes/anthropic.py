"""The paths of Anthropic's clients."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, g

from ...dialects.anthropic_messages.dialect import ANTHROPIC_MESSAGES
from ...dialects.anthropic_messages.read import read_to_count
from ...dialects.anthropic_messages.warm_up import UNGENERATED, is_warm_up
from ...errors import ModelNotFound
from ...gemini.token_estimate import estimate_tokens
from ...limits.rate_limits import Admission, Allowance
from ...timestamps import iso
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import anthropic as schemas


def blueprint(guard: Guard, questions: Questions) -> Blueprint:
    """``/v1/messages``: messages, and what they come to."""
    anthropic = Blueprint("anthropic", __name__, url_prefix="/v1/messages")

    @anthropic.post("")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.MessagesRequest,
        answers=(schemas.AnsweredMessage, EVENTS),
        refuses=REFUSALS,
    )
    def create_message() -> Response:
        """Answer a conversation. Streams server-sent events where `stream` is true."""
        body = questions.body()
        known = UNGENERATED if is_warm_up(body) else None
        return questions.ask(body, ANTHROPIC_MESSAGES.read, known=known)

    @anthropic.post("/count_tokens")
    @guard.needs("chat", counted="never")
    @documented(
        body=schemas.CountRequest,
        answers=schemas.TokenCount,
        refuses=(ModelNotFound,),
    )
    def count_tokens() -> dict[str, Any]:
        """Estimate the tokens of a conversation. Asks no account, and counts as no
        request: Claude Code asks two dozen times at once."""
        request = questions.read(read_to_count)
        return {"input_tokens": estimate_tokens(request.body)}

    @anthropic.after_request
    def describe(response: Response) -> Response:
        """Name the request and its key's limits as Anthropic does."""
        response.headers["request-id"] = g.request_id
        admission: Admission | None = g.get("admission")
        if admission:
            response.headers.update(_limits("requests", admission.requests))
            response.headers.update(_limits("tokens", admission.tokens))
        return response

    return anthropic


def _limits(unit: str, allowance: Allowance | None) -> dict[str, str]:
    if allowance is None:
        return {}
    reset_at = iso(time.time() + allowance.reset_seconds)
    return {
        f"anthropic-ratelimit-{unit}-limit": str(allowance.limit),
        f"anthropic-ratelimit-{unit}-remaining": str(allowance.remaining),
        f"anthropic-ratelimit-{unit}-reset": reset_at,
    }
