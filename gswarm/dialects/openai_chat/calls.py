"""Tool calls and tool results as clients send them back."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import orjson

from ...gemini.members import MEMBERS_FREE, is_crowded
from ...gemini.nesting import MAX_NESTING, deeper_than
from ...gemini.request import Body
from . import fields

_SIGNATURE = re.compile(r"[A-Za-z0-9+/_=-]+")
_PLAIN = {"id", "type", "index", "function", "name", "arguments"}
"""What a call consists of when a client echoes nothing else."""


# ------------------------------------------------------------------- arguments


def arguments(value: Any, path: str) -> Body:
    """A call's arguments as an object, whatever the client made of them.

    What is no JSON is kept under ``_raw``, what is no object under ``value``: history
    is told as it was, not refused.
    """
    if isinstance(value, str):
        value = _parsed(value) if value.strip() else None
    elif deeper_than(value):
        raise fields.unsupported(path, f"'{path}' is nested too deeply.")
    if value is None:
        return {}
    return value if isinstance(value, dict) else {"value": value}


def _parsed(text: str) -> Any:
    """JSON of bearable depth; other text is kept under ``_raw``."""
    if len(text) > MEMBERS_FREE and is_crowded(text.encode()):
        return {"_raw": text}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"_raw": text}
    return {"_raw": text} if _is_deep(text, value) else value


def _is_deep(text: str, value: Any) -> bool:
    brackets = text.count("{") + text.count("[")
    return brackets > MAX_NESTING and deeper_than(value)


def custom_input(custom: Body, path: str) -> Body:
    """A custom tool takes one string; here it is a function's only argument."""
    return {"input": fields.text(custom, "input", f"{path}.input") or ""}


# --------------------------------------------------------------------- results


def response_of(text: str) -> Body:
    """A tool's words as functionResponse.response, which must be an object.

    JSON objects go as they are, save one with a ``$ref``, which Gemini would follow;
    everything else stays a string, numbers too.
    """
    if text.lstrip()[:1] == "{" and '"$ref"' not in text:
        parsed: Body = _parsed(text)
        if "_raw" not in parsed:
            return parsed
    return {"result": text}


# ------------------------------------------------------------------ signatures


def echoed_signatures(message: Body) -> dict[Any, str]:
    """Signatures a message carries beside its calls, by call id or position."""
    found: dict[Any, str] = {}
    specific = _inside(message, "provider_specific_fields", "thought_signatures")
    if isinstance(specific, list):
        found.update((at, sig) for at, sig in enumerate(specific) if _looks_signed(sig))
    details = message.get("reasoning_details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("type") == "reasoning.encrypted":
            named = detail.get("id")
            if _looks_signed(detail.get("data")):
                found[named if isinstance(named, str) else 0] = detail["data"]
    return found


def echoed_signature(call: Body, call_id: str | None) -> str | None:
    """The signature a client hands back with one call, wherever it keeps it."""
    if call.keys() <= _PLAIN and "__" not in (call_id or ""):
        function = call.get("function")
        if isinstance(function, dict) and function.keys() <= _PLAIN:
            return None
    return next(filter(_looks_signed, _places(call, call_id)), None)


def _places(call: Body, call_id: str | None) -> Iterator[Any]:
    yield _inside(call, "extra_content", "google", "thought_signature")
    for holder in (call.get("function"), call):
        if isinstance(holder, dict):
            yield holder.get("thought_signature")
            yield holder.get("thoughtSignature")
            yield _inside(holder, "provider_specific_fields", "thought_signature")
    if call_id and "__" in call_id:
        yield _within_id(call_id)


def _within_id(call_id: str) -> str | None:
    """Some gateways hide the signature in the id; one of them encodes it again."""
    _, mark, hidden = call_id.partition("__thought__")
    if mark:
        return hidden
    _, _, hidden = call_id.partition("__sig__")
    try:
        return base64.b64decode(hidden + "=" * (-len(hidden) % 4)).decode("ascii")
    except ValueError:
        return None


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _looks_signed(value: Any) -> bool:
    return isinstance(value, str) and _SIGNATURE.fullmatch(value) is not None
