"""Models as OpenAI lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PUBLISHED = 1_735_689_600
"""2025-01-01: OpenAI's clients want to know when a model was made, Google says not."""


def list_models(names: Iterable[str]) -> dict[str, Any]:
    """All of them: OpenAI knows no pages."""
    return {"object": "list", "data": [show_model(name) for name in names]}


def show_model(name: str) -> dict[str, Any]:
    """A model under the name it was asked for by."""
    return {"id": name, "object": "model", "created": PUBLISHED, "owned_by": "google"}
