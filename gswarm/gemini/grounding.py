"""Find the stretches of an answer that rest on web pages, wherever Google counts from.

Google counts UTF-8 bytes within the part a stretch stands in, and does not always say
which part that is; it also gives the words themselves (Gemini API docs, grounding).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any


def located(grounding: dict[str, Any], pieces: Sequence[str]) -> dict[str, Any]:
    """The same with every segment counted from the beginning of the whole text.

    ``pieces`` are the parts in order, each as the text it adds to the answer (a thought
    adds none). A segment whose words are not in the answer is left out.
    """
    supports = grounding.get("groundingSupports")
    if not isinstance(supports, list):
        return grounding
    text = _Text(pieces)
    found = [placed for each in supports if (placed := _placed(each, text))]
    return {**grounding, "groundingSupports": found}


class _Text:
    """The whole text in bytes, and where each piece begins in it."""

    def __init__(self, pieces: Sequence[str]) -> None:
        encoded = [piece.encode() for piece in pieces]
        self.whole = b"".join(encoded)
        self.starts = list(accumulate(map(len, encoded), initial=0))[:-1] or [0]

    def has(self, words: bytes, start: int) -> bool:
        return self.whole.startswith(words, start)


def _placed(support: Any, text: _Text) -> dict[str, Any] | None:
    segment = support.get("segment") if isinstance(support, dict) else None
    if not isinstance(segment, dict):
        return None
    words = segment.get("text")
    span = (
        _span_of(segment, words.encode(), text)
        if isinstance(words, str) and words
        else _span(segment, text)
    )
    if span is None:
        return None
    told = {"startIndex": span[0], "endIndex": span[1]}
    rest = {name: segment[name] for name in segment if name != "partIndex"}
    return {**support, "segment": {**rest, **told}}


def _span_of(
    segment: dict[str, Any], words: bytes, text: _Text
) -> tuple[int, int] | None:
    """Where the words are: at the offsets, counted from some piece, or anywhere."""
    for start in _starts(segment, text):
        if text.has(words, start):
            return start, start + len(words)
    start = text.whole.find(words)
    return (start, start + len(words)) if start >= 0 else None


def _starts(segment: dict[str, Any], text: _Text) -> Iterator[int]:
    """Likely places, the likeliest first."""
    offset, part = _index(segment, "startIndex"), _index(segment, "partIndex")
    if 0 < part < len(text.starts):
        yield text.starts[part] + offset
    yield offset
    yield from (start + offset for start in text.starts)


def _span(segment: dict[str, Any], text: _Text) -> tuple[int, int] | None:
    length, part = len(text.whole), _index(segment, "partIndex")
    base = text.starts[part] if part < len(text.starts) else 0
    start = base + _index(segment, "startIndex")
    end = base + _index(segment, "endIndex") if "endIndex" in segment else length
    return (start, min(end, length)) if start < min(end, length) else None


def _index(segment: dict[str, Any], name: str) -> int:
    value = segment.get(name)
    return value if isinstance(value, int) and value > 0 else 0
