"""Write a whole reply as a message, and the pieces a stream shares with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UpstreamError
from ...gemini.reply import Fold, Part, Usage
from ..openai_chat.integers import with_integers
from ..openai_chat.write import is_audio, visible_text
from ..served import Served
from . import ids, search, signatures
from .shape import ReplyShape

STOP_REASONS: Mapping[str, str] = {
    "stop": "end_turn",
    "calls": "tool_use",
    "length": "max_tokens",
    "blocked": "refusal",
}


def write_message(fold: Fold, shape: ReplyShape, served: Served) -> dict[str, Any]:
    """A ``message``; raises `UpstreamError` when the reply is unusable.

    The function calls must carry ids of ours already (`gemini.calls.label_calls`).
    """
    ending = write_ending(fold)
    return {
        **write_envelope(shape, served),
        "content": _content(fold, shape, served.model),
        "stop_details": None,
        **ending,
        "usage": write_usage(fold.usage, search.count(fold, shape)),
    }


# ----------------------------------------------------------------------- content


def _content(fold: Fold, shape: ReplyShape, issuer: str) -> list[dict[str, Any]]:
    written = _Content(shape, issuer)
    for part in fold.parts:
        written.add(part)
    return written.thinking_first(search.write_results(fold, shape))


class _Content:
    """The blocks of a whole message, in the order they came. ``issuer`` is the model
    that answered: signatures are good for no other."""

    def __init__(self, shape: ReplyShape, issuer: str) -> None:
        self._shape = shape
        self._issuer = issuer
        self._blocks: list[dict[str, Any]] = []
        self._carrier: dict[str, Any] | None = None
        self._calls = 0

    def add(self, part: Part) -> None:
        if "functionCall" in part:
            self._add_call(part)
        elif part.get("thought"):
            self._add_thought(part.get("text") or "")
        elif words := shown_words(part):
            self._add_words("text", words)

    def thinking_first(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All blocks, with what a search found before the text that rests on it."""
        at = next(
            (n for n, b in enumerate(self._blocks) if b["type"] != "thinking"),
            len(self._blocks),
        )
        return [*self._blocks[:at], *found, *self._blocks[at:]]

    def _add_thought(self, words: str) -> None:
        if words and self._shape.thinks:
            self._carrier = self._add_words("thinking", words)
            self._carrier["signature"] = signatures.wrap(self._issuer, None)

    def _add_words(self, kind: str, words: str) -> dict[str, Any]:
        last = self._blocks[-1] if self._blocks else {}
        if last.get("type") != kind:
            last = {"type": kind, kind: ""}
            self._blocks.append(last)
        last[kind] += words
        return last

    def _add_call(self, part: Part) -> None:
        self._calls += 1
        if self._calls > 1 and self._shape.one_call_only:
            return
        signature = signature_of(part)
        if signature and self._shape.thinks:
            carrier = self._carrier or self._add_words("thinking", "")
            carrier["signature"] = signatures.wrap(self._issuer, signature)
        self._carrier = None
        self._blocks.append(write_tool_use(part, self._shape))


# ----------------------------------------------------------------- shared pieces


def write_envelope(shape: ReplyShape, served: Served) -> dict[str, Any]:
    """A message without content, as a stream begins with it."""
    return {
        "id": f"msg_{served.id}",
        "type": "message",
        "role": "assistant",
        "model": shape.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def write_ending(fold: Fold) -> dict[str, Any]:
    """Why the reply ended, from what happened."""
    if fold.ending not in STOP_REASONS:
        raise UpstreamError("The upstream service sent an unusable reply.")
    ended = {"stop_reason": STOP_REASONS[fold.ending], "stop_sequence": None}
    return {**ended, **_refusal(fold)} if fold.ending == "blocked" else ended


def _refusal(fold: Fold) -> dict[str, Any]:
    reason = fold.finish_message or fold.finish_reason or fold.block_reason
    details = {"type": "refusal", "category": None, "explanation": reason}
    return {"stop_details": details}


def write_usage(usage: Usage, searches: int = 0) -> dict[str, Any]:
    """Tokens; what was cached is not part of ``input_tokens`` here."""
    server = {"web_search_requests": searches, "web_fetch_requests": 0}
    return {
        "input_tokens": max(0, usage.prompt - usage.cached),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.completion,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
        "server_tool_use": server if searches else None,
        "service_tier": "standard",
    }


def write_tool_use(part: Part, shape: ReplyShape) -> dict[str, Any]:
    """A function call with the name and the kinds of numbers the client declared."""
    call = part["functionCall"]
    name = call.get("name") or ""
    args = call.get("args") or {}
    if schema := shape.parameters.get(name):
        args = with_integers(args, schema)
    return {
        "type": "tool_use",
        "id": ids.tool_use_id(call["id"]),
        "name": shape.names.get(name, name),
        "input": args,
    }


def signature_of(part: Part) -> str | None:
    """The thought signature on a part."""
    return part.get("thoughtSignature") or part.get("thought_signature")


def shown_words(part: Part) -> str:
    """What a part adds to the text. Anthropic has no block for pictures of a model:
    they are words, too, as Markdown."""
    media = part.get("inlineData")
    if not media:
        return visible_text(part)
    if part.get("thought"):
        return ""
    if is_audio(media):
        return "[audio omitted]"
    return f"![image](data:{media.get('mimeType')};base64,{media.get('data')})"
