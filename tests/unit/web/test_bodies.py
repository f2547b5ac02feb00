"""Reading bodies of every kind of client."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zlib
from typing import Any

import gevent
import pytest
from gunicorn.http.errors import InvalidChunkSize

from gswarm.chat.in_flight import BytesInFlight
from gswarm.errors import (
    ClientGone,
    InvalidRequest,
    PayloadTooLarge,
    Refusal,
    RequestTooSlow,
    Unavailable,
    UnknownEncoding,
)
from gswarm.web import bodies, encodings
from gswarm.web.bodies import (
    UnreadBodies,
    read_body,
    read_json,
    read_stranger,
)

LIMIT = 200_000


def sized(body: bytes, length: int | None = None) -> dict[str, Any]:
    length = len(body) if length is None else length
    return {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(length)}


def chunked(body: bytes) -> dict[str, Any]:
    return {"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked"}


class Failing:
    """A body whose reading raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, size: int) -> bytes:
        raise self.error


class Stuck:
    """A body that never comes."""

    def read(self, size: int) -> bytes:
        gevent.sleep(60)
        return b""


@pytest.mark.parametrize("size", [1, bodies.STEP, bodies.STEP + 1, LIMIT])
def test_a_body_is_read_whole(size: int) -> None:
    body = b"x" * size

    assert read_body(sized(body), LIMIT) == body
    assert read_body(chunked(body), LIMIT) == body


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    environ = sized(b"", LIMIT + 1) | {"wsgi.input": Failing(AssertionError())}

    with pytest.raises(PayloadTooLarge):
        read_body(environ, LIMIT)


def test_a_chunked_body_is_counted() -> None:
    with pytest.raises(PayloadTooLarge):
        read_body(chunked(b"x" * (LIMIT + 1)), LIMIT)


def test_a_body_that_breaks_off_has_no_sender_any_more() -> None:
    with pytest.raises(ClientGone):
        read_body(sized(b'{"model"', 100), LIMIT)


def test_a_reset_connection_has_no_sender_any_more() -> None:
    environ = sized(b"", 5) | {"wsgi.input": Failing(ConnectionResetError())}

    with pytest.raises(ClientGone):
        read_body(environ, LIMIT)


def test_malformed_chunks_are_the_clients_mistake() -> None:
    environ = chunked(b"") | {"wsgi.input": Failing(InvalidChunkSize(b"zz"))}

    with pytest.raises(InvalidRequest):
        read_body(environ, LIMIT)


def test_a_stuck_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "STEP_SECONDS", 0.05)

    with pytest.raises(RequestTooSlow) as raised:
        read_body({"wsgi.input": Stuck(), "CONTENT_LENGTH": "5"}, LIMIT)

    assert raised.value.status == 408


def test_a_body_that_trickles_for_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", -1.0)

    with pytest.raises(RequestTooSlow):
        read_body(chunked(b"x"), LIMIT)


def test_json_is_parsed_whatever_its_type_is_called() -> None:
    assert read_json(sized(b'{"a": [1, null]}'), LIMIT) == {"a": [1, None]}
    assert read_json(sized(b'\xef\xbb\xbf{"a": 1}'), LIMIT) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"model=gemini",
        b'{"a": 1}}',
        b'{"a": NaN}',
        b'"\xff\xfe"',
        b'{"a": "\xed\xa0\x80"}',
        b"[" * 100_000,
        b'{"a":' * 20_000,
    ],
)
def test_what_is_not_json_is_a_clear_400(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as raised:
        read_json(sized(body), LIMIT)

    assert raised.value.status == 400
    assert raised.value.code is None


def test_a_complaint_quotes_nothing_of_the_body() -> None:
    with pytest.raises(Refusal) as raised:
        read_json(sized(b'{"prompt": "hunter2" oops}'), LIMIT)

    assert "hunter2" not in raised.value.message
    assert "oops" not in raised.value.message


def packed(body: bytes, coding: str) -> dict[str, Any]:
    return sized(body) | {"HTTP_CONTENT_ENCODING": coding}


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
        ("", bytes),
        ("identity, gzip", gzip.compress),
        ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
        ("gzip,\tgzip", lambda body: gzip.compress(gzip.compress(body))),
    ],
)
@pytest.mark.parametrize("size", [2, encodings.STEP - 1, encodings.STEP + 1])
def test_packed_bodies_are_unpacked(coding: str, pack: Any, size: int) -> None:
    body = b"7" * size

    assert read_body(packed(pack(body), coding), encodings.STEP * 2) == body


def test_a_packed_body_without_a_byte_is_none() -> None:
    assert read_json(packed(b"", "gzip"), LIMIT, empty={}) == {}


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress", "gzip;q=1"])
def test_other_codings_are_refused_before_the_body_is_read(coding: str) -> None:
    environ = packed(b"", coding) | {"wsgi.input": Failing(AssertionError())}

    with pytest.raises(UnknownEncoding) as raised:
        read_body(environ, LIMIT)

    assert raised.value.status == 415


