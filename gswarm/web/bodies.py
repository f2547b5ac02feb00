"""Reading a request's body: bounded in size and time, whatever the client does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
from gevent import Timeout
from gunicorn.http.errors import ParseException

from ..errors import ClientGone, InvalidRequest, PayloadTooLarge, RequestTooSlow

STEP = 64 * 1024
STEP_SECONDS = 30.0
"""A client may be slow, at 2 KB a second it is stuck."""
BODY_SECONDS = 300.0
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_json(environ: Mapping[str, Any], limit: int, *, empty: Any = None) -> Any:
    """The parsed body of at most ``limit`` bytes; ``empty``, if given, where there is
    none.

    Raises `InvalidRequest`, `PayloadTooLarge`, `RequestTooSlow` or `ClientGone`.
    """
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise InvalidRequest("Compressed request bodies are not supported.")
    body = read_body(environ, limit)
    if not body and empty is not None:
        return empty
    if not body:
        raise InvalidRequest("The request has no body; it takes a JSON object.")
    try:
        return orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"The request body is not valid JSON: {error.msg} at byte {error.pos}."
        ) from None


def read_body(environ: Mapping[str, Any], limit: int) -> bytes:
    """Every byte of the body.

    Bytes are counted here: Werkzeug cuts a chunked body off at its limit and says
    nothing, and nothing else bounds how long a body may take.
    """
    expected = _declared_length(environ)
    if expected is not None and expected > limit:
        raise _too_large(limit)
    body = bytearray()
    deadline = time.monotonic() + BODY_SECONDS
    while step := _read_step(environ["wsgi.input"]):
        body += step
        if len(body) > limit:
            raise _too_large(limit)
        if time.monotonic() > deadline:
            raise _too_slow()
        if len(body) == expected:
            break
    if expected is not None and len(body) < expected:
        raise ClientGone
    return bytes(body)


def _declared_length(environ: Mapping[str, Any]) -> int | None:
    """The Content-Length; 0 where there is no body, None where it is chunked."""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    declared = environ.get("CONTENT_LENGTH") or "0"
    if not declared.isascii() or not declared.isdigit():
        raise InvalidRequest("Content-Length is not a number.")
    return int(declared)


def _read_step(stream: Any) -> bytes:
    try:
        with Timeout(STEP_SECONDS):
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
