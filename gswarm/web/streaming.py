"""Turning chunks into a response: whole, or each as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

from flask import Response, g

from ..dialects.dialect import Writer
from ..errors import ClientGone
from ..gemini.reply import Fold
from ..gemini.request import Chunk
from ..google.upstream import Chunks
from .refusals import refusal_for

SILENCE_SECONDS = 15.0
"""How long a client of a stream hears nothing at most."""

STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""The second keeps nginx from gathering the events."""


def fed(chunks: Chunks, fold: Fold) -> Chunks:
    """The chunks, each also fed to ``fold`` on its way."""
    with closing(chunks):
        for chunk in chunks:
            if chunk is not None:
                fold.feed(chunk)
            yield chunk


def gather(chunks: Chunks) -> None:
    """Run through the chunks to their end; raises what the relay raises."""
    with closing(chunks):
        for _ in chunks:
            pass


def stream(
    chunks: Chunks,
    writer: Writer,
    content_type: str,
    headers: Callable[[], Mapping[str, str]],
) -> Response:
    """Stream the chunks. What the relay raises before the first one is raised here.

    A status can be given once only, so nothing is promised before there is something
    to say, or until the client has heard nothing for so long that it might give up.
    ``headers`` is asked when there is a first chunk.
    """
    first = _first_word(chunks)
    response = Response(
        _events(first, chunks, writer, g.request_id),
        content_type=content_type,
        headers=STREAM_HEADERS,
    )
    if first is not None:
        response.headers.update(headers())
    # Closing an iterator that was never begun runs nothing of it.
    response.call_on_close(chunks.close)
    return response


def _first_word(chunks: Chunks) -> Chunk | None:
    """The first chunk; None when there was none within the time of silence."""
    silent_since = time.monotonic()
    for chunk in chunks:
        if chunk is not None:
            return chunk
        if _is_long(silent_since):
            break
    return None


def _events(
    first: Chunk | None, chunks: Chunks, writer: Writer, request_id: str
) -> Iterator[bytes]:
    """The whole stream, ended well or with an error event, never just broken off."""
    try:
        yield writer.open() + (writer.chunk(first) if first else writer.silence())
        yield from _rest(chunks, writer)
        yield writer.close()
    except ClientGone:
        return
    except Exception as error:  # noqa: BLE001 - whatever it was, the client is told
        yield writer.fail(refusal_for(error, request_id))


def _rest(chunks: Chunks, writer: Writer) -> Iterator[bytes]:
    heard_at = time.monotonic()
    for chunk in chunks:
        events = writer.chunk(chunk) if chunk is not None else b""
        if not events and _is_long(heard_at):
            events = writer.silence()
        if events:
            yield events
            heard_at = time.monotonic()


def _is_long(silent_since: float) -> bool:
    """Whether the silence is long enough; ticks come a little early or late."""
    return time.monotonic() - silent_since > SILENCE_SECONDS - 0.5
