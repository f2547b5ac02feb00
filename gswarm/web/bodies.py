"""Reading a request's body: bounded in size and time, whatever the client does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import gevent
import orjson
from gevent import Timeout
from gunicorn.http.errors import ParseException

from ..errors import (
    ClientGone,
    InvalidJson,
    InvalidRequest,
    PayloadTooLarge,
    RequestTooSlow,
)
from ..gemini.members import counted, most_members
from .encodings import codings_in, unpacked

STEP = 64 * 1024
STEP_SECONDS = 30.0
"""A client may be slow, at 2 KB a second it is stuck."""
BODY_SECONDS = 300.0
STRANGER_SECONDS = 10.0
"""For the bodies of those who have shown no credential."""
NARROW = bytes(sorted(set(range(256)) - set(range(0xF0, 0xF5))))
"""Every byte but those that begin a character beyond the first 65,536 in UTF-8."""
WIDENED = 3
"""So many times more than its size a body with such a character may take, once it is
read: one makes four bytes of each character of its text."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LENGTH = 18
"""Digits of a Content-Length."""
STRANGER_LIMIT = 16 * 1024
WAS_READ = "gswarm.body_was_read"
"""Set in the environment of a request when its body has been read to the end."""

Take = Callable[[int], None]
"""Told of bytes before they are kept, as `Share.take`; may refuse them."""


def read_json(
    environ: MutableMapping[str, Any],
    limit: int,
    *,
    empty: Any = None,
    seconds: float | None = None,
    take: Take | None = None,
) -> Any:
    """The parsed body of at most ``limit`` bytes, arrived within ``seconds``;
    ``empty``, if given, where there is none. ``take`` is told of its bytes.

    Raises `InvalidRequest`, and what `read_body` raises.
    """
    body = read_body(environ, limit, seconds, take)
    if not body and empty is not None:
        return empty
    if not body:
        raise InvalidRequest("The request has no body; it takes a JSON object.")
    _check_members(body)
    if take and _is_wide(body):
        take(WIDENED * len(body))
    if body.startswith(BYTE_ORDER_MARK):
        del body[: len(BYTE_ORDER_MARK)]
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"{error.msg} at byte {error.pos}") from None


def read_stranger(environ: MutableMapping[str, Any]) -> Any:
    """The parsed body of somebody who has shown no credential: small, and soon."""
    return read_json(environ, STRANGER_LIMIT, seconds=STRANGER_SECONDS)


def read_body(
    environ: MutableMapping[str, Any],
    limit: int,
    seconds: float | None = None,
    take: Take | None = None,
) -> bytearray:
    """Every byte of the body, unpacked: of at most ``limit`` bytes, before and after.

    Raises `InvalidRequest`, `PayloadTooLarge`, `UnknownEncoding`, `RequestTooSlow`,
    `ClientGone`, and what ``take`` raises.
    """
    codings = codings_in(environ.get("HTTP_CONTENT_ENCODING", ""))
    body = _read_all(environ, limit, seconds, take)
    return unpacked(body, codings, limit, take) if body else body


def _read_all(
    environ: MutableMapping[str, Any],
    limit: int,
    seconds: float | None,
    take: Take | None,
) -> bytearray:
    """Every byte as it was sent.

    Bytes are counted here: Werkzeug cuts a chunked body off at its limit and says
    nothing, and nothing else bounds how long a body may take.
    """
    expected = _declared_length(environ)
    if expected is not None and expected > limit:
        raise _too_large(limit)
    body = bytearray()
    deadline = time.monotonic() + (seconds or BODY_SECONDS)
    while step := _read_step(environ["wsgi.input"], deadline):
        if take:
            take(len(step))
        body += step
        if len(body) > limit:
            raise _too_large(limit)
        if time.monotonic() > deadline:
            raise _too_slow()
        if len(body) == expected:
            break
    if expected is not None and len(body) < expected:
        raise ClientGone
    environ[WAS_READ] = True
    return body


class UnreadBodies:
    """Bodies that nobody wanted, of at most ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def are_longer(self, headers: Iterable[tuple[str, str]]) -> bool:
        """Whether a body says that it is longer: it is not read, so that its connection
        must end, and the answer say so."""
        return any(
            name == "CONTENT-LENGTH"
            and value.isdigit()
            and (len(value) > LONGEST_LENGTH or int(value) > self._limit)
            for name, value in headers
        )

    def finish(self, environ: Mapping[str, Any], stream: Any) -> bool:
        """Read what nobody wanted to the end, so that the connection can go on; False
        where that would take long, and the connection must end.

        Whoever closes at once takes back the answer from a client that still sends.
        """
        has_body = environ.get("HTTP_TRANSFER_ENCODING") or _has_length(environ)
        if environ.get(WAS_READ) or not has_body:
            return True
        left, is_over = self._limit, False
        with suppress(ParseException, OSError), Timeout(STRANGER_SECONDS, False):
            while left >= 0 and not is_over:
                step = stream.read(STEP)
                left, is_over = left - len(step), not step
        return is_over


def _has_length(environ: Mapping[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0")


def _is_wide(body: bytearray) -> bool:
    """Whether a character may be there that makes all those beside it wide."""
    is_escaped = b"\\ud" in body or b"\\uD" in body
    return is_escaped or bool(body.translate(None, delete=NARROW))


def _check_members(body: bytearray) -> None:
    """Others have their turn between the steps."""
    for number in counted(body):
        if number > most_members(len(body)):
            raise PayloadTooLarge(
                "The request body has more members than any model reads."
            )
        if len(body) > 2**20:
            gevent.sleep(0)


def _declared_length(environ: Mapping[str, Any]) -> int | None:
    """The Content-Length; 0 where there is no body, None where it is chunked."""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    declared = environ.get("CONTENT_LENGTH") or "0"
    if not declared.isascii() or not declared.isdigit():
        raise InvalidRequest("Content-Length is not a number.")
    return int(declared)


def _read_step(stream: Any, deadline: float) -> bytes:
    try:
        with Timeout(max(0.0, min(STEP_SECONDS, deadline - time.monotonic()))):
            return bytes(stream.read(STEP))
    except Timeout:
        raise _too_slow() from None
    except ParseException:
        raise InvalidRequest("The chunked request body is malformed.") from None
    except OSError:
        raise ClientGone from None


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The request body is larger than the limit of {limit / 2**20:g} MB."
    )


def _too_slow() -> RequestTooSlow:
    return RequestTooSlow("The request body did not arrive in time.")
