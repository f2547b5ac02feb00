"""Cuts an answer into the chunks Google streams it in, usage on each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..tokens import part_tokens
from .script import Chunk, Part

Ending: TypeAlias = Literal["text", "signature", "bare"]
"""What the finishing chunk holds: the last part, an empty text that carries a
signature, or no parts at all."""

_FIRST_TEXT_CHARS = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """What all chunks of an answer share; tokens of the prompt, cached and thought."""

    version: str
    response_id: str
    prompt_tokens: int
    cached_tokens: int = 0
    thought_tokens: int = 0


@dataclass(slots=True)
class Reply:
    """An answer as a whole.

    ``finish`` None is a stream that never says why it ends. ``extra`` are members of
    the finishing candidate (groundingMetadata, finishMessage).
    """

    parts: list[Part] = field(default_factory=list)
    finish: str | None = "STOP"
    extra: dict[str, Any] = field(default_factory=dict)


def cut(
    reply: Reply, frame: Frame, *, chunk_chars: int, ending: Ending, signature: str
) -> list[Chunk]:
    """The reply as chunks: thoughts, then text in pieces, calls whole."""
    groups = _groups(reply.parts, chunk_chars)
    if ending == "signature":
        groups.append([{"text": "", "thoughtSignature": signature}])
    elif ending == "bare" or not groups:
        groups.append([])
    return assembled(groups, frame, reply.finish, reply.extra)


def assembled(
    groups: list[list[Part]],
    frame: Frame,
    finish: str | None,
    extra: dict[str, Any] | None = None,
) -> list[Chunk]:
    """One chunk per group of parts; the last one finishes."""
    chunks, visible = [], 0
    for index, parts in enumerate(groups):
        is_last = index == len(groups) - 1
        visible += sum(part_tokens(part) for part in parts if not part.get("thought"))
        candidate: dict[str, Any] = {"index": 0, "content": {"role": "model"}}
        if parts:
            candidate["content"]["parts"] = parts
        if is_last and finish:
            candidate["finishReason"] = finish
        if is_last:
            candidate |= extra or {}
        chunks.append(framed(frame, visible, is_last, {"candidates": [candidate]}))
    return chunks


def blocked(frame: Frame, reason: str) -> Chunk:
    """The only chunk of a prompt that was not let through."""
    feedback = {"blockReason": reason, "safetyRatings": _RATINGS}
    return framed(frame, 0, True, {"promptFeedback": feedback})


def framed(frame: Frame, visible: int, is_last: bool, members: Chunk) -> Chunk:
    """A chunk with usage so far; only the last one tells of cached tokens."""
    return {
        **members,
        "usageMetadata": usage(frame, visible, is_last),
        "modelVersion": frame.version,
        "responseId": frame.response_id,
    }


def usage(frame: Frame, visible: int, is_last: bool) -> dict[str, Any]:
    """Cumulative usage: the total is prompt, candidates and thoughts together."""
    counted: dict[str, Any] = {"promptTokenCount": frame.prompt_tokens}
    if visible:
        counted["candidatesTokenCount"] = visible
    counted["totalTokenCount"] = frame.prompt_tokens + visible + frame.thought_tokens
    if frame.thought_tokens:
        counted["thoughtsTokenCount"] = frame.thought_tokens
    if is_last and frame.cached_tokens:
        counted["cachedContentTokenCount"] = frame.cached_tokens
    details = {"modality": "TEXT", "tokenCount": frame.prompt_tokens}
    return counted | {"promptTokensDetails": [details]}


def fitted(reply: Reply, tokens: int) -> Reply:
    """The reply cut off where the tokens run out, calls dropped whole."""
    kept: list[Part] = []
    for part in reply.parts:
        cost = 0 if part.get("thought") else part_tokens(part)
        if cost <= tokens:
            tokens -= cost
            kept.append(part)
            continue
        if part.get("text") and tokens > 0:
            kept.append({**part, "text": part["text"][: tokens * 4]})
        return Reply(kept, "MAX_TOKENS")
    return reply


def _groups(parts: list[Part], chunk_chars: int) -> list[list[Part]]:
    groups: list[list[Part]] = []
    for part in parts:
        if "text" in part and not part.get("thought"):
            first, *others = _pieces(part["text"], chunk_chars)
            groups += [[{**part, "text": first}], *([{"text": t}] for t in others)]
        else:
            groups.append([part])
    return groups


def _pieces(text: str, chunk_chars: int) -> list[str]:
    first = min(_FIRST_TEXT_CHARS, chunk_chars)
    starts = [0, *range(first, len(text), chunk_chars)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


_RATINGS = [
    {
        "category": "HARM_CATEGORY_DANGEROUS_CONTENT",
        "probability": "HIGH",
        "blocked": True,
    }
]
