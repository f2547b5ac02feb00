"""Golden files: a chat request, and the Gemini body or the refusal it becomes.

A case is two files in ``cases``: ``<name>.request.json`` with ``<name>.gemini.json``,
or with ``<name>.refusal.json``.
"""

import json
from pathlib import Path

import pytest

from gswarm.dialects.openai_chat.chat_request import ChatRequest
from gswarm.dialects.openai_chat.read import read_request
from gswarm.errors import Refusal
from gswarm.gemini.models import DEFAULT_ALIASES, find
from gswarm.gemini.schema.proto import with_proto_schemas
from gswarm.gemini.thoughts import with_sentinels
from gswarm.simulator import models
from gswarm.simulator.signatures import Scope, Signer
from gswarm.simulator.validation import validate

CASES = Path(__file__).parent / "cases"


def names(kind: str) -> list[str]:
    return sorted(path.name.split(".")[0] for path in CASES.glob(f"*.{kind}.json"))


def load(name: str, kind: str) -> object:
    return json.loads((CASES / f"{name}.{kind}.json").read_text())


def read(body: object) -> ChatRequest:
    return read_request(body, aliases=DEFAULT_ALIASES, default_model="gemini-3.5-flash")


def test_every_request_has_exactly_one_outcome():
    assert sorted(names("gemini") + names("refusal")) == names("request")


@pytest.mark.parametrize("name", names("gemini"))
def test_a_request_becomes_this_gemini_body(name):
    request = load(name, "request")

    assert read(request).request.body == load(name, "gemini")
    assert request == load(name, "request"), "the client's body was changed"


@pytest.mark.parametrize("name", names("refusal"))
def test_a_request_is_refused_in_these_words(name):
    with pytest.raises(Refusal) as refused:
        read(load(name, "request"))

    refusal = refused.value
    assert load(name, "refusal") == {
        "status": refusal.status,
        "message": refusal.message,
        "param": refusal.param,
        "code": refusal.code,
    }


UPSTREAM_DIALECTS = {
    "cloudcode": "vertex",
    "gemini_api": "gemini_api",
    "vertex": "vertex",
}


def served_cases() -> list[tuple[str, str]]:
    """Every case on every upstream that has its model."""
    return [
        (name, upstream)
        for name in names("gemini")
        for upstream in find(read(load(name, "request")).request.model).upstreams
    ]


@pytest.mark.parametrize(("name", "upstream"), served_cases())
def test_google_takes_the_body(name, upstream):
    request = read(load(name, "request")).request
    model = models.find(find(request.model).name_on(upstream), upstream)
    body = with_sentinels(request)

    for sent in (body, with_proto_schemas(body)):
        validate(
            sent,
            model,
            dialect=UPSTREAM_DIALECTS[upstream],
            signer=Signer(),
            scope=Scope(),
        )
