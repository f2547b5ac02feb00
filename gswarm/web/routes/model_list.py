"""``/v1/models``: one list, in the words of whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request

from ...chat.models import Models
from ...dialects.anthropic_messages import model_list as anthropic
from ...dialects.openai_chat import model_list as openai
from ...errors import ModelNotFound
from ...gemini.models import Model
from ..documentation import documented
from ..guards import Guard
from ..schemas import anthropic as anthropic_schemas
from ..schemas import openai as openai_schemas


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of client has its models: ``listed`` is told of the models by name
    and of the query, ``shown`` of a name and its model."""

    listed: Callable[[Mapping[str, Model], Mapping[str, str]], dict[str, Any]]
    shown: Callable[[str, Model], dict[str, Any]]


OPENAI = Shape(
    lambda named, _query: openai.list_models(named),
    lambda name, _model: openai.show_model(name),
)
ANTHROPIC = Shape(anthropic.list_models, anthropic.show_model)


def blueprint(guard: Guard, models: Models) -> Blueprint:
    """``/v1/models``, in the shape that the request's headers ask for."""
    routes = Blueprint("models", __name__, url_prefix="/v1/models")

    @routes.get("")
    @guard.needs("chat")
    @documented(answers=(openai_schemas.ModelList, anthropic_schemas.ModelPage))
    def list_models() -> dict[str, Any]:
        """List the models that the pool can serve now, and the operator's aliases.

        Clients that send `anthropic-version` get Anthropic's shape, those of Gemini's
        what is at `/v1beta/models`, all others OpenAI's.
        """
        named = {model.id: model for model in models.available()}
        return _shape().listed(named | models.own_aliases(), request.args)

    @routes.get("/<path:name>")
    @guard.needs("chat")
    @documented(answers=(openai_schemas.ModelEntry, anthropic_schemas.ModelInfo))
    def show_model(name: str) -> dict[str, Any]:
        """Show a model, by its name or an alias."""
        model = models.serving(name)
        if model is None:
            raise ModelNotFound(name[:200])
        return _shape().shown(name, model)

    return routes


def _shape() -> Shape:
    """Anthropic's clients all name the version they speak."""
    return ANTHROPIC if "anthropic-version" in request.headers else OPENAI
