"""A body in the one spelling of the house: names, enums, bytes and lists.

Proto JSON lets clients spell a field in two ways, name an enum by its number, leave
out the brackets of a list of one; Google's SDKs write bytes in the URL-safe alphabet.
Code Assist and Vertex AI were not seen to take all of that, and whoever reads a body
behind this would have to know it. What is not known is left as it came: Google judges
it. (Facts: gemini-native A4.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from ...errors import InvalidRequest
from ...gemini import media_types
from ...gemini.thoughts import BYPASSES, SENTINEL
from . import fields
from .enums import EITHER_CASE, REQUEST
from .messages import MESSAGES, Kind, camel, snake

LONGEST_NAME = 200
"""Of a field whose spelling is looked into."""


def tidied(body: Any, message: str, path: str = "") -> dict[str, Any]:
    """A copy of a message as it leaves. ``path`` is where it stands, in snake_case.

    Null is the same as absent. Raises `InvalidRequest` for a known field of a wrong
    type, and for bytes that are no base64.
    """
    if isinstance(body, list):
        raise fields.not_repeating(path)
    if not isinstance(body, dict):
        raise fields.wrong_type(path, message, body)
    known, found = MESSAGES[message], dict[str, Any]()
    for given, value in body.items():
        name = given if given in known else _spelled(given)
        kind = known.get(name)
        if kind is None:
            found[given] = value
        elif value is not None and (name == given or body.get(name) is None):
            found[name] = _value(value, kind, _join(path, snake(name)))
    return found


def _spelled(name: str) -> str:
    is_snake = "_" in name and len(name) <= LONGEST_NAME
    return camel(name) if is_snake else name


def _value(value: Any, kind: Kind, path: str) -> Any:
    if kind.shape == "list":
        return _list(value, kind, path)
    if kind.shape == "map":
        return _map(value, kind, path)
    return _one(value, kind, path)


def _list(value: Any, kind: Kind, path: str) -> list[Any]:
    """One message stands for a list of one."""
    items = value if isinstance(value, list) else [value]
    if items is not value and not isinstance(value, dict):
        raise fields.wrong_type(path, kind.name, value)
    return [_one(item, kind, f"{path}[{at}]") for at, item in enumerate(items)]


def _map(value: Any, kind: Kind, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise fields.wrong_type(path, kind.name, value)
    return {
        key: _one(item, kind, f"{path}[{at}].value")
        for at, (key, item) in enumerate(value.items())
    }


def _one(value: Any, kind: Kind, path: str) -> Any:
    if kind.is_enum:
        return _enum(value, kind.name, path)
    read = SCALARS.get(kind.name)
    if read is None:
        return tidied(value, kind.name, path)
    return read(value, path)


def _enum(value: Any, name: str, path: str) -> Any:
    """The name of a number; what has none goes as it is."""
    if isinstance(value, dict | list | bool):
        raise fields.wrong_type(path, name, value)
    if isinstance(value, str):
        return value.upper() if name in EITHER_CASE else value
    return REQUEST[name].get(value, value)


# ------------------------------------------------------------------------ scalars


def _any(value: Any, path: str) -> Any:
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "text", value)
    return value


def _flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "flag", value)
    return value


def _struct(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path, "struct", value)
    return value


def _number(value: Any, path: str) -> float:
    """Proto JSON takes numbers as text, too."""
    if isinstance(value, str) and len(value) <= LONGEST_NAME:
        try:
            value = float(value)
        except ValueError:
            raise _wrong(path, "number", value) from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(path, "number", value)
    if isinstance(value, float) and not isfinite(value):
        raise _wrong(path, "number", str(value))
    return value


def _whole(value: Any, path: str) -> int:
    number = _number(value, path)
    if number % 1:
        raise _wrong(path, "whole", value)
    return int(number)


def _bytes(value: Any, path: str) -> str:
    """Base64 in the standard alphabet, padded."""
    data = _text(value, path)
    if not data:
        return data
    try:
        return media_types.checked_base64(data)
    except ValueError:
        raise fields.bad_base64(path, data) from None


def _signature(value: Any, path: str) -> str:
    """The same bytes; one that is damaged is mended when Google refuses it."""
    signature = _text(value, path)
    if signature in BYPASSES:
        return SENTINEL
    try:
        return media_types.checked_base64(signature)
    except ValueError:
        return signature


def _blob(value: Any, path: str) -> dict[str, Any]:
    """Media carried inside; its bytes decide what it is where its label does not."""
    blob = tidied(value, "Blob", path)
    if blob.get("data"):
        mime_type = media_types.settled_type(blob.get("mimeType"), blob["data"])
        blob |= {"mimeType": mime_type} if mime_type else {}
    return blob


def _system(value: Any, path: str) -> dict[str, Any]:
    """SDKs take a text, or parts, for the whole instruction."""
    if isinstance(value, str):
        value = {"parts": [{"text": value}]}
    elif isinstance(value, list):
        given = [{"text": part} if isinstance(part, str) else part for part in value]
        value = {"parts": given}
    instruction = tidied(value, "Content", path)
    parts = [part for part in instruction.get("parts", ()) if part != {"text": ""}]
    said = [part for part in parts if part]
    return {**instruction, "role": "user", "parts": said} if said else {}


def _wrong(path: str, kind: str, value: Any) -> InvalidRequest:
    if isinstance(value, list):
        return fields.not_repeating(path)
    return fields.wrong_type(path, kind, value)


SCALARS: Mapping[str, Callable[[Any, str], Any]] = {
    "any": _any,
    "text": _text,
    "flag": _flag,
    "struct": _struct,
    "number": _number,
    "whole": _whole,
    "bytes": _bytes,
    "signature": _signature,
    "blob": _blob,
    "system": _system,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
