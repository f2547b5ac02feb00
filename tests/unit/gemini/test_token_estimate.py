"""Counting tokens without asking anybody: the same each time, and it adds up."""

from __future__ import annotations

from typing import Any

import pytest

from gswarm.gemini.token_estimate import estimate_tokens


def body(*texts: str, **more: Any) -> dict[str, Any]:
    contents = [{"role": "user", "parts": [{"text": text}]} for text in texts]
    return {"contents": contents, **more}


def tools(*names: str) -> dict[str, Any]:
    return {"tools": [{"functionDeclarations": [{"name": name} for name in names]}]}


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        ({"text": "four"}, 1),
        ({"text": "fives"}, 2),
        ({"text": "åäö"}, 2),
        ({"text": ""}, 0),
        ({"inlineData": {"mimeType": "image/png", "data": "x" * 9999}}, 258),
        ({"inlineData": {"mimeType": "application/pdf", "data": "x"}}, 258),
        ({"inlineData": {"mimeType": "application/pdf", "data": "x" * 65_537}}, 516),
        ({"fileData": {"fileUri": "https://example.com/a.png"}}, 258),
        ({"functionCall": {"name": "f", "args": {"a": 1}}}, 4),
        ({"functionResponse": {"name": "f", "response": {"result": "x"}}}, 5),
        (
            {
                "functionResponse": {
                    "name": "f",
                    "response": {"result": "x"},
                    "parts": [{"inlineData": {"mimeType": "image/png", "data": ""}}],
                }
            },
            263,
        ),
        ({"executableCode": {"code": "1+1"}}, 9),
    ],
)
def test_a_part_counts(part, tokens):
    assert estimate_tokens({"contents": [{"parts": [part]}]}) == 4 + tokens


def test_nothing_asked_still_counts_for_something():
    assert estimate_tokens(body(" ")) > 0


def test_a_tool_adds_the_same_to_any_request():
    small, large = body("foo"), body("word " * 999, "more", systemInstruction={})
    alone = estimate_tokens(small | tools("a")) - estimate_tokens(small)
    beside = estimate_tokens(large | tools("b", "a")) - estimate_tokens(
        large | tools("b")
    )
    assert alone == beside > 0


def test_the_system_instruction_counts():
    system = {"parts": [{"text": "Be brief."}]}
    plain = estimate_tokens(body("foo"))
    assert estimate_tokens(body("foo", systemInstruction=system)) == plain + 3


def test_googles_own_tools_count():
    with_search = body("foo", tools=[{"googleSearch": {}}])
    assert estimate_tokens(with_search) > estimate_tokens(body("foo"))
