"""Periodic tasks: what has to happen every few seconds, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from .errors import StoreUnavailable

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class PeriodicTasks:
    """Calls each beat at its own interval, from the start on.

    A store that is away for a while only costs the beats of that while.
    """

    def __init__(self) -> None:
        self._beats: list[tuple[float, Callable[[], object]]] = []
        self._due: list[float] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="periodic")

    def every(self, seconds: float, beat: Callable[[], object]) -> None:
        """Call ``beat`` this often; to be said before `start`."""
        self._beats.append((seconds, beat))
        self._due.append(0.0)

    def start(self) -> None:
        """Beat once now (raises `StoreUnavailable`), and go on in the background."""
        for n in range(len(self._beats)):
            self._beat(n)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after the beat it is in."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            now = time.monotonic()
            for n, due in enumerate(self._due):
                if due <= now:
                    self._try_beat(n)

    def _try_beat(self, n: int) -> None:
        """Nothing may end it: without it this worker counts as dead."""
        try:
            self._beat(n)
        except StoreUnavailable as error:
            log.warning("A periodic task was missed: %s", error)
        except Exception:
            log.exception("A periodic task failed.")

    def _beat(self, n: int) -> None:
        seconds, beat = self._beats[n]
        beat()
        self._due[n] = time.monotonic() + seconds - TICK_SECONDS / 2
