"""Named events, numbered in the order they are written."""

from __future__ import annotations

from typing import Any

import orjson


class Events:
    """Writes the events of one stream; ``sequence_number`` rises by one with each."""

    def __init__(self) -> None:
        self._next = 0

    def write(self, kind: str, **members: Any) -> bytes:
        """One event."""
        data = {"type": kind, **members, "sequence_number": self._number()}
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps(data))

    def delta(self, head: bytes, words: str, tail: bytes = b"") -> bytes:
        """One event whose ``head`` is written: the words, and what comes after them."""
        return b"%b%b%b" % (head, orjson.dumps(words), tail) + (
            b',"sequence_number":%d}\n\n' % self._number()
        )

    def _number(self) -> int:
        number = self._next
        self._next += 1
        return number


class NoEvents(Events):
    """For a reply that is told whole."""

    def write(self, kind: str, **members: Any) -> bytes:
        return b""

    def delta(self, head: bytes, words: str, tail: bytes = b"") -> bytes:
        return b""


def head_of(kind: str, **members: Any) -> bytes:
    """All of a delta's event before the delta itself, which is encoded once."""
    data = orjson.dumps({"type": kind, **members})[:-1]
    return b'event: %b\ndata: %b,"delta":' % (kind.encode(), data)
