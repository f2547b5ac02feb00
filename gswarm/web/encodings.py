"""Content-Encoding of request bodies: what is understood, unpacked within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import gevent

from ..errors import InvalidRequest, PayloadTooLarge, UnknownEncoding

UNDERSTOOD = "gzip, deflate"

STEP = 256 * 1024
"""Bytes unpacked at a time; others have their turn in between."""
MOST_CODINGS = 3

GZIP = zlib.MAX_WBITS | 16
RAW = -zlib.MAX_WBITS
ALIASES = {"x-gzip": "gzip"}


def codings_in(header: str) -> list[str]:
    """The codings of a Content-Encoding header, the first applied first.

    Raises `UnknownEncoding`.
    """
    named = [name.strip().lower() for name in header.split(",")]
    codings = [ALIASES.get(name, name) for name in named]
    codings = [name for name in codings if name not in ("", "identity")]
    unknown = next((name for name in codings if name not in ("gzip", "deflate")), None)
    if unknown or len(codings) > MOST_CODINGS:
        raise UnknownEncoding(
            f"Request bodies may be packed as {UNDERSTOOD}, or not at all."
        )
    return codings


def unpacked(
    body: bytearray,
    codings: list[str],
    limit: int,
    take: Callable[[int], None] | None = None,
) -> bytearray:
    """The body without its codings; ``take`` is told of the bytes that come of it
    before they are kept, and may refuse them.

    Raises `PayloadTooLarge` before more than ``limit`` bytes of it are in memory, and
    `InvalidRequest` for what was not packed so, is cut off or goes on behind its end.
    """
    for coding in reversed(codings):
        body = _inflated(body, _window_of(coding, body), limit, take)
    return body


def _inflated(
    body: bytearray, window: int, limit: int, take: Callable[[int], None] | None
) -> bytearray:
    inflate = zlib.decompressobj(window)
    out: bytearray = bytearray()
    pending: bytes | bytearray = body
    while not inflate.eof:
        step = _step(inflate, pending)
        if take:
            take(len(step))
        out += step
        if len(out) > limit:
            raise _too_large(limit)
        pending = inflate.unconsumed_tail
        if len(step) < STEP and not pending and not inflate.eof:
            raise _malformed()
        gevent.sleep(0)
    if inflate.unused_data:
        raise _malformed()
    return out


def _step(inflate: zlib._Decompress, pending: bytes | bytearray) -> bytes:
    try:
        return inflate.decompress(pending, STEP)
    except zlib.error:
        raise _malformed() from None


def _window_of(coding: str, body: bytearray) -> int:
    """What zlib wants to know; some send deflate without the zlib header it has."""
    if coding == "gzip":
        return GZIP
    head = int.from_bytes(body[:2])
    has_header = head >> 8 & 15 == 8 and head % 31 == 0
    return zlib.MAX_WBITS if has_header else RAW


def _too_large(limit: int) -> PayloadTooLarge:
    megabytes = limit / 2**20
    return PayloadTooLarge(
        f"The unpacked request body is larger than the limit of {megabytes:g} MB."
    )


def _malformed() -> InvalidRequest:
    return InvalidRequest("The request body is not what its Content-Encoding says.")
