"""A body in the one spelling of the house: names, enums, bytes and lists.

Proto JSON lets clients spell a field in two ways, name an enum by its number, leave
out the brackets of a list of one; Google's SDKs write bytes in the URL-safe alphabet.
Code Assist and Vertex AI were not seen to take all of that, and whoever reads a body
behind this would have to know it. What is not known is left as it came: Google judges
it. (Facts: gemini-native A4.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import Any, TypeAlias

from ...errors import InvalidRequest
from ...gemini import media_types
from ...gemini.thoughts import BYPASSES, SENTINEL
from . import fields
from .enums import EITHER_CASE, REQUEST
from .messages import MESSAGES, Kind, camel, snake

LONGEST_NAME = 200
"""Of a field whose spelling is looked into."""

Read: TypeAlias = Callable[[Any], Any]
"""Reads a value; raises `_Misfit`."""
_Readers: TypeAlias = dict[str, tuple[str, Read]]
"""A message's fields: how Google names each in errors, and what reads it."""

Refuse: TypeAlias = Callable[[str], InvalidRequest]
"""Words a refusal of the field at a path."""


class _Misfit(Exception):
    """A value that its field cannot hold. Where that is, is found out on the way up:
    nearly no request needs to know."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self.where: list[str] = []

    def refusal(self) -> InvalidRequest:
        """The refusal of the field, whose path is in snake_case."""
        path = ".".join(reversed(self.where)).replace(".[", "[")
        return self._refuse(path)


def tidied(body: Any, message: str) -> dict[str, Any]:
    """A copy of a message as it leaves.

    Null is the same as absent. Raises `InvalidRequest` for a known field of a wrong
    type, and for bytes that are no base64.
    """
    try:
        return _message(_READERS[message], message, body)
    except _Misfit as misfit:
        raise misfit.refusal() from None


def _message(readers: _Readers, name: str, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise _wrong(name, body)
    found: dict[str, Any] = {}
    for given, value in body.items():
        known = given
        reader = readers.get(given)
        if reader is None:
            known = _spelled(given)
            reader = readers.get(known)
            if reader is None:
                found[given] = value
                continue
            if body.get(known) is not None:
                continue
        if value is not None:
            try:
                found[known] = reader[1](value)
            except _Misfit as misfit:
                misfit.where.append(reader[0])
                raise
    return found


def _spelled(name: str) -> str:
    is_snake = "_" in name and len(name) <= LONGEST_NAME
    return camel(name) if is_snake else name


def _list(read: Read, name: str, value: Any) -> list[Any]:
    """One message stands for a list of one."""
    items = value if isinstance(value, list) else [value]
    if items is not value and not isinstance(value, dict):
        raise _wrong(name, value)
    return [_item(read, item, at) for at, item in enumerate(items)]


def _map(read: Read, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(name, value)
    items = enumerate(value.items())
    return {key: _item(read, item, at, ".value") for at, (key, item) in items}


def _item(read: Read, item: Any, at: int, behind: str = "") -> Any:
    try:
        return read(item)
    except _Misfit as misfit:
        misfit.where.append(f"[{at}]{behind}")
        raise


# ------------------------------------------------------------------------ scalars


def _any(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong("text", value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong("flag", value)
    return value


def _struct(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong("struct", value)
    return value


def _number(value: Any) -> float:
    """Proto JSON takes numbers as text, too."""
    number = value
    if isinstance(value, str) and len(value) <= LONGEST_NAME:
        try:
            number = float(value)
        except ValueError:
            raise _wrong("number", value) from None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise _wrong("number", value)
    if isinstance(number, float) and not isfinite(number):
        raise _wrong("number", str(value))
    return number


def _whole(value: Any) -> int:
    number = _number(value)
    if number % 1:
        raise _wrong("whole", value)
    return int(number)


def _enum(name: str, value: Any) -> Any:
    """The name of a number; what has none goes as it is."""
    if isinstance(value, dict | list | bool):
        raise _wrong(name, value)
    if isinstance(value, str):
        return value.upper() if name in EITHER_CASE else value
    return REQUEST[name].get(value, value)


def _bytes(value: Any) -> str:
    """Base64 in the standard alphabet, padded."""
    data = _text(value)
    if not data:
        return data
    try:
        return media_types.checked_base64(data)
    except ValueError:
        raise _Misfit(partial(fields.bad_base64, data=data)) from None


def _signature(value: Any) -> str:
    """The same bytes; one that is damaged is mended when Google refuses it."""
    signature = _text(value)
    if signature in BYPASSES:
        return SENTINEL
    try:
        return media_types.checked_base64(signature)
    except ValueError:
        return signature


# ----------------------------------------------------------------- odd messages


def _blob(value: Any) -> dict[str, Any]:
    """Media carried inside; its bytes decide what it is where its label does not."""
    blob = _message(_READERS["Blob"], "Blob", value)
    if blob.get("data"):
        mime_type = media_types.settled_type(blob.get("mimeType"), blob["data"])
        blob |= {"mimeType": mime_type} if mime_type else {}
    return blob


def _system(value: Any) -> dict[str, Any]:
    """SDKs take a text, or parts, for the whole instruction."""
    if isinstance(value, str):
        value = {"parts": [{"text": value}]}
    elif isinstance(value, list):
        given = [{"text": part} if isinstance(part, str) else part for part in value]
        value = {"parts": given}
    instruction = _message(_READERS["Content"], "Content", value)
    parts = [part for part in instruction.get("parts", ()) if part != {"text": ""}]
    said = [part for part in parts if part]
    return {**instruction, "role": "user", "parts": said} if said else {}


def _wrong(kind: str, value: Any) -> _Misfit:
    if isinstance(value, list):
        return _Misfit(fields.not_repeating)
    return _Misfit(partial(fields.wrong_type, kind=kind, value=value))


_SCALARS: Mapping[str, Read] = {
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

_READERS: dict[str, _Readers] = {message: {} for message in MESSAGES}


def _reader(kind: Kind) -> Read:
    read = _SCALARS.get(kind.name)
    if kind.is_enum:
        read = partial(_enum, kind.name)
    elif read is None:
        read = partial(_message, _READERS[kind.name], kind.name)
    if kind.shape == "one":
        return read
    return partial(_list if kind.shape == "list" else _map, read, kind.name)


for _name, _fields in MESSAGES.items():
    for _field, _kind in _fields.items():
        _READERS[_name][_field] = (snake(_field), _reader(_kind))
