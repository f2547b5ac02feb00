"""Make Google's odd chunks regular, before anybody reads them.

Seen: a function call in two parts, the name first and the arguments in a part of their
own; null where an object belongs, one object in place of a list; counts as text; media
without data; pictures marked as thoughts before the one that is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from .json_text import loads
from .media_types import checked_base64, settled_type
from .partial_args import add_pieces
from .request import Chunk

Part: TypeAlias = dict[str, Any]

_CHUNK = frozenset(
    {
        "candidates",
        "usageMetadata",
        "modelVersion",
        "responseId",
        "createTime",
        "modelStatus",
    }
)
_CANDIDATE = frozenset(
    {
        *("content", "index", "finishReason", "safetyRatings"),
        *("avgLogprobs", "tokenCount"),
    }
)
_LOOSE = frozenset(
    {
        "promptTokensDetails",
        "candidatesTokensDetails",
        "cacheTokensDetails",
        "toolUsePromptTokensDetails",
        "trafficType",
        "serviceTier",
    }
)
_TEXTS = ("modelVersion", "responseId")
_OBJECTS = (
    "groundingMetadata",
    "citationMetadata",
    "urlContextMetadata",
    "logprobsResult",
)
_LISTS = (
    "groundingChunks",
    "groundingSupports",
    "webSearchQueries",
    "chosenCandidates",
    "topCandidates",
    "citationSources",
    "citations",
    "urlMetadata",
)


class Normalizer:
    """Reads the chunks of one reply in order.

    A call that has no arguments yet, or will have more, is held back until it is known
    that none follow.
    """

    def __init__(self) -> None:
        self._held: Part | None = None

    def __call__(self, chunk: Chunk) -> Chunk:
        """The chunk as it should be; it may be the same object, changed."""
        if self._held is None and _is_regular(chunk):
            return chunk
        chunk = _tidied(chunk)
        for candidate in chunk.get("candidates", ())[:1]:
            self._put_parts(candidate)
        return chunk

    def _put_parts(self, candidate: dict[str, Any]) -> None:
        parts = list(self._joined(_parts(candidate)))
        if self._held and candidate.get("finishReason"):
            parts.append(self._let_go())
        if parts or "content" in candidate:
            candidate["content"] = {"role": "model", "parts": parts}

    def _joined(self, parts: list[Part]) -> Iterator[Part]:
        """The parts, with a call's arguments in it that came by themselves."""
        for part in parts:
            call = part.get("functionCall")
            if call is not None and not call["name"]:
                self._complete(part)
                continue
            if self._held:
                yield self._let_go()
            if call is not None and (not call["args"] or "willContinue" in call):
                self._held = part
            else:
                yield part

    def _complete(self, rest: Part) -> None:
        """Add what belongs to the call before; of no call, it is nothing."""
        if self._held is None:
            return
        call, more = self._held["functionCall"], rest["functionCall"]
        call["args"] = {**call["args"], **more["args"]}
        add_pieces(call["args"], more.get("partialArgs"))
        if "id" in more:
            call.setdefault("id", more["id"])
        if "thoughtSignature" in rest:
            self._held.setdefault("thoughtSignature", rest["thoughtSignature"])

    def _let_go(self) -> Part:
        held, self._held = self._held, None
        assert held is not None
        held["functionCall"].pop("willContinue", None)
        return held


def _is_regular(chunk: Chunk) -> bool:
    """Whether it is one piece of text with counts, as nearly all are. This is done for
    every chunk of every stream, and therefore quickly."""
    try:
        (candidate,) = chunk["candidates"]
        (part,) = candidate["content"]["parts"]
        text, thought = part["text"], part.get("thought", False)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    if text.__class__ is not str or len(part) != 1 + (thought is True):
        return False
    if not (chunk.keys() <= _CHUNK and candidate.keys() <= _CANDIDATE):
        return False
    if candidate.get("finishReason", "").__class__ is not str:
        return False
    return _are_counts(chunk.get("usageMetadata", {}))


def _are_counts(usage: Any) -> bool:
    if usage.__class__ is not dict:
        return False
    for name, value in usage.items():
        if value.__class__ is not int and name not in _LOOSE:
            return False
    return True


