"""The public Gemini API: models by name in the path, callers by API key."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from . import generate, models
from .admission import has_service
from .errors import invalid, named
from .exchange import (
    answer,
    meet_script,
    raw_body,
    status_of,
    the_call,
    the_world,
)
from .generate import Question
from .models import Model
from .signatures import Scope
from .tokens import contents_tokens, prompt_tokens
from .validation.payload import read
from .world import GENERATIVE, ApiKey

blueprint = Blueprint("gemini_api", __name__)

_COUNTED = {
    "model": "string",
    "contents": "[Content]",
    "generateContentRequest": "Request",
}
_VERSION = "/<any(v1beta,v1,v1alpha):version>"
_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established "
    "identity). Please use API Key or other form of API consumer identity to call "
    "this API."
)


@blueprint.get(f"{_VERSION}/models", endpoint="listModels")
def list_models(version: str) -> Response:
    """Every model, paged; 50 to the page."""
    _key_holder()
    meet_script()
    size = min(max(request.args.get("pageSize", 50, int), 1), 1000)
    start = request.args.get("pageToken", 0, int)
    known = models.served_by("gemini_api")
    page: dict[str, Any] = {"models": [_shown(m) for m in known[start : start + size]]}
    if start + size < len(known):
        page["nextPageToken"] = str(start + size)
    return answer(page)


@blueprint.get(f"{_VERSION}/models/<name>", endpoint="getModel")
def get_model(version: str, name: str) -> Response:
    """One model."""
    _key_holder()
    the_call().model = name
    meet_script()
    return answer(_shown(models.find(name, "gemini_api")))


@blueprint.post(f"{_VERSION}/models/<name>:<method>", endpoint="generate")
def call_model(version: str, name: str, method: str) -> Response:
    """generateContent, streamGenerateContent, countTokens."""
    call = the_call()
    call.method, call.model = method, name
    if method not in generate.METHODS:
        raise named("not_found_html")
    key = _key_holder()
    if method == "countTokens":
        meet_script()
        return answer({"totalTokens": _count(generate.asked(raw_body()), name)})
    question = Question(
        api="gemini_api",
        model=generate.model_for(key.project, name, "gemini_api"),
        scope=Scope(key.name, key.project),
        streams=method == "streamGenerateContent",
    )
    return generate.respond(question, generate.asked(raw_body()))


def _key_holder() -> ApiKey:
    """The key that asks, in its header or in the address; raises Google's 400 or 403.

    The header wins where both are given.
    """
    given = request.headers.get("x-goog-api-key") or request.args.get("key")
    if not given:
        raise status_of(403, _NO_KEY)
    world = the_world()
    key = world.api_keys.get(given)
    if not key:
        raise named("bad_api_key")
    call = the_call()
    call.account, call.project = key.name, key.project
    if not has_service(world.projects[key.project], GENERATIVE):
        raise named("gemini_api_disabled", project=key.project)
    return key


def _count(body: dict[str, Any], name: str) -> int:
    """Contents, or a whole request that names the same model: one of the two."""
    found = read(body, _COUNTED, "gemini_api")
    whole = found.get("generateContentRequest")
    if (whole is None) is ("contents" not in found):
        raise invalid("Exactly one of contents and generate_content_request is needed.")
    if whole is not None and whole.get("model") != f"models/{name}":
        raise invalid("The model of generate_content_request must be the path's.")
    return prompt_tokens(whole) if whole else contents_tokens(found["contents"])


def _shown(model: Model) -> dict[str, Any]:
    return {
        "name": f"models/{model.name}",
        "version": str(model.generation),
        "displayName": model.name.replace("-", " ").title(),
        "description": "A simulated model.",
        "inputTokenLimit": model.max_input_tokens,
        "outputTokenLimit": model.max_output_tokens,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "temperature": 1,
        "maxTemperature": 2,
        "topP": 0.95,
        "topK": 64,
        "thinking": model.thinks,
    }
