"""Lengths of time as Google writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "ns": 1e-9}
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)")


def go_text(seconds: float) -> str:
    """Seconds as a Go duration: ``539.477544ms``, ``4h22m2.874982605s``, ``0s``."""
    if 0 < seconds < 1:
        return f"{_trim(seconds * 1000, 6)}ms"
    whole_minutes, rest = divmod(round(seconds, 9), 60)
    hours, minutes = divmod(int(whole_minutes), 60)
    text = f"{hours}h" if hours else ""
    text += f"{minutes}m" if hours or minutes else ""
    return text + f"{_trim(rest, 9)}s"


def whole_text(seconds: float) -> str:
    """As `go_text`, cut to whole seconds, the way error messages put it."""
    return go_text(float(int(seconds)))


def proto_text(seconds: float) -> str:
    """Seconds as a protobuf Duration: ``15722.874982605s``."""
    return f"{_trim(seconds, 9)}s"


def to_seconds(length: str | float) -> float:
    """Read ``21h10m20s``, ``539ms``, ``68940s`` or a plain number of seconds."""
    if not isinstance(length, str):
        return float(length)
    pieces = _PIECE.findall(length)
    if not pieces or "".join(n + unit for n, unit in pieces) != length:
        raise ValueError(f"not a duration: {length!r}")
    return sum(float(n) * _UNITS[unit] for n, unit in pieces)


def timestamp(at: float) -> str:
    """An instant as RFC 3339 UTC in whole seconds."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _trim(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}".rstrip("0").rstrip(".")
    return text or "0"
