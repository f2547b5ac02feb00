"""What a native request becomes before it leaves, or how it is refused."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from gswarm.dialects.dialect import Reading
from gswarm.dialects.gemini_native.errors import write_error
from gswarm.dialects.gemini_native.read import read_request
from gswarm.dialects.gemini_native.shape import Address
from gswarm.errors import Refusal
from gswarm.gemini.generation import Generation
from gswarm.gemini.models import DEFAULT_ALIASES
from gswarm.gemini.thoughts import with_signatures

from .golden import Case, cases

READING = Reading(DEFAULT_ALIASES, "gemini-3.5-flash", Generation())


def read(case: dict[str, Any]) -> Any:
    """The request as it leaves where nothing of it is remembered."""
    reading = replace(
        READING,
        generation=Generation(**case.get("generation", {})),
        model=case.get("instead"),
    )
    address = Address(case.get("model", "gemini-3.5-flash"))
    try:
        found = read_request(case["request"], reading, address)
    except Refusal as refusal:
        reply = write_error(refusal)
        return {"status": reply.status, **reply.body}
    told = {"model": found.request.model, "body": with_signatures(found.request, {})}
    return told | ({"remote": dict(found.remote)} if found.remote else {})


@pytest.mark.parametrize("case", cases("requests"))
def test_a_request(case: Case) -> None:
    given = case.given
    asked = copy.deepcopy(given["request"])

    case.expect(read(given))

    assert given["request"] == asked, "the client's body was changed"


def test_a_refusal_names_a_field_that_is_not_an_object() -> None:
    for body in ([], "x", 5, None):
        with pytest.raises(Refusal, match="Root element must be a message"):
            read_request(body, READING, Address("gemini-3.5-flash"))
