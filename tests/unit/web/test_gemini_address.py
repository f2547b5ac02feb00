"""What the address and headers of a native request say of the answer."""

from __future__ import annotations

import math

import pytest
from flask import Flask

from gswarm.web.routes import gemini


def asked(query: str = "", **headers: str):
    return Flask("test").test_request_context(f"/?{query}", headers=headers)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("9", 8.5),
        ("1", 0.5),
        ("0", 0.5),
        ("", math.inf),
        ("-1", math.inf),
        ("1.5", math.inf),
        ("soon", math.inf),
        ("²", math.inf),
        ("9" * 400, math.inf),
    ],
)
def test_a_client_is_told_before_it_gives_up(told, seconds):
    with asked(**{"X-Server-Timeout": told}):
        assert gemini._seconds() == seconds


@pytest.mark.parametrize(
    ("query", "events", "numbers"),
    [
        ("", False, False),
        ("alt=json", False, False),
        ("alt=sse", True, False),
        ("alt=sse;enum-encoding=int", True, True),
        ("$alt=json;enum-encoding=int", False, True),
        ("%24alt=json%3Benum-encoding%3Dint&alt=sse", True, True),
    ],
)
def test_alt_says_how_an_answer_comes(query, events, numbers):
    with asked(query):
        assert gemini._wants_events() is events
        assert gemini._wants_numbers() is numbers
