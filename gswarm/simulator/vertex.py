"""Vertex AI: the dialect of Code Assist without its envelope."""

from __future__ import annotations

from flask import Blueprint, Response

from . import generate
from .admission import admit_to_project
from .errors import named
from .exchange import answer, caller, json_body, meet_script, raw_body, the_call
from .generate import Question
from .signatures import Scope
from .tokens import contents_tokens
from .world import VERTEX

blueprint = Blueprint("vertex", __name__)

_MODEL = (
    "/<any(v1,v1beta1):version>/projects/<project>/locations/<location>"
    "/publishers/google/models/<name>:<method>"
)


@blueprint.post(_MODEL, endpoint="vertex")
def call_model(
    version: str, project: str, location: str, name: str, method: str
) -> Response:
    """generateContent, streamGenerateContent, countTokens."""
    call = the_call()
    call.method, call.model, call.project = method, name, project
    if method not in generate.METHODS:
        raise named("not_found_html")
    account = caller()
    admit_to_project(account, project, VERTEX)
    if method == "countTokens":
        meet_script()
        return answer({"totalTokens": contents_tokens(json_body()["contents"])})
    question = Question(
        api="vertex",
        model=generate.model_for(project, name, "vertex"),
        scope=Scope(account.email, project),
        streams=method == "streamGenerateContent",
    )
    return generate.respond(question, generate.asked(raw_body()))
