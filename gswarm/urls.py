"""Addresses that clients name: bounded first, then taken apart, and not remembered."""

from __future__ import annotations

import urllib.parse
from urllib.parse import SplitResult

LONGEST_URL = 8_192
"""Characters. Longer ones are nobody's address, only somebody's load."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# The standard library remembers every address that `urlsplit` was shown.
_split = getattr(urllib.parse.urlsplit, "__wrapped__", urllib.parse.urlsplit)


def split(url: str) -> SplitResult:
    """Take an address apart. Raises ValueError for one that is too long or is none."""
    if len(url) > LONGEST_URL:
        raise ValueError(f"an address has at most {LONGEST_URL} characters")
    parts: SplitResult = _split(url)
    return parts


def is_loopback(origin: str) -> bool:
    """Whether an origin is of the machine itself, by one of its usual names."""
    try:
        parts = split(origin)
        return parts.scheme == "http" and parts.hostname in LOOPBACK
    except ValueError:
        return False


def join(base: str, url: str) -> str:
    """Where ``url`` leads from ``base``. Raises ValueError as `split` does."""
    split(url)
    try:
        return urllib.parse.urljoin(base, url)
    finally:
        forget()


def forget() -> None:
    """Empty what the standard library remembers of addresses that others gave it."""
    urllib.parse.urlsplit.cache_clear()  # type: ignore[attr-defined]
