"""JSON as Google sends it, also where a strict parser gives up."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.gemini.json_text import loads


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00x"', "\ufffdx"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\\ud83d \ud83d\ude00 \ud83d"', "\\ud83d 😀 \ufffd"),
        (rb'{"\udfff": ["\ud800"]}', {"\ufffd": ["\ufffd"]}),
        (b'"\xff"', "\ufffd"),
        (b'"a\tb"', "a\tb"),
        (b'{"a": NaN, "b": "\\ud800"}', {"a": None, "b": "\ufffd"}),
        (
            b'{"a": 1, "b": 2.5, "c": [true, null]}',
            {"a": 1, "b": 2.5, "c": [True, None]},
        ),
    ],
)
def test_what_cannot_be_a_character_becomes_the_one_for_it(data, value):
    assert loads(data) == value


@pytest.mark.parametrize("data", [b"", b"{", b"{not JSON", b"[" * 100_000, b'"\\ud800'])
def test_nonsense_stays_nonsense(data):
    with pytest.raises(ValueError):
        loads(data)


@given(st.binary(max_size=200))
def test_whatever_is_read_can_be_written_again(data):
    with suppress(ValueError):
        value = loads(b'{"a": "' + data + b'"}')
        assert loads(orjson.dumps(value)) == value
