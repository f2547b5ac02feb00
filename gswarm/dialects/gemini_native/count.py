"""``:countTokens``: what is asked, and how the count is told."""

from __future__ import annotations

from typing import Any

from ...errors import InvalidRequest
from ...gemini.nesting import deeper_than
from ...gemini.request import GenerateRequest
from ..dialect import Reading
from .conversation import conversation
from .read import model_of, read_body
from .shape import Address

DEEPEST = 200
"""Levels of contents that may be written as JSON again, to estimate them."""

Counted = dict[str, Any]
"""A CountTokensResponse: ``totalTokens``, and more where Google says more."""


def read_count(body: Any, reading: Reading, address: Address) -> GenerateRequest:
    """What is counted, and for which model.

    SDKs send the contents; a whole request may stand in ``generateContentRequest``
    instead; Vertex AI's form has its members beside the contents. Raises
    `InvalidRequest` and `ModelNotFound`.
    """
    model = model_of(address, reading)
    given = read_body(body, "CountRequest")
    whole = given.pop("generateContentRequest", None)
    if whole is not None and "contents" in given:
        raise InvalidRequest(
            "Only one of contents and generate_content_request may be set.",
            param="generate_content_request",
        )
    asked = read_body(whole, "Request") if whole is not None else given
    if deeper_than(asked["contents"], DEEPEST):
        raise InvalidRequest("The contents are nested too deeply.", param="contents")
    contents, past_calls = conversation(asked["contents"])
    return GenerateRequest(model.id, {**asked, "contents": contents}, past_calls)


def estimated(tokens: int) -> Counted:
    """The reply where Google was not asked."""
    detail = {"modality": "TEXT", "tokenCount": tokens}
    return {"totalTokens": tokens, "promptTokensDetails": [detail]}
