"""What is counted by :countTokens, in each of its forms."""

from __future__ import annotations

from typing import Any

import pytest

from gswarm.dialects.dialect import Reading
from gswarm.dialects.gemini_native.count import estimated, read_count
from gswarm.dialects.gemini_native.shape import Address
from gswarm.errors import InvalidRequest, ModelNotFound
from gswarm.gemini.generation import Generation
from gswarm.google.cloudcode import _countable

READING = Reading({}, "gemini-3.5-flash", Generation(system_prompt="Be kind."))
ADDRESS = Address("models/gemini-3.5-flash")
HELLO = {"parts": {"text": "Hello"}}
TOLD = [{"role": "user", "parts": [{"text": "Hello"}]}]


def read(body: Any, address: Address = ADDRESS) -> dict[str, Any]:
    return read_count(body, READING, address).body


def test_contents_alone():
    assert read({"contents": HELLO}) == {"contents": TOLD}


def test_a_whole_request_is_counted_as_it_stands():
    whole = {
        "model": "models/gemini-3.5-flash",
        "contents": [HELLO],
        "system_instruction": "Be brief.",
    }

    assert read({"generate_content_request": whole}) == {
        "contents": TOLD,
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"contents": []},
        {"generateContentRequest": {}},
        {"contents": [HELLO], "generateContentRequest": {"contents": [HELLO]}},
        {"generateContentRequest": []},
        [],
    ],
)
def test_neither_or_both_is_a_mistake(body):
    with pytest.raises(InvalidRequest):
        read(body)


def test_a_model_of_nobodys():
    with pytest.raises(ModelNotFound):
        read({"contents": HELLO}, Address("zork"))


@pytest.mark.parametrize("levels", [300, 1000])
def test_what_is_nested_without_end_is_refused_and_no_failure(levels):
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"items": schema}
    tools = [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]
    call = {"functionCall": {"name": "f", "args": schema}}

    for body in (
        {"generateContentRequest": {"contents": [HELLO], "tools": tools}},
        {"contents": [HELLO], "tools": tools},
        {"contents": [{"role": "model", "parts": [call]}]},
    ):
        with pytest.raises(InvalidRequest):
            read(body)


def test_code_assist_counts_thoughts_as_text_and_instructions_as_contents():
    body = {
        "contents": [
            *TOLD,
            {"role": "model", "parts": [{"text": "hm", "thought": True}]},
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
    }

    assert _countable(body) == [
        {"role": "user", "parts": [{"text": "Be brief."}, {"text": "Hello"}]},
        {"role": "model", "parts": [{"text": "hm"}]},
    ]


def test_an_estimate_is_told_as_google_tells_a_count():
    assert estimated(7) == {
        "totalTokens": 7,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 7}],
    }
