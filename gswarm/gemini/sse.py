"""Turn the bytes of a Gemini event stream into JSON objects, however they are cut."""

from __future__ import annotations

from typing import Any

from .json_text import loads

Event = dict[str, Any]


class SseDecoder:
    """A decoder that is fed bytes as they arrive; `flush` ends it.

    Lines end with LF or CRLF and are split on bytes, because text splitting would also
    cut at U+2028 inside a string. Comments and ``event:``, ``id:``, ``retry:`` lines
    are skipped, and so is a ``[DONE]`` that some proxies append.

    Google may break off a stream with a bare JSON error that is no event at all. It
    surfaces as the object it is (an array as its objects), or as ``{"error": text}``
    when it does not parse.
    """

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._data: list[bytes] = []
        self._tail: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        """The events completed by ``data``; ValueError when one is not JSON."""
        if _is_whole_event(data) and not (self._partial or self._data or self._tail):
            return _objects(loads(data[5:]))
        # A line may be megabytes long (an inline image): join it only once it is whole.
        if b"\n" not in data:
            self._partial.append(data)
            return []
        *lines, rest = b"".join([*self._partial, data]).split(b"\n")
        self._partial = [rest] if rest else []
        events: list[Event] = []
        for line in lines:
            events += self._line(line.removesuffix(b"\r"))
        return events

    def flush(self) -> list[Event]:
        """The events left when the stream ends, with or without a last blank line."""
        last = b"".join(self._partial).removesuffix(b"\r")
        self._partial = []
        events = self._line(last) if last else []
        return events + self._dispatch() + self._read_tail()

    def _line(self, line: bytes) -> list[Event]:
        if self._tail:
            self._tail.append(line)
        elif line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line:
            return self._dispatch()
        elif line.lstrip().startswith((b"{", b"[")):
            self._tail.append(line)
        return []

    def _dispatch(self) -> list[Event]:
        data, self._data = b"\n".join(self._data).strip(), []
        if not data or data == b"[DONE]":
            return []
        return _objects(loads(data))

    def _read_tail(self) -> list[Event]:
        tail, self._tail = b"\n".join(self._tail), []
        if not tail:
            return []
        try:
            return _objects(loads(tail))
        except ValueError:
            return [{"error": tail.decode("utf-8", "replace")}]


def _is_whole_event(data: bytes) -> bool:
    """Whether it is one object on one line, and the blank line that ends it: nearly all
    that ever arrives."""
    return (
        data.startswith(b"data: {")
        and data.endswith((b"}\r\n\r\n", b"}\n\n"))
        and data.count(b"\n") == 2
    )


def _objects(payload: Any) -> list[Event]:
    items = payload if isinstance(payload, list) else [payload]
    items = [item for item in items if item is not None]
    if not all(isinstance(item, dict) for item in items):
        raise ValueError("an event is not a JSON object")
    return items
