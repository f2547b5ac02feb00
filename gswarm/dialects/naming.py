"""Which field of a body a refusal is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import InvalidRequest


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Name the field in a refusal that comes from where fields are not known."""
    try:
        yield
    except InvalidRequest as refusal:
        refusal.param = refusal.param or path
        raise
