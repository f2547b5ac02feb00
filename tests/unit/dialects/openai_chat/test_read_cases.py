"""Golden files: a chat request, and the Gemini body or the refusal it becomes.

A case is one file in a folder of ``cases``: ``{"request": body, "expect": {"body": …}
or {"refusal": …}}``. ``UPDATE_CASES=1`` writes what is expected anew; read the
difference.
"""

import json
import os
from pathlib import Path
from typing import Any

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


NAMES = sorted(
    str(path.relative_to(CASES).with_suffix("")) for path in CASES.glob("*/*.json")
)


def case_of(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text())
    return case


def names(kind: str) -> list[str]:
    return [name for name in NAMES if kind in case_of(name)["expect"]]


def expected_of(name: str, kind: str, found: Any) -> Any:
    """What a case expects; with ``UPDATE_CASES`` that is what was found."""
    case = case_of(name)
    if os.environ.get("UPDATE_CASES"):
        case["expect"] = {kind: found}
        text = json.dumps(case, indent=1, ensure_ascii=False)
        (CASES / f"{name}.json").write_text(text + "\n")
    return case["expect"].get(kind)


def read(body: object) -> ChatRequest:
    return read_request(body, aliases=DEFAULT_ALIASES, default_model="gemini-3.5-flash")


@pytest.mark.parametrize("name", NAMES)
def test_a_request_becomes_this_body_or_is_refused_in_these_words(name):
    request = case_of(name)["request"]
    try:
        kind, found = "body", read(request).request.body
    except Refusal as refusal:
        kind, found = "refusal", words_of(refusal)

    assert found == expected_of(name, kind, found)
    assert request == case_of(name)["request"], "the client's body was changed"


def words_of(refusal: Refusal) -> dict[str, Any]:
    return {
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
        for name in names("body")
        for upstream in find(read(case_of(name)["request"]).request.model).upstreams
    ]


@pytest.mark.parametrize(("name", "upstream"), served_cases())
def test_google_takes_the_body(name, upstream):
    request = read(case_of(name)["request"]).request
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