def _tidied(chunk: Chunk) -> Chunk:
    """Members of the right kinds, or none."""
    tidy: Chunk = {}
    for name, value in chunk.items():
        if name == "usage_metadata":
            name = "usageMetadata"
        if name == "candidates":
            tidy[name] = [_candidate(each) for each in _dicts(value)]
        elif name == "usageMetadata":
            tidy[name] = _usage(value)
        elif name == "promptFeedback":
            tidy[name] = _texts(value, "blockReason", "blockReasonMessage")
        elif name not in _TEXTS or isinstance(value, str):
            tidy[name] = value
    return {name: value for name, value in tidy.items() if value is not None}


def _candidate(given: dict[str, Any]) -> dict[str, Any]:
    candidate = _texts(given, "finishReason", "finishMessage")
    for name in _OBJECTS:
        if name in candidate:
            candidate[name] = _lists(candidate[name])
    return {name: value for name, value in candidate.items() if value is not None}


def _parts(candidate: dict[str, Any]) -> list[Part]:
    content = candidate.get("content")
    given = content.get("parts") if isinstance(content, dict) else None
    given = given if isinstance(given, list) else [given]
    return [part for each in given if (part := _part(each))]


def _part(given: Any) -> Part | None:
    """The part with what it holds made regular; None if that is nothing."""
    if isinstance(given, str):
        given = {"text": given}
    if not isinstance(given, dict):
        return None
    part = {name: value for name, value in given.items() if value is not None}
    for name, read in _KINDS.items():
        if name in part and (value := read(part.pop(name))) is not None:
            part[name] = value
    if "thought_signature" in part:
        part.setdefault("thoughtSignature", part.pop("thought_signature"))
    if not isinstance(part.get("thoughtSignature", ""), str):
        del part["thoughtSignature"]
    if part.get("thought") is not True:
        part.pop("thought", None)
    elif "inlineData" in part:
        return None  # a draft: the picture that is meant comes after it
    if part.keys() <= {"thought", "thoughtSignature"}:
        return {"text": "", **part} if "thoughtSignature" in part else None
    return part


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return None if isinstance(value, dict | list) else str(value)


def _call(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    name, call_id = value.get("name"), value.get("id")
    call = {**value, "name": name if isinstance(name, str) else ""}
    call["args"] = _args(value.get("args"))
    if call["name"]:
        add_pieces(call["args"], call.pop("partialArgs", None))
    if not call.get("willContinue"):
        call.pop("willContinue", None)
    call.pop("id", None)
    return {**call, "id": str(call_id)} if call_id else call


def _args(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _media(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict) or not isinstance(value.get("data"), str):
        return None
    try:
        data = checked_base64(value["data"])
    except ValueError:
        return None
    kind = value.get("mimeType") or value.get("mime_type")
    label = kind if isinstance(kind, str) else None
    kind = settled_type(label, data) or "application/octet-stream"
    return {**value, "mimeType": kind, "data": data}


def _code(value: Any) -> dict[str, Any] | None:
    return _texts(value, *value) if isinstance(value, dict) and value else None


_KINDS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "functionCall": _call,
    "inlineData": _media,
    "executableCode": _code,
    "codeExecutionResult": _code,
}


def _usage(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    usage: dict[str, Any] = {}
    for name, given in value.items():
        if name.endswith("Count"):
            given = _count(given)
        elif name.endswith("Details"):
            given = [_counted(each) for each in _dicts(given)]
        if given is not None:
            usage[name] = given
    return usage


def _counted(detail: dict[str, Any]) -> dict[str, Any]:
    return {**detail, "tokenCount": _count(detail.get("tokenCount")) or 0}


def _count(value: Any) -> int | None:
    """A count, also one that is written as text or with a fraction."""
    try:
        count = int(float(value)) if not isinstance(value, int) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return count if count >= 0 else None


def _texts(value: Any, *names: str) -> dict[str, Any]:
    """The object, without those of the named members that are no text."""
    if not isinstance(value, dict):
        return {}
    return {
        name: member
        for name, member in value.items()
        if name not in names or isinstance(member, str)
    }


def _lists(value: Any) -> dict[str, Any] | None:
    """The object, with lists of objects (or texts) where those belong."""
    if not isinstance(value, dict):
        return None
    return {
        name: [each for each in _listed(member) if isinstance(each, dict | str)]
        if name in _LISTS
        else member
        for name, member in value.items()
        if member is not None
    }


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in _listed(value) if isinstance(each, dict)]


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
