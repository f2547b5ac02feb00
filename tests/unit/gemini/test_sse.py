"""A stream is read the same however its bytes are cut."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.gemini.sse import SseDecoder


def decode(*pieces: bytes) -> list[dict]:
    decoder = SseDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.flush()


def one_by_one(body: bytes) -> list[bytes]:
    return [body[at : at + 1] for at in range(len(body))]


BODIES = {
    "crlf": (b'data: {"a":1}\r\n\r\ndata: {"a":2}\r\n\r\n', [{"a": 1}, {"a": 2}]),
    "lf": (b'data: {"a":1}\n\ndata: {"a":2}\n\n', [{"a": 1}, {"a": 2}]),
    "no space": (b'data:{"a":1}\n\n', [{"a": 1}]),
    "many lines": (b'data: {\r\ndata:  "a":\r\ndata: 1}\r\n\r\n', [{"a": 1}]),
    "comments and fields": (
        b': hi\n\nevent: message\nid: 7\nretry: 10\ndata: {"a":1}\n\n\n\n',
        [{"a": 1}],
    ),
    "unterminated": (b'data: {"a":1}\n\ndata: {"a":2}', [{"a": 1}, {"a": 2}]),
    "half terminated": (b'data: {"a":1}\r\n', [{"a": 1}]),
    "cut within crlf": (b'data: {"a":1}\r', [{"a": 1}]),
    "empty data": (b'data: \n\ndata:\n\ndata: {"a":1}\n\n', [{"a": 1}]),
    "done": (b'data: {"a":1}\n\ndata: [DONE]\n\n', [{"a": 1}]),
    "separators in text": (
        'data: {"a":"x\u2028y\u2029z\u0085"}\n\n'.encode(),
        [{"a": "x\u2028y\u2029z\u0085"}],
    ),
    "error event": (b'data: {"error":{"code":503}}\n\n', [{"error": {"code": 503}}]),
    "raw tail": (
        b'data: {"a":1}\r\n\r\n{"error":{"code":503}}',
        [{"a": 1}, {"error": {"code": 503}}],
    ),
    "pretty raw tail": (
        b'data: {"a":1}\n\n{\n  "error": {\n\n    "code": 503\n  }\n}\n',
        [{"a": 1}, {"error": {"code": 503}}],
    ),
    "raw array tail": (
        b'data: {"a":1}\n\n[{"error":{"code":503}}]\n',
        [{"a": 1}, {"error": {"code": 503}}],
    ),
    "raw tail after an open event": (
        b'data: {"a":1}\n{"error":{"code":503}}',
        [{"a": 1}, {"error": {"code": 503}}],
    ),
    "raw tail that does not parse": (
        b'{"error":{"code":503,}}\r\n',
        [{"error": '{"error":{"code":503,}}'}],
    ),
    "array event": (b'data: [{"error":{"code":503}}]\n\n', [{"error": {"code": 503}}]),
    "nothing": (b"", []),
    "only blank lines": (b"\r\n\r\n\n", []),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_read_at_once_and_byte_by_byte(name):
    body, events = BODIES[name]
    assert decode(body) == events
    assert decode(*one_by_one(body)) == events


@pytest.mark.parametrize(
    "body",
    [b"data: {oops\n\n", b"data: 7\n\n", b'data: "x"\n\n', b"data: [1]\n\ndata: {}"],
)
def test_a_malformed_event_is_an_error(body):
    with pytest.raises(ValueError):
        decode(body)


def test_an_event_is_there_as_soon_as_its_blank_line_is():
    decoder = SseDecoder()
    assert decoder.feed(b'data: {"a":1}\r\n') == []
    assert decoder.feed(b"\r") == []
    assert decoder.feed(b"\n") == [{"a": 1}]


def test_a_very_long_line_costs_no_more_than_its_length():
    decoder = SseDecoder()
    image = b"A" * 65536
    decoder.feed(b'data: {"a":"')
    for _ in range(500):
        assert decoder.feed(image) == []
    assert len(decoder.feed(b'"}\n\n')[0]["a"]) == 500 * 65536


json_objects = st.dictionaries(
    st.text(max_size=5),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.integers(-5, 5),
    max_size=3,
)


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[at:end] for at, end in pairwise(edges)]


@given(
    st.lists(json_objects, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.lists(st.integers(0), max_size=6),
)
def test_any_cut_reads_the_same(objects, end, is_terminated, places):
    texts = [json.dumps(each, ensure_ascii=False, indent=1) for each in objects]
    events = ["".join(f"data: {line}{end}" for line in t.split("\n")) for t in texts]
    body = (end.join(events) + (end if is_terminated else "")).encode()
    assert decode(*cut(body, places)) == objects


@given(st.binary(max_size=60), st.lists(st.integers(0), max_size=4))
def test_noise_reads_the_same_however_cut(body, places):
    assert outcome([body]) == outcome(cut(body, places))


def outcome(pieces: list[bytes]) -> object:
    try:
        return decode(*pieces)
    except ValueError:
        return "malformed"
