"""Give every function call an id of our own, and note what Gemini knew it by."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count
from typing import Any

from .reply import parts_of
from .request import Chunk

_OURS = re.compile(r"[a-z]+_([0-9a-f]{24})")


@dataclass(frozen=True, slots=True)
class NotedCall:
    """One function call of a reply, as it must be sent back to Gemini later.

    ``native_id`` is Gemini's own id (older models give none); ``signature`` the thought
    signature on its part, which only the first call of a reply carries; ``is_first``
    says whether it is that one.
    """

    call_id: str
    native_id: str | None
    name: str
    args: dict[str, Any]
    signature: str | None
    is_first: bool


def new_call_id() -> str:
    """29 characters of ``[A-Za-z0-9_-]``: short and plain enough for every client."""
    return f"call_{secrets.token_hex(12)}"


def bare_id(call_id: str) -> str:
    """What the ids of one call have in common: dialects give it their own beginning."""
    found = _OURS.fullmatch(call_id)
    return found[1] if found else call_id


def unlike(call_id: str, taken: Collection[str], nth: int = 2) -> str:
    """The id, numbered if need be so that it is none of those; ``nth`` is where to
    begin."""
    if call_id not in taken:
        return call_id
    return next(each for n in count(nth) if (each := f"{call_id}_{n}") not in taken)


def label_calls(
    chunk: Chunk, seen: int, new_id: Callable[[], str] = new_call_id
) -> list[NotedCall]:
    """Replace, in place, the id of every function call in ``chunk``.

    ``seen`` is how many calls earlier chunks of the same reply held.
    """
    noted: list[NotedCall] = []
    for part in parts_of(chunk):
        call = part.get("functionCall")
        if call is not None:
            noted.append(_label(part, call, new_id(), seen + len(noted) == 0))
    return noted


def _label(
    part: dict[str, Any], call: dict[str, Any], call_id: str, is_first: bool
) -> NotedCall:
    native_id = call.get("id") or None
    call["id"] = call_id
    return NotedCall(
        call_id=call_id,
        native_id=native_id,
        name=call.get("name") or "",
        args=call.get("args") or {},
        signature=part.get("thoughtSignature") or part.get("thought_signature"),
        is_first=is_first,
    )