def test_codings_upon_codings_are_refused() -> None:
    with pytest.raises(UnknownEncoding):
        read_body(packed(b"{}", ", ".join(["gzip"] * 4)), LIMIT)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_body_that_unpacks_beyond_the_limit_is_not_unpacked(coding: str) -> None:
    pack = gzip.compress if coding == "gzip" else zlib.compress
    bomb = pack(b"\0" * 100_000_000)
    assert len(bomb) < LIMIT

    tracemalloc.start()
    with pytest.raises(PayloadTooLarge):
        read_body(packed(bomb, coding), LIMIT)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * encodings.STEP


def test_what_is_unpacked_counts_among_the_bytes_in_flight() -> None:
    taken: list[int] = []

    read_body(packed(gzip.compress(b"x" * 100_000), "gzip"), LIMIT, take=taken.append)

    assert sum(taken) > 100_000


def test_a_bomb_within_a_bomb_is_not_unpacked_either() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 100_000_000))

    with pytest.raises(PayloadTooLarge):
        read_body(packed(bomb, "gzip, gzip"), LIMIT)


# Without the time, which the processes of a test run would not agree about.
GZIPPED = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (b'{"model": "gemini"}', "gzip"),
        (b'{"model": "gemini"}', "deflate"),
        (GZIPPED[:-1], "gzip"),
        (GZIPPED + b"more", "gzip"),
        (GZIPPED + GZIPPED, "gzip"),
        (zlib.compress(b"{}")[:-1], "deflate"),
        (b"\x1f", "gzip"),
    ],
)
def test_what_is_not_packed_so_is_a_clear_400(body: bytes, coding: str) -> None:
    with pytest.raises(InvalidRequest, match="Content-Encoding"):
        read_body(packed(body, coding), LIMIT)


def test_a_nonsensical_length_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        read_body({"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "-5"}, LIMIT)


@pytest.mark.parametrize("member", [b"[],", b"{},", b'{"a":1},', b'"",', b"1.5,"])
def test_a_body_of_members_takes_no_more_than_four_times_its_size(member: bytes):
    body = b"[" + member * (12_000_000 // len(member)) + b"0]"
    environ = sized(body)

    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            read_json(environ, len(body))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 4 * len(body)


def test_the_bytes_of_a_body_are_counted_as_they_come() -> None:
    process = BytesInFlight(2 * bodies.STEP)
    share = process.share(LIMIT)

    read_body(sized(b"x" * bodies.STEP), LIMIT, take=share.take)
    with pytest.raises(Unavailable):
        read_body(chunked(b"x" * LIMIT), LIMIT, take=process.share(LIMIT).take)

    assert process.held == 2 * bodies.STEP


class Dripping:
    """A body that comes a byte at a time, for ever."""

    def read(self, size: int) -> bytes:
        gevent.sleep(0.01)
        return b"x"


def test_a_strangers_body_ends_soon(monkeypatch) -> None:
    monkeypatch.setattr(bodies, "STRANGER_SECONDS", 0.05)
    environ = {"wsgi.input": Dripping(), "HTTP_TRANSFER_ENCODING": "chunked"}

    began = time.monotonic()
    with pytest.raises(RequestTooSlow):
        read_stranger(environ)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("stream", "is_over"),
    [
        (io.BytesIO(b"x" * 1000), True),
        (io.BytesIO(b"x" * 100_000), False),
        (Dripping(), False),
        (Stuck(), False),
        (Failing(InvalidChunkSize(b"x")), False),
    ],
    ids=["short", "long", "dripping", "stuck", "broken"],
)
def test_what_nobody_wanted_is_read_to_the_end_where_that_is_near(
    stream, is_over, monkeypatch
) -> None:
    monkeypatch.setattr(bodies, "STRANGER_SECONDS", 0.05)

    assert UnreadBodies(2_000).finish({"CONTENT_LENGTH": "9"}, stream) is is_over


def test_a_body_that_was_read_is_not_read_again() -> None:
    environ = sized(b"{}")
    read_json(environ, LIMIT)

    assert UnreadBodies(LIMIT).finish(environ, Failing(AssertionError()))
    assert UnreadBodies(LIMIT).finish({}, Failing(AssertionError()))


@pytest.mark.parametrize(
    ("length", "is_more"),
    [("2001", True), ("2000", False), ("x", False), ("9" * 5000, True)],
)
def test_an_answer_can_say_that_its_connection_ends(length, is_more) -> None:
    assert UnreadBodies(2_000).are_longer([("CONTENT-LENGTH", length)]) is is_more


@pytest.mark.parametrize("wide", ["\U0001f600", "\\ud83d\\ude00"])
def test_one_wide_character_counts_for_its_whole_body(wide: str) -> None:
    process = BytesInFlight(10_000)
    body = f'["{"a" * 1_000}{wide}"]'.encode()

    read_json(sized(b'["%b"]' % (b"a" * 1_000)), LIMIT, take=process.share(9_000).take)
    assert process.held < 1_100
    read_json(sized(body), LIMIT, take=process.share(9_000).take)

    assert process.held > 5_000
