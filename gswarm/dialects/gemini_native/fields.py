"""What is wrong with a field, in the words of Google's JSON parser."""

from __future__ import annotations

from typing import Any

import orjson

from ...errors import InvalidRequest

LONGEST_QUOTE = 100

TYPES = {
    "text": "TYPE_STRING",
    "flag": "TYPE_BOOL",
    "whole": "TYPE_INT32",
    "number": "TYPE_DOUBLE",
    "bytes": "TYPE_BYTES",
    "struct": "type.googleapis.com/google.protobuf.Struct",
}
"""Google's names for kinds of scalars."""


def wrong_type(path: str, kind: str, value: Any) -> InvalidRequest:
    """A value of another type than its field has; ``path`` is in snake_case."""
    named = TYPES.get(kind, f"type.googleapis.com/google.ai.{kind}")
    message = f"Invalid value at '{path}' ({named}), {_quoted(value)}"
    return InvalidRequest(message, param=path, code="invalid_type")


def not_repeating(path: str) -> InvalidRequest:
    """A list where one value belongs."""
    parent, _, name = path.rpartition(".")
    where = f" at '{parent}'" if parent else ""
    return InvalidRequest(
        f'Invalid JSON payload received. Unknown name "{name}"{where}: '
        "Proto field is not repeating, cannot start list.",
        param=path,
        code="invalid_type",
    )


def bad_base64(path: str, data: str) -> InvalidRequest:
    """Bytes that are no base64."""
    return InvalidRequest(
        f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for "
        f"{_quoted(data)}",
        param=path,
        code="invalid_base64",
    )


def missing(path: str, message: str) -> InvalidRequest:
    """A field that is needed and not there."""
    return InvalidRequest(
        f"* GenerateContentRequest.{path}: {message}",
        param=path,
        code="missing_required_parameter",
    )


def unsupported(path: str, message: str) -> InvalidRequest:
    """A good field with a value that is not served."""
    return InvalidRequest(message, param=path, code="unsupported_value")


def _quoted(value: Any) -> str:
    """As much of a value as may be told again."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        value = value[:LONGEST_QUOTE]
    return orjson.dumps(value).decode()
