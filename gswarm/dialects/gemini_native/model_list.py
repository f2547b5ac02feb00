"""The models as Gemini's clients list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import InvalidRequest
from ...gemini.models import Model

PAGE = 50
LONGEST_PAGE = 1000
METHODS = ("generateContent", "streamGenerateContent", "countTokens")


def write_model(model: Model, name: str | None = None) -> dict[str, Any]:
    """A model; ``name`` is how the client knows it."""
    told: dict[str, Any] = {
        "name": f"models/{name or model.id}",
        "baseModelId": model.id,
        "version": str(model.generation),
        "displayName": model.name,
        "description": f"{model.name}, served by a pool of projects.",
        "inputTokenLimit": model.max_input_tokens,
        "outputTokenLimit": model.max_output_tokens,
        "supportedGenerationMethods": list(METHODS),
    }
    if "temperature" not in model.drops:
        told |= {"temperature": 1, "maxTemperature": 2, "topP": 0.95, "topK": 64}
    return {**told, "thinking": model.supports_thinking}


def write_page(
    models: Sequence[dict[str, Any]], size: str | None, token: str | None
) -> dict[str, Any]:
    """One page of written models; ``size`` and ``token`` as the query has them.

    Raises `InvalidRequest`.
    """
    start = _number(token or "0", "page_token")
    length = min(_number(size or "0", "page_size") or PAGE, LONGEST_PAGE)
    page: dict[str, Any] = {"models": list(models[start : start + length])}
    if start + length < len(models):
        page["nextPageToken"] = str(start + length)
    return page


def _number(text: str, name: str) -> int:
    if len(text) > 9 or not (text.isascii() and text.isdigit()):
        raise InvalidRequest(f"The {name} is not valid.", param=name)
    return int(text)
