"""Typed looks into a request body, and OpenAI's words for what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import InvalidRequest

_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def text(body: Mapping[str, Any], key: str, path: str) -> str | None:
    """A string, or None where it is absent or null."""
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise wrong_type(path, "a string", value)
    return value


def flag(body: Mapping[str, Any], key: str, path: str) -> bool | None:
    """A boolean, or None where it is absent or null."""
    value = body.get(key)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)
    return value


def members(body: Mapping[str, Any], key: str, path: str) -> list[Any] | None:
    """An array, or None where it is absent or null."""
    value = body.get(key)
    if value is not None and not isinstance(value, list):
        raise wrong_type(path, "an array", value)
    return value


def group(body: Mapping[str, Any], key: str, path: str) -> dict[str, Any] | None:
    """An object, or None where it is absent or null."""
    value = body.get(key)
    if value is not None and not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    return value


def number(
    body: Mapping[str, Any],
    key: str,
    path: str,
    least: float | None = None,
    most: float | None = None,
) -> float | None:
    """A number within its bounds, or None where it is absent or null."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(path, "a number", value)
    if least is not None and value < least:
        raise _out_of_bounds(path, value, "below_min", f">= {least}")
    if most is not None and value > most:
        raise _out_of_bounds(path, value, "above_max", f"<= {most}")
    return value


def whole(body: Mapping[str, Any], key: str, path: str) -> int | None:
    """An integer (also written ``5.0``), or None where it is absent or null."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(path, "an integer", value)
    return value


def wrong_type(path: str, expected: str, value: Any) -> InvalidRequest:
    got = _NAMES.get(type(value), "something else")
    return InvalidRequest(
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        param=path,
        code="invalid_type",
    )


def missing(path: str) -> InvalidRequest:
    return InvalidRequest(
        f"Missing required parameter: '{path}'.",
        param=path,
        code="missing_required_parameter",
    )


def wrong_value(path: str, value: Any, supported: Iterable[str]) -> InvalidRequest:
    if not isinstance(value, str):
        return wrong_type(path, "a string", value)
    *others, last = [f"'{word}'" for word in supported]
    listed = f"{', '.join(others)}, and {last}" if others else last
    return InvalidRequest(
        f"Invalid value: '{value[:100]}'. Supported values are: {listed}.",
        param=path,
        code="invalid_value",
    )


def unsupported(path: str, message: str) -> InvalidRequest:
    return InvalidRequest(message, param=path, code="unsupported_value")


def _out_of_bounds(path: str, value: float, side: str, wanted: str) -> InvalidRequest:
    kind = "integer" if isinstance(value, int) else "decimal"
    return InvalidRequest(
        f"Invalid '{path}': {kind} {side.replace('_', ' ')}imum value. Expected a value"
        f" {wanted}, but got {value} instead.",
        param=path,
        code=f"{kind}_{side}_value",
    )
