"""Typed looks into a request body, and Anthropic's words for what is wrong with it.

A field's name is its path with dots (``messages.0.content.1.text``), and a refusal
reads ``path: reason``, as the API's own do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from ...errors import InvalidRequest
from ...gemini.nesting import deeper_than

Value = TypeVar("Value", str, bool, list, dict)  # type: ignore[type-arg]

_KINDS: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    list: "list",
    dict: "dictionary",
}


def of_kind(
    body: Mapping[str, Any], key: str, path: str, kind: type[Value]
) -> Value | None:
    """A member of this type, or None where it is absent or null."""
    value = body.get(key)
    if value is None or isinstance(value, kind):
        return value
    raise wrong(path, f"Input should be a valid {_KINDS[kind]}")


def text(body: Mapping[str, Any], key: str, path: str) -> str | None:
    """A string, or None where it is absent or null."""
    return of_kind(body, key, path, str)


def needed_text(body: Mapping[str, Any], key: str, path: str) -> str:
    """A string that must be there."""
    value = text(body, key, path)
    if value is None:
        raise missing(path)
    return value


def members(body: Mapping[str, Any], key: str, path: str) -> list[Any] | None:
    """A list, or None where it is absent or null."""
    return of_kind(body, key, path, list)


def group(body: Mapping[str, Any], key: str, path: str) -> dict[str, Any] | None:
    """An object, or None where it is absent or null."""
    return of_kind(body, key, path, dict)


def number(body: Mapping[str, Any], key: str, path: str) -> float | None:
    """A number, or None where it is absent or null."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(path, "Input should be a valid number")
    return value


def whole(body: Mapping[str, Any], key: str, path: str) -> int | None:
    """An integer (also written ``5.0``), or None where it is absent or null."""
    value = number(body, key, path)
    if isinstance(value, float):
        if not value.is_integer():
            raise wrong(path, "Input should be a valid integer")
        return int(value)
    return value


def an_object(value: Any, path: str) -> dict[str, Any]:
    """The value itself, which must be an object."""
    if not isinstance(value, dict):
        raise wrong(path, "Input should be a valid dictionary")
    return value


def shallow(value: Any, path: str) -> Any:
    """The value itself, which must not be nested deeper than Google reads."""
    if deeper_than(value):
        raise wrong(path, "Input is nested too deeply")
    return value


def wrong(path: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"{path}: {reason}", param=path)


def missing(path: str) -> InvalidRequest:
    return wrong(path, "Field required")
