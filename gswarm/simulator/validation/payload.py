"""Reads JSON the way Google's strict proto parser does."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from ..catalogue import bad_request
from ..errors import GoogleError
from .protos import ENUMS, MESSAGES, RELAXED_ENUMS, Dialect, Message

_MAX_VIOLATIONS = 20
_HEAD = "Invalid JSON payload received."


def read(body: Any, message: Message, dialect: Dialect, path: str = "") -> Any:
    """A copy of ``body`` with camelCase names and without nulls.

    Raises a 400 that lists every unknown name and wrong type with its path, spelt in
    snake_case as Google does. ``path`` is where the body stands in the whole payload.
    """
    reader = _Reader(MESSAGES[dialect])
    found = reader.message(body, message, path)
    reader.complain()
    return found


def camel(name: str) -> str:
    """``thought_signature`` → ``thoughtSignature``; camelCase stays as it is."""
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def snake(name: str) -> str:
    """``thoughtSignature`` → ``thought_signature``."""
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)


class _Reader:
    """One pass over one payload; ``_violations`` are (field, description)."""

    def __init__(self, messages: dict[str, Message]) -> None:
        self._messages = messages
        self._violations: list[tuple[str, str]] = []

    def complain(self) -> None:
        """Raise what was found, all in one 400."""
        if self._violations:
            shown = self._violations[:_MAX_VIOLATIONS]
            text = "\n".join(description for _, description in shown)
            raise GoogleError(400, bad_request(text, shown))

    def message(self, value: Any, fields: Message, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(path, "message", value, None)
            return {}
        found: dict[str, Any] = {}
        for name, member in value.items():
            known = name if name in fields else camel(name)
            if known not in fields:
                self._unknown(name, path, "Cannot find field.")
            elif member is not None:
                found[known] = self._value(
                    member, fields[known], _join(path, snake(known))
                )
        return found

    def _value(self, value: Any, kind: str, path: str) -> Any:
        if kind.startswith("["):
            return self._list(value, kind[1:-1], path)
        if kind.startswith("{"):
            return self._map(value, kind[1:-1], path)
        if kind in _SCALARS:
            return self._scalar(value, kind, path)
        if kind.startswith("enum:"):
            return self._enum(value, kind.removeprefix("enum:"), path)
        if kind == "value":
            return value
        if isinstance(value, list):
            return self._not_repeating(path)
        return self.message(value, self._messages[kind], path)

    def _list(self, value: Any, kind: str, path: str) -> list[Any]:
        if isinstance(value, dict) and kind in self._messages:
            value = [value]
        if not isinstance(value, list):
            return [self._wrong(path, kind, value, None)]
        return [
            self._value(item, kind, f"{path}[{index}]")
            for index, item in enumerate(value)
        ]

    def _map(self, value: Any, kind: str, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(path, "map", value, None)
            return {}
        return {
            key: self._value(member, kind, f"{path}[{index}].value")
            for index, (key, member) in enumerate(value.items())
        }

    def _scalar(self, value: Any, kind: str, path: str) -> Any:
        if isinstance(value, list):
            return self._not_repeating(path)
        try:
            return _SCALARS[kind](value)
        except binascii.Error:
            return self._bad_base64(path, value)
        except (TypeError, ValueError):
            return self._wrong(path, kind, value, None)

    def _enum(self, value: Any, name: str, path: str) -> Any:
        if isinstance(value, list):
            return self._not_repeating(path)
        word = value.upper() if name in RELAXED_ENUMS and _is_text(value) else value
        if not (_is_text(word) and word in ENUMS[name]):
            return self._wrong(path, name, value, None)
        return word

    def _unknown(self, name: str, path: str, reason: str) -> None:
        where = f" at '{path}'" if path else ""
        text = f'{_HEAD} Unknown name "{name}"{where}: {reason}'
        self._violations.append((path, text))

    def _not_repeating(self, path: str) -> None:
        parent, _, name = path.rpartition(".")
        self._unknown(name, parent, "Proto field is not repeating, cannot start list.")

    def _wrong(self, path: str, kind: str, value: Any, instead: Any) -> Any:
        shown = f'"{value}"' if isinstance(value, str) else str(value)[:200]
        text = f"Invalid value at '{path}' ({_type_name(kind)}), {shown[:200]}"
        self._violations.append((path, text))
        return instead

    def _bad_base64(self, path: str, value: str) -> None:
        text = (
            f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for "
            f'"{value[:60]}"'
        )
        self._violations.append((path, text))


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _bytes(value: Any) -> str:
    plain = _string(value).replace("-", "+").replace("_", "/").rstrip("=")
    if not plain.isascii():
        raise binascii.Error("not base64")
    base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    return str(value)


def _integer(bits: int) -> Callable[[Any], int]:
    def read_integer(value: Any) -> int:
        if isinstance(value, bool):
            raise TypeError
        number = int(value)
        if float(value) != number or abs(number) >= 1 << (bits - 1):
            raise ValueError
        return number

    return read_integer


def _double(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _struct(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "bool": _bool,
    "bytes": _bytes,
    "int32": _integer(32),
    "int64": _integer(64),
    "double": _double,
    "struct": _struct,
}


def _type_name(kind: str) -> str:
    if kind == "struct":
        return "type.googleapis.com/google.protobuf.Struct"
    if kind in _SCALARS:
        return f"TYPE_{kind.upper()}"
    return f"type.googleapis.com/google.cloud.aiplatform.master.{kind}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
