"""Locks that hold over all processes, and let go by themselves if their holder dies."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import StoreUnavailable
from . import names
from .connection import Store
from .scripts import Script

_unlock = Script("unlock")


class Locks:
    """Keys that only one can set."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(self, name: str, seconds: float) -> bool:
        """Whether we are the first in so many seconds: for what one process is to do
        for all of them."""
        key = names.lock(name)
        return bool(self._store.set(key, "", nx=True, px=int(seconds * 1000)))

    @contextmanager
    def attempt(self, name: str, seconds: float) -> Iterator[bool]:
        """Hold the lock for as long as the block runs, at most ``seconds``.

        Tells whether it was to be had; there is no waiting. It lets go by itself where
        the store failed meanwhile, which would only be waited for once more.
        """
        mark = secrets.token_hex(8)
        key = names.lock(name)
        held = bool(self._store.set(key, mark, nx=True, px=int(seconds * 1000)))
        try:
            yield held
        except StoreUnavailable:
            held = False
            raise
        finally:
            if held:
                _unlock(self._store, [key], [mark])
