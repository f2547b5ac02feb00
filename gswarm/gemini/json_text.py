"""Parse the JSON that Google sends, also where it is none by the letter."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

_EXACT = 2**63


def loads(data: bytes | bytearray | str) -> Any:
    """What JSON text says; ValueError where it says nothing.

    Seen, and refused by a strict parser: half a surrogate pair (an emoji that was cut),
    bytes that are no UTF-8, bare control characters. They become U+FFFD, or stay.
    """
    try:
        return orjson.loads(data)
    except ValueError:
        return _lenient(data)


def _lenient(data: bytes | bytearray | str) -> Any:
    text = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    try:
        return _mended(json.loads(text, strict=False))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _mended(value: Any) -> Any:
    """The value with nothing in it that could not be written as JSON again."""
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _mended(item) for name, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) >= _EXACT:
        return float(value) if abs(value) < 10**300 else None
    return value


def _whole(text: str) -> str:
    """Without half surrogate pairs."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
