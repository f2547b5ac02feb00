"""Changes of API keys, told to every process that remembers one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from ..errors import StoreUnavailable
from . import names
from .connection import Pipeline, Store
from .events import ACCESS_CHANGED, BLOCK_MS, publish

logger = logging.getLogger(__name__)

MOST_KEPT = 100
IDLE_SECONDS = 30.0
"""Nobody listens for longer than this after the last key was remembered."""


def queue_change(pipe: Pipeline, key_id: str) -> None:
    """Tell that a key is another from now on: its streams end, and nobody goes on by
    what they remember of it."""
    publish(pipe, ACCESS_CHANGED, {"holder": key_id})
    entry: dict[Any, Any] = {"holder": key_id}
    pipe.xadd(names.ACCESS_CHANGES, entry, maxlen=MOST_KEPT, approximate=True)


class AccessChanges:
    """Calls ``forget`` as soon as any process has changed a key, and whenever it cannot
    be known whether one has.

    A stream of its own, not that of all events: every request is one of those.
    """

    def __init__(self, store: Store, forget: Callable[[], None]) -> None:
        self._store = store
        self._forget = forget
        self._starting = threading.Lock()
        self._reader: threading.Thread | None = None
        self._wanted_at = 0.0

    def follow(self) -> None:
        """Listen from now on, for a while; to be said before a key is read that is to
        be remembered. Raises `StoreUnavailable`."""
        self._wanted_at = time.monotonic()
        if self._reader is None:
            with self._starting:
                if self._reader is None:
                    self._start()

    def _start(self) -> None:
        found: Any = self._store.xrevrange(names.ACCESS_CHANGES, count=1)
        newest = str(found[0][0]) if found else "0-0"
        self._reader = threading.Thread(
            target=self._read_on, args=(newest,), daemon=True, name="access-changes"
        )
        self._reader.start()

    def _read_on(self, last: str) -> None:
        try:
            while time.monotonic() - self._wanted_at < IDLE_SECONDS:
                found: Any = self._store.xread(
                    {names.ACCESS_CHANGES: last}, block=BLOCK_MS
                )
                if found:
                    last = found[0][1][-1][0]
                    self._forget()
        except StoreUnavailable as error:
            logger.info("Changes of API keys are not heard for now: %s", error)
        finally:
            self._reader = None
            self._forget()
