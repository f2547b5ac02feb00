"""Write what a grounded answer rests on as OpenAI annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...gemini.grounding import located


def write_annotations(grounding: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """One ``url_citation`` for each stretch of ``text`` and page it rests on.

    Gemini counts UTF-8 bytes, OpenAI characters; ``text`` is the whole answer, with
    code in it that Google ran, which it does not count.
    """
    encoded = text.encode()
    grounding = located(dict(grounding), [text])
    pages = grounding.get("groundingChunks") or []
    return [
        _citation(page, _characters(encoded, start), _characters(encoded, end))
        for start, end, index in _supports(grounding, len(encoded))
        if (page := _page(pages, index))
    ]


def _supports(
    grounding: Mapping[str, Any], length: int
) -> Iterator[tuple[int, int, int]]:
    for support in grounding.get("groundingSupports") or ():
        segment = support.get("segment") or {}
        end = segment.get("endIndex")
        for index in filter(_is_index, support.get("groundingChunkIndices") or ()):
            yield segment.get("startIndex") or 0, length if end is None else end, index


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _page(pages: list[dict[str, Any]], index: int) -> Mapping[str, Any] | None:
    chunk = pages[index] if index < len(pages) else None
    page = chunk.get("web") if isinstance(chunk, dict) else None
    if not isinstance(page, dict) or not isinstance(page.get("uri"), str):
        return None
    return page if page["uri"] else None


def _characters(encoded: bytes, offset: int) -> int:
    return len(encoded[:offset].decode("utf-8", "ignore"))


def _citation(page: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": start,
            "end_index": end,
            "title": page.get("title") or page["uri"],
            "url": page["uri"],
        },
    }
