"""What a Messages request becomes, case by case."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gswarm.dialects.anthropic_messages.errors import status_of, write_error
from gswarm.errors import Refusal
from gswarm.gemini.models import find
from gswarm.gemini.schema.proto import with_proto_schemas
from gswarm.gemini.thoughts import with_sentinels
from gswarm.simulator import models
from gswarm.simulator.signatures import Scope, Signer
from gswarm.simulator.validation import validate

from .golden import agrees, cases, load, read

UPSTREAM_DIALECTS = {
    "cloudcode": "vertex",
    "gemini_api": "gemini_api",
    "vertex": "vertex",
}


def outcome_of(request: Any) -> dict[str, Any]:
    """All that reading a body yields, as far as it says anything."""
    try:
        asked = read(request)
    except Refusal as refusal:
        return {"status": status_of(refusal), **write_error(refusal)}
    told = {
        "model": asked.request.model,
        "body": asked.request.body,
        "is_stream": asked.is_stream,
        "remote": asked.remote,
        "names": asked.shape.names,
        "signatures": [call.signature for call in asked.request.past_calls],
        "one_call_only": asked.shape.one_call_only,
        "thinks": asked.shape.thinks,
        "searches": asked.shape.searches,
    }
    kept = {name: value for name, value in told.items() if value}
    return {"echo": asked.model, **kept}


@pytest.mark.parametrize("name", cases("requests"))
def test_a_request_is_read(name):
    request = load("requests", name)["request"]
    given = copy.deepcopy(request)
    assert agrees("requests", name, outcome_of(request))
    assert request == given, "the client's body was changed"


def served_cases() -> list[tuple[str, str]]:
    """Every case that is answered, on every upstream that has its model; but for those
    whose media must be fetched first."""
    return [
        (name, upstream)
        for name in cases("requests")
        if "body" in load("requests", name)["expect"]
        and "remote" not in load("requests", name)["expect"]
        for upstream in find(load("requests", name)["expect"]["model"]).upstreams
    ]


@pytest.mark.parametrize(("name", "upstream"), served_cases())
def test_google_takes_the_body(name, upstream):
    asked = read(load("requests", name)["request"])
    model = models.find(find(asked.request.model).name_on(upstream), upstream)
    body = with_sentinels(asked.request)
    for sent in (body, with_proto_schemas(body)):
        validate(
            sent,
            model,
            dialect=UPSTREAM_DIALECTS[upstream],
            signer=Signer(),
            scope=Scope(),
        )
