"""Gemini's own paths, as Google's clients call them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from ...cancellation import Cancellation
from ...chat.models import Models
from ...dialects.gemini_native import model_list
from ...dialects.gemini_native.count import estimated, read_count
from ...dialects.gemini_native.dialect import GEMINI_NATIVE
from ...dialects.gemini_native.shape import Address, Form
from ...errors import ModelNotFound
from ...gemini.token_estimate import estimate_tokens
from ...routing.token_count import TokenCount
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, Answers, Media, documented
from ..guards import Guard
from ..schemas import gemini as schemas

NUMBERS = "enum-encoding=int"
"""What clients of Google's older libraries say behind ``alt`` or ``$alt``."""

ANY_JSON = Media("application/json")
ERRORS: Mapping[int, Answers] = dict.fromkeys(
    (400, 403, 404, 405, 408, 415, 429, 500, 503, 504), ANY_JSON
)
"""Those of a stream: in an array, unless events were asked for."""

EARLIER_SECONDS = 0.5


def blueprint(
    guard: Guard, questions: Questions, models: Models, token_count: TokenCount
) -> Blueprint:
    """``/v1beta``, to which the other versions lead: models, and asking them."""
    gemini = Blueprint("gemini", __name__)

    @gemini.post("/v1beta/models/<path:model>:generateContent")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.GenerateContentRequest,
        answers=schemas.GenerateContentResponse,
        refuses=REFUSALS,
    )
    def generate_content(model: str) -> Response:
        """Answer a conversation in one piece, in Gemini's own language."""
        return answered(model, "whole")

    @gemini.post("/v1beta/models/<path:model>:streamGenerateContent")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        query=schemas.StreamQuery,
        body=schemas.GenerateContentRequest,
        answers={200: (ANY_JSON, EVENTS), **ERRORS},
        refuses=REFUSALS,
    )
    def stream_generate_content(model: str) -> Response:
        """Answer a conversation piece by piece. As server-sent events with `alt=sse`,
        else as one JSON array that grows."""
        return answered(model, "events" if _wants_events() else "array")

    @gemini.post("/v1beta/models/<path:model>:countTokens")
    @guard.needs("chat")
    @documented(
        body=schemas.CountTokensRequest,
        answers=schemas.CountTokensResponse,
        refuses=(ModelNotFound,),
    )
    def count_tokens(model: str) -> dict[str, Any]:
        """Count the tokens of contents. Google counts where it can, else we guess."""
        asked = questions.read(partial(read_count, address=Address(model)), model)
        questions.check_files(asked)
        counted = token_count.count(asked, Cancellation())
        return counted or estimated(estimate_tokens(asked.body))

    @gemini.get("/v1beta/models")
    @guard.needs("chat")
    @documented(query=schemas.PageQuery, answers=schemas.GeminiModelList)
    def list_models() -> dict[str, Any]:
        """List the models that the pool can serve now, page by page."""
        return models_page(models)

    @gemini.get("/v1beta/models/<path:name>")
    @guard.needs("chat")
    @documented(answers=schemas.GeminiModel)
    def show_model(name: str) -> dict[str, Any]:
        """Show a model, by its name or an alias."""
        found = models.serving(name)
        if found is None:
            raise ModelNotFound(name[:200])
        return model_list.write_model(found, name)

    @gemini.after_request
    def wrap_error(response: Response) -> Response:
        """Whoever reads an array finds one, also where all of it is an error."""
        is_array = (request.endpoint or "").endswith("stream_generate_content")
        if response.status_code >= 400 and is_array and not _wants_events():
            response.set_data(b"[" + response.get_data() + b"]")
        return response

    def answered(model: str, form: Form) -> Response:
        address = Address(model, form, _wants_numbers(), _seconds())
        return questions.ask(questions.body(model), GEMINI_NATIVE.reading(address))

    return gemini


def models_page(models: Models) -> dict[str, Any]:
    """The page of the models that the current request asks for."""
    named = {model.id: model for model in models.available()} | models.own_aliases()
    written = [model_list.write_model(model, name) for name, model in named.items()]
    size, token = request.args.get("pageSize"), request.args.get("pageToken")
    return model_list.write_page(written, size, token)


def _wants_events() -> bool:
    return request.args.get("alt", "").partition(";")[0] == "sse"


def _seconds() -> float:
    """How long the client waits; it is told a little before it gives up."""
    told = request.headers.get("X-Server-Timeout", "")
    if not (told.isascii() and told.isdigit() and 0 < len(told) < 7):
        return math.inf
    return max(EARLIER_SECONDS, int(told) - EARLIER_SECONDS)


def _wants_numbers() -> bool:
    return any(NUMBERS in request.args.get(name, "") for name in ("$alt", "alt"))
