"""Remembers what Gemini knew its function calls by, because clients do not.

Gemini 3 demands its thought signatures back within a turn, and most clients drop every
field they do not know; all of them echo the call's id, or at least its name and
arguments. So the signature stays here, found again by either. Text may be signed too:
that signature is found again by the text.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from ..gemini.calls import NotedCall, bare_id
from ..gemini.plain import plain
from ..gemini.request import GenerateRequest, PastCall
from ..gemini.thoughts import KnownCall, Recalled, id_of_text, latest_texts
from ..store.connection import Pipeline
from ..store.deferred import Later
from ..store.signatures import queue_keep, queue_recall

MOST_PER_REQUEST = 128
"""Calls kept of one answer, and looked up (two ways) for one request."""

LONGEST_SIGNATURE = 32_768
"""Characters; seen are 156 to 1936."""


NOTHING = Recalled()

_Ways: TypeAlias = tuple[str, Sequence[str]]
"""What is looked for, by its id, and the hashes it may be found by."""


def keep(
    pipe: Pipeline,
    tenant: str,
    notes: Sequence[NotedCall],
    *,
    model: str,
    account: str,
    signed_text: tuple[str, str] | None = None,
    now: float | None = None,
) -> None:
    """Queue the memory of an answer's calls and text. ``tenant`` is an API key's id.

    Calls without a signature are kept too: that Gemini gave them none is worth knowing.
    """
    calls: dict[str, str] = {}
    for note in notes[:MOST_PER_REQUEST]:
        if len(note.signature or "") <= LONGEST_SIGNATURE:
            known = [note.native_id, note.signature, model, account]
            value = orjson.dumps(known).decode()
            ways = _ways(tenant, model, note.call_id, note.name, note.args)
            calls |= dict.fromkeys(ways, value)
    text, signature = signed_text or ("", "")
    if text.strip() and len(signature) <= LONGEST_SIGNATURE:
        way = _way_to_text(id_of_text(text), tenant, model)
        calls[way] = orjson.dumps([None, signature, model, account]).decode()
    if calls:
        queue_keep(pipe, tenant, calls, time.time() if now is None else now)


def recall(pipe: Pipeline, tenant: str, request: GenerateRequest) -> Later[Recalled]:
    """Queue the look-up of the current turn's calls, and of the latest texts; no
    command where there are none."""
    model, calls = request.model, [c for c in request.past_calls if c.is_current]
    ways: list[_Ways] = [
        (call.call_id, _ways_to(call, tenant, model))
        for call in calls[-MOST_PER_REQUEST:]
    ]
    number = len(ways)
    texts = map(id_of_text, latest_texts(request.body["contents"]).values())
    ways += [(text, (_way_to_text(text, tenant, model),)) for text in texts]
    if not ways:
        return Later.known(NOTHING)
    digests = list(dict.fromkeys(way for _, by in ways for way in by))
    return queue_recall(pipe, digests).then(
        lambda found: _recalled(ways[:number], ways[number:], found)
    )


def _recalled(
    calls: Sequence[_Ways], texts: Sequence[_Ways], found: Mapping[str, str]
) -> Recalled:
    known = _known(calls, found)
    return Recalled({**known, **_known(texts, found)}, _issuer(list(known.values())))


def _known(ways: Sequence[_Ways], found: Mapping[str, str]) -> dict[str, KnownCall]:
    """Each by its first way that leads anywhere.

    Clients that number the calls of each step anew give one id to several: what is
    found for it then belongs to none of them.
    """
    values: dict[str, set[str | None]] = {}
    for named, by in ways:
        value = next((found[way] for way in by if way in found), None)
        values.setdefault(named, set()).add(value)
    return {
        named: KnownCall(*orjson.loads(value))
        for named, (value, *others) in values.items()
        if value and not others
    }


def _issuer(known: Sequence[KnownCall]) -> str | None:
    accounts = [call.account for call in known if call.signature]
    return accounts[-1] if accounts else None


def _way_to_text(text_id: str, tenant: str, model: str) -> str:
    return _hash(tenant, "text", model, text_id)


def _ways_to(call: PastCall, tenant: str, model: str) -> tuple[str, ...]:
    return _ways(tenant, model, call.call_id, call.name, call.args)


def _ways(
    tenant: str, model: str, call_id: str, name: str, args: Mapping[str, Any]
) -> tuple[str, ...]:
    """The hashes a call is found by: its id, and what it calls with what."""
    by_id = _hash(tenant, "id", bare_id(call_id))
    try:
        canonical = orjson.dumps(plain(args), option=orjson.OPT_SORT_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError):
        return (by_id,)
    return by_id, _hash(tenant, "call", model, name, canonical)


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
