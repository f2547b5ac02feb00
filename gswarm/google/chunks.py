"""Read a reply of Google's generate methods: whatever goes wrong becomes a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import orjson

from ..errors import CallersMistake, EmptyReply, ServerFailure, Verdict
from ..gemini.json_text import loads
from ..gemini.normalize import Normalizer
from ..gemini.reply import is_final
from ..gemini.request import Chunk
from ..gemini.sse import SseDecoder
from .http.client import HttpResponse
from .upstream import Chunks
from .verdict import read_error, read_event_error

Unwrap: TypeAlias = Callable[[dict[str, Any]], Chunk]
"""Takes the response out of its envelope; {} where there is none."""

MAX_ERROR_BYTES = 1_000_000
MAX_REPLY_BYTES = 64_000_000

LINGER_SECONDS = 1.0
"""How long a whole answer may keep the client waiting for what should be its end."""

ERROR_SECONDS = 5.0
"""How long to wait for the rest of an error."""


def stream_chunks(reply: HttpResponse, unwrap: Unwrap) -> Chunks:
    """An event stream's chunks; None after each silent tick.

    There is no end mark on this wire: an end before a finishReason is a cut. Only a
    body that ends as it should and holds no candidate at all is an empty reply, which
    is hardly the project's doing.
    """
    with reply:
        yield from reply.opening()
        _check(reply)
        normal, is_whole, have_candidates = Normalizer(), False, set[bool]()
        try:
            for event in _events(reply):
                chunk = event and normal(_unwrapped(event, unwrap))
                if event is None or chunk:
                    yield chunk
                if chunk is not None:
                    have_candidates.add(bool(chunk.get("candidates")))
                if chunk and is_final(chunk):
                    is_whole = True
                    reply.patience = LINGER_SECONDS
        except Verdict:
            if not is_whole:
                raise
        if is_whole:
            return
        if have_candidates == {False}:
            raise EmptyReply("The reply holds no candidates.")
        raise ServerFailure("The stream ended before the answer did.")


def gather_chunk(reply: HttpResponse, unwrap: Unwrap) -> Chunk:
    """A unary reply's one chunk."""
    with reply:
        for _ in reply.opening():
            pass
        _check(reply)
        body = reply.read(MAX_REPLY_BYTES)
        try:
            payload = loads(body)
        except ValueError as error:
            raise ServerFailure("The reply is not JSON.") from error
        if not isinstance(payload, dict):
            raise read_event_error(payload, time.time())
        return Normalizer()(_unwrapped(payload, unwrap))


def encode(body: dict[str, Any]) -> bytes:
    """JSON; what JSON cannot hold is the caller's mistake."""
    try:
        return orjson.dumps(body)
    except TypeError as error:
        raise CallersMistake(
            f"The request cannot be sent as JSON: {error}.", status=400
        ) from error


def _check(reply: HttpResponse) -> None:
    if reply.status != 200:
        raise read_error(reply.status, reply.headers, _error_body(reply), time.time())


def _error_body(reply: HttpResponse) -> bytes:
    """As much of it as can be had: the status alone is a verdict already."""
    body = bytearray()
    reply.patience = ERROR_SECONDS
    try:
        for piece in reply.pieces():
            body += piece or b""
            if len(body) > MAX_ERROR_BYTES:
                break
    except ServerFailure:
        pass
    return bytes(body[:MAX_ERROR_BYTES])


def _events(reply: HttpResponse) -> Iterator[dict[str, Any] | None]:
    decoder = SseDecoder()
    try:
        for piece in reply.pieces():
            if piece is None:
                yield None
            else:
                yield from decoder.feed(piece)
        yield from decoder.flush()
    except ValueError as error:
        raise ServerFailure("The stream holds an event that is not JSON.") from error


def _unwrapped(event: dict[str, Any], unwrap: Unwrap) -> Chunk:
    if "error" in event:
        raise read_event_error(event, time.time())
    chunk = unwrap(event)
    if not isinstance(chunk, dict):
        raise ServerFailure("The reply has an unknown shape.")
    return chunk
