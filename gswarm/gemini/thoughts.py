"""Thought signatures and native call ids, put into a request before it leaves.

Gemini 3 checks, in the current turn only, that the first functionCall of every model
content carries the signature it was issued with; parallel siblings have none. Two
values pass the check for calls Gemini did not make (Gemini API docs, thought
signatures). Signatures on text are not checked, but answers are better with them.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import TypeAlias

from .calls import unlike
from .models import Model, find
from .request import Body, GenerateRequest, PastCall

SENTINEL = "skip_thought_signature_validator"

BYPASSES = frozenset({SENTINEL, "context_engineering_is_the_way_to_go"})
"""The values that Google documents; Vertex AI knows but the first."""

Id: TypeAlias = str | None
"""What a call is known by; None where it has no id."""

MOST_TURNS = 4
"""How many of the model's turns have their text signed: the newest."""


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What is remembered of a call, or a turn's text, that went through this gateway.

    ``native_id`` and ``signature`` are None where Gemini gave none; ``model`` and
    ``account`` say who issued the signature.
    """

    native_id: str | None
    signature: str | None
    model: str
    account: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is remembered of a conversation's function calls, by the client's call ids,
    and of its latest texts, by `id_of_text`.

    ``account`` issued the newest signature among the calls, and is best asked again.
    """

    known: Mapping[str, KnownCall] = field(default_factory=dict)
    account: str | None = None


def with_signatures(request: GenerateRequest, known: Mapping[str, KnownCall]) -> Body:
    """The body with every call as Gemini made it, as far as that is known.

    A signature is the remembered one, else the one the client echoed, else, where
    Gemini would refuse the call without, the sentinel. Native ids take the place of
    the client's; models before Gemini 3 get no ids. Text is signed where it is known
    under `id_of_text`. ``request`` is not changed.
    """
    model = find(request.model)

    def signature(call: PastCall) -> str | None:
        remembered = known.get(call.call_id)
        issued = remembered.signature if remembered else call.signature
        return issued or _sentinel(call, model)

    body = _rewritten(request, model, known, signature_of=signature)
    return {**body, "contents": _with_signed_text(body["contents"], known)}


def with_sentinels(
    request: GenerateRequest, known: Mapping[str, KnownCall] | None = None
) -> Body:
    """The body with no signature but sentinels: for the retry after a refusal."""
    model = find(request.model)
    body = _rewritten(
        request, model, known or {}, signature_of=lambda call: _sentinel(call, model)
    )
    return {**body, "contents": list(map(_with_bare_text, body["contents"]))}


def _with_bare_text(content: Body) -> Body:
    """A content whose text is not signed; what held a signature only is gone."""
    if not any(map(_signs_text, content["parts"])):
        return content
    parts = []
    for part in content["parts"]:
        if _signs_text(part):
            part = {k: v for k, v in part.items() if k != "thoughtSignature"}
            if part.keys() <= {"text", "thought"} and not part.get("text"):
                continue
        parts.append(part)
    return {**content, "parts": parts or [{"text": " "}]}


def id_of_text(text: str) -> str:
    """Stands for a turn's text where calls have their ids; clients trim what they
    keep."""
    return f"text:{sha256(text.strip().encode()).hexdigest()}"


def latest_texts(contents: list[Body]) -> dict[int, str]:
    """What the model said in its latest turns with text, by their index."""
    found: dict[int, str] = {}
    for at in range(len(contents) - 1, -1, -1):
        if contents[at]["role"] != "model":
            continue
        text = "".join(map(_said_in, contents[at]["parts"]))
        if text.strip():
            found[at] = text
        if len(found) == MOST_TURNS:
            break
    return found


def _said_in(part: Body) -> str:
    """A part's words, if they are no thought."""
    return "" if part.get("thought") else part.get("text") or ""


def _with_signed_text(
    contents: list[Body], known: Mapping[str, KnownCall]
) -> list[Body]:
    """The signature stands on the last part with text: no part is made for it. Where a
    client has kept its signatures they stay as they are."""
    signed = list(contents)
    for at, text in latest_texts(contents).items() if known else ():
        turn = known.get(id_of_text(text))
        parts = list(contents[at]["parts"])
        if turn and turn.signature and not any(map(_signs_text, parts)):
            last = max(n for n, part in enumerate(parts) if _said_in(part))
            parts[last] = {**parts[last], "thoughtSignature": turn.signature}
            signed[at] = {**contents[at], "parts": parts}
    return signed


def _signs_text(part: Body) -> bool:
    return "thoughtSignature" in part and "functionCall" not in part


def _sentinel(call: PastCall, model: Model) -> str | None:
    checked = model.enforces_signatures and call.is_current and call.is_first
    return SENTINEL if checked else None


def _rewritten(
    request: GenerateRequest,
    model: Model,
    known: Mapping[str, KnownCall],
    signature_of: Callable[[PastCall], str | None],
) -> Body:
    contents: list[Body] = list(request.body["contents"])
    for at, group in groupby(request.past_calls, key=lambda call: call.content):
        calls = list(group)
        native = _distinct([_native_id(call, model, known) for call in calls], calls)
        parts, ids = list(contents[at]["parts"]), defaultdict[str, deque[Id]](deque)
        for call, native_id in zip(calls, native, strict=True):
            ids[call.call_id].append(native_id)
            parts[call.part] = _call_part(
                parts[call.part], native_id, signature_of(call)
            )
        contents[at] = {**contents[at], "parts": parts}
        # A call's results stand in the very next content.
        if at + 1 < len(contents):
            contents[at + 1] = _with_ids(contents[at + 1], ids)
    return {**request.body, "contents": contents}


def _distinct(native: list[Id], calls: list[PastCall]) -> list[Id]:
    """The ids with none twice, whoever gave them: Google matches results by them."""
    taken, times = set[str](), Counter[str]()
    found: list[Id] = []
    for native_id, call in zip(native, calls, strict=True):
        times[call.call_id] += 1
        if native_id in taken:
            native_id = unlike(call.call_id, taken, times[call.call_id])
        if native_id:
            taken.add(native_id)
        found.append(native_id)
    return found


def _native_id(
    call: PastCall, model: Model, known: Mapping[str, KnownCall]
) -> str | None:
    if not model.takes_call_ids:
        return None
    remembered = known.get(call.call_id)
    if remembered:
        return remembered.native_id
    return None if call.is_made_up else call.call_id


def _call_part(part: Body, native_id: str | None, signature: str | None) -> Body:
    told = {**part, "functionCall": _identified(part["functionCall"], native_id)}
    if signature:
        told["thoughtSignature"] = signature
    else:
        told.pop("thoughtSignature", None)
    return told


def _with_ids(content: Body, ids: Mapping[str, deque[Id]]) -> Body:
    parts = [_result_part(part, ids) for part in content["parts"]]
    return {**content, "parts": parts}


def _result_part(part: Body, ids: Mapping[str, deque[Id]]) -> Body:
    """Results under one id belong to the calls of that id in their order."""
    result = part.get("functionResponse")
    if not result:
        return part
    waiting = ids.get(result.get("id", "")) or deque[Id]([None])
    native_id = waiting.popleft() if len(waiting) > 1 else waiting[0]
    return {**part, "functionResponse": _identified(result, native_id)}


def _identified(named: Body, native_id: str | None) -> Body:
    """A functionCall or functionResponse under another id, or under none."""
    bare = {key: value for key, value in named.items() if key != "id"}
    return {**bare, "id": native_id} if native_id else bare
