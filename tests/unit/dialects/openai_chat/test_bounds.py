"""However long the words of a request are, reading them takes no longer than that."""

from __future__ import annotations

import contextlib
import copy
import time
import tracemalloc
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from gswarm.dialects.openai_chat.read import read_request
from gswarm.errors import InvalidRequest, ModelNotFound, Refusal
from gswarm.gemini.models import DEFAULT_ALIASES

LONG = 400_000
SECONDS = 0.4
"""A pass or ten over so much text; anything quadratic takes several times as long."""

PIECES = ("models/", "/", "a b ", "%41", " ", "é", "_a", "{", ",", "A==", "#/")

BODY = {
    "model": "gemini-3.5-flash",
    "stop": ["x"],
    "user": "u",
    "reasoning_effort": "low",
    "tool_choice": {"type": "function", "function": {"name": "get"}},
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "n",
            "schema": {
                "type": "object",
                "properties": {"a": {"type": "string", "pattern": "p", "$ref": "#/x"}},
            },
        },
    },
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get",
                "description": "d",
                "parameters": {
                    "type": "object",
                    "properties": {"a": {"type": "string", "format": "date"}},
                    "required": ["a"],
                },
            },
        }
    ],
    "messages": [
        {"role": "system", "content": "s"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "t"},
                {
                    "type": "image_url",
                    "image_url": {
                        "url": "data:image/png;base64,iVBORw0KGgo=",
                        "detail": "low",
                    },
                },
                {"type": "image_url", "image_url": {"url": "http://e.example/a"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA"}},
                {
                    "type": "file",
                    "file": {"file_data": "data:text/plain,a", "filename": "f.pdf"},
                },
                {
                    "type": "image",
                    "source": {"type": "base64", "media_type": "a/b", "data": "AAAA"},
                },
            ],
        },
        {
            "role": "assistant",
            "content": "a",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get", "arguments": '{"a":1}'},
                    "extra_content": {"google": {"thought_signature": "AAAA"}},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "name": "get", "content": "r"},
    ],
}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every string."""
    if isinstance(value, str):
        yield path
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in items:
        yield from leaves(member, (*path, key))


def with_words(path: tuple[Any, ...], words: str) -> dict[str, Any]:
    body: Any = copy.deepcopy(BODY)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = words
    return body


def read(body: Any) -> None:
    read_request(
        body, aliases=DEFAULT_ALIASES, default_model="gemini-3.5-flash", defaults=None
    )


@pytest.mark.parametrize(
    "path", [*leaves(BODY)], ids=lambda path: ".".join(map(str, path))
)
def test_no_field_takes_longer_than_its_length(path):
    slowest = 0.0
    for piece in PIECES:
        body = with_words(path, piece * (LONG // len(piece)))
        began = time.process_time()
        with contextlib.suppress(Refusal):
            read(body)
        slowest = max(slowest, time.process_time() - began)

    assert slowest < SECONDS


def test_a_model_name_of_megabytes_is_not_looked_at():
    with pytest.raises(ModelNotFound) as refused:
        read({"model": "models/" * 500_000, "messages": BODY["messages"]})

    assert len(refused.value.message) < 400


@pytest.mark.parametrize(
    ("path", "param"),
    [
        (("tools", 0, "function", "name"), "tools[0].function.name"),
        (("tool_choice", "function", "name"), "tool_choice"),
        (
            ("messages", 2, "tool_calls", 0, "function", "name"),
            "messages[2].tool_calls[0].function.name",
        ),
    ],
)
def test_a_functions_name_has_a_length(path, param):
    with pytest.raises(InvalidRequest, match="at most 200") as refused:
        read(with_words(path, "a" * 201))

    assert refused.value.param == param


def test_an_address_has_a_length_and_leaves_nothing_in_the_process():
    path = ("messages", 1, "content", 2, "image_url", "url")
    urllib.parse.urlsplit.cache_clear()

    with pytest.raises(InvalidRequest) as refused:
        read(with_words(path, "http://e.example/" + "a" * 8_192))
    read(with_words(path, "http://e.example/" + "a" * 8_000))

    assert refused.value.code == "invalid_image_url"
    assert refused.value.param == "messages[1].content[2].image_url.url"
    assert urllib.parse.urlsplit.cache_info().currsize == 0


@pytest.mark.parametrize(
    "words",
    [
        "data:text/plain," + "%41" * 1_000_000,
        "data:image/png;base64," + "QU FB" * 800_000,
        "data:" + "a" * 3_000_000 + ",a",
    ],
    ids=["escaped", "broken lines", "a head without end"],
)
def test_a_data_url_takes_a_few_times_its_size(words):
    path = ("messages", 1, "content", 4, "file", "file_data")
    body = with_words(path, words)

    tracemalloc.start()
    try:
        with contextlib.suppress(InvalidRequest):
            read(body)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 4 * len(words)
