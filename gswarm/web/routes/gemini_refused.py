"""What Gemini's API has beyond asking models, and a pool cannot offer: said so."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed as WrongVerb

from ...errors import MethodNotAllowed, ModelNotFound, NotFound, NotOffered
from ..documentation import documented
from ..guards import Guard
from ..schemas import gemini as schemas

METHODS = frozenset(
    {
        "embedContent",
        "batchEmbedContents",
        "asyncBatchEmbedContent",
        "batchGenerateContent",
        "generateAnswer",
        "predictLongRunning",
        "computeTokens",
    }
)
"""What Google's models do beside what is offered here."""
NOUNS = frozenset(
    {
        "agents",
        "auth_tokens",
        "batches",
        "cachedContents",
        "corpora",
        "fileSearchStores",
        "files",
        "interactions",
        "operations",
        "tunedModels",
    }
)
"""What belongs to the one project that made it: a pool of many has nothing of it."""

EVERY_VERB = ("GET", "POST", "PUT", "PATCH", "DELETE")


def blueprint(guard: Guard) -> Blueprint:
    """Files, caches, batches, interactions, the live API, methods of other kinds."""
    gemini = Blueprint("gemini_refused", __name__)

    @gemini.post("/v1beta/models/<path:name>")
    @guard.needs("chat")
    @documented(answers={}, refuses=(NotFound, NotOffered))
    def call_other_method(name: str) -> Response:
        """Refuse a method of a model that is not offered, or that there is not."""
        model, _, method = name.rpartition(":")
        if method == "predict":
            raise ModelNotFound(model[:200])
        if method in METHODS:
            raise NotOffered(f"This gateway does not offer {method}.")
        raise NotFound(f"Method not found: {method[:100]}.")

    @gemini.get("/v1beta/tunedModels")
    @guard.needs("chat")
    @documented(answers=schemas.Nothing)
    def list_tuned_models() -> dict[str, Any]:
        """List the models that were tuned here: none."""
        return {}

    def refuse(rest: str) -> Response:
        """Refuse what belongs to one project: files, caches, batches, interactions."""
        noun = rest.partition("/")[0].partition(":")[0]
        if not request.path.startswith("/v1beta/") or noun in NOUNS:
            raise NotOffered(
                "This gateway asks many projects in turn; it does not offer what "
                "belongs to one of them."
            )
        if noun == "models":
            raise WrongVerb(valid_methods=["GET", "POST"])
        raise NotFound(f"Not found: {request.path[:200]}.")

    refusals = (NotFound, NotOffered, MethodNotAllowed)
    view = guard.needs("chat")(documented(answers={}, refuses=refusals)(refuse))
    for root in ("v1beta", "upload", "download", "ws"):
        rule = f"/{root}/<path:rest>"
        gemini.add_url_rule(rule, f"refuse_{root}", view, methods=EVERY_VERB)

    return gemini
