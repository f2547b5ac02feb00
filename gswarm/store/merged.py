"""Several capped streams read as one: what strangers make has a stream of its own, so
that it pushes out nothing else, and is still shown beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .connection import Store
from .events import order_of


def newest_of(
    store: Store, streams: Sequence[str], before: str | None, limit: int
) -> list[tuple[str, Mapping[str, str]]]:
    """The newest entries of all the streams, or the newest of those before the one with
    this id. The ids are made so that no two entries share one, in one order."""
    with store.pipeline() as pipe:
        for n, stream in enumerate(streams):
            start = f"({_bound(before, n, len(streams))}" if before else "+"
            pipe.xrevrange(stream, start, "-", count=limit)
        pages: Any = pipe.execute()
    found = [
        (_shown_id(entry_id, n, len(streams)), fields)
        for n, page in enumerate(pages)
        for entry_id, fields in page
    ]
    found.sort(key=lambda entry: order_of(entry[0]), reverse=True)
    return found[:limit]


def _shown_id(entry_id: str, stream: int, streams: int) -> str:
    ms, number = order_of(entry_id)
    return f"{ms}-{streams * number + stream}"


def _bound(shown_id: str, stream: int, streams: int) -> str:
    """Before which of its own ids a stream has what is before the one shown by this."""
    ms, number = order_of(shown_id)
    return f"{ms}-{-((stream - number) // streams)}"
