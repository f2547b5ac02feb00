"""Odd shapes of Google's replies, each as it was seen once by somebody.

``split-call``    a call in two parts: its name first, its arguments after
``same-ids``      the calls of one content share an id
``null-parts``    null among the parts, and a part whose call is null
``parts-object``  a single part where a list of parts belongs
``empty-members`` chunks with nothing in them, without content, without parts
``text-counts``   token counts as text
``no-data``       a picture without its data
``draft-image``   an interim picture, marked as thought, before the final one
``surrogates``    half a character at the end of texts and arguments
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any

from .script import Chunk, Part

_HALF = "\ud83d"


def bent(chunks: Iterable[Chunk], shapes: Iterable[str]) -> list[Chunk]:
    """The chunks in these shapes; ValueError for one there is not."""
    wanted, made = set(shapes), deepcopy(list(chunks))
    if unknown := wanted - SHAPES.keys():
        raise ValueError(f"no reply is {', '.join(map(repr, sorted(unknown)))}")
    for shape, change in SHAPES.items():
        made = change(made) if shape in wanted else made
    return made


def _by_parts(
    change: Callable[[list[Part]], list[Part]],
) -> Callable[[list[Chunk]], list[Chunk]]:
    def changed(chunks: list[Chunk]) -> list[Chunk]:
        for content in _contents(chunks):
            if content.get("parts"):
                content["parts"] = change(content["parts"])
        return chunks

    return changed


def _contents(chunks: list[Chunk]) -> Iterator[dict[str, Any]]:
    for chunk in chunks:
        for candidate in chunk.get("candidates", []):
            yield candidate["content"]


def _split_calls(parts: list[Part]) -> list[Part]:
    split: list[Part] = []
    for part in parts:
        split.append(part)
        if "functionCall" in part:
            call = part["functionCall"]
            split.append({"functionCall": {"args": call["args"]}})
            part["functionCall"] = {**call, "args": {}}
    return split


def _with_one_id(parts: list[Part]) -> list[Part]:
    for part in parts:
        if "functionCall" in part:
            part["functionCall"]["id"] = "sameid00"
    return parts


def _with_nulls(parts: list[Part]) -> list[Part]:
    nulls: list[Any] = [None, {"functionCall": None, "text": None}]
    return nulls + parts


def _as_object(parts: list[Part]) -> Any:
    return parts[0] if len(parts) == 1 else parts


def _without_data(parts: list[Part]) -> list[Part]:
    for part in parts:
        if "inlineData" in part:
            del part["inlineData"]["data"]
    return parts


def _with_drafts(parts: list[Part]) -> list[Part]:
    drafts = [part | {"thought": True} for part in parts if "inlineData" in part]
    return drafts + parts


def _halved(parts: list[Part]) -> list[Part]:
    for part in parts:
        if "text" in part:
            part["text"] += _HALF
        args = part.get("functionCall", {}).get("args", {})
        args.update({k: v + _HALF for k, v in args.items() if isinstance(v, str)})
    return parts


def _with_empty_members(chunks: list[Chunk]) -> list[Chunk]:
    empty: list[Chunk] = [
        {},
        {"candidates": []},
        {"candidates": [{}]},
        {"candidates": [{"content": {}}]},
        {"candidates": [{"content": {"role": "model", "parts": []}}]},
        {"candidates": None, "usageMetadata": None},
    ]
    return empty + chunks


def _with_text_counts(chunks: list[Chunk]) -> list[Chunk]:
    for chunk in chunks:
        usage = chunk.get("usageMetadata", {})
        usage.update({k: str(v) for k, v in usage.items() if isinstance(v, int)})
    return chunks


SHAPES: dict[str, Callable[[list[Chunk]], list[Chunk]]] = {
    "same-ids": _by_parts(_with_one_id),
    "split-call": _by_parts(_split_calls),
    "text-counts": _with_text_counts,
    "no-data": _by_parts(_without_data),
    "draft-image": _by_parts(_with_drafts),
    "surrogates": _by_parts(_halved),
    "null-parts": _by_parts(_with_nulls),
    "parts-object": _by_parts(_as_object),
    "empty-members": _with_empty_members,
}
"""In the order in which they can be had together."""
