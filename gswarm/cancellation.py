"""A request's way to stop early, and what to close when its client leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .errors import ClientGone, GSwarmError


class Cancellation:
    """Set once, from any greenlet, when a request must stop where it stands.

    Whoever is blocked on a socket registers its ``close`` with `interrupts`; whoever
    waits for time to pass uses `sleep` instead of sleeping.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._close: Callable[[], None] | None = None
        self.reason: GSwarmError | None = None

    def interrupts(self, close: Callable[[], None] | None) -> None:
        """Call ``close`` when the request is stopped; None when nothing is blocked."""
        self._close = close
        if close and self._event.is_set():
            close()

    def cancel(self, reason: GSwarmError | None = None) -> None:
        """Stop the request; the first reason stands."""
        if self._event.is_set():
            return
        self.reason = reason or ClientGone()
        self._event.set()
        if self._close:
            self._close()

    def sleep(self, seconds: float) -> None:
        """Sleep, but not past a stop; raises the reason when stopped."""
        self._event.wait(seconds)
        self.raise_if_cancelled()

    def raise_if_cancelled(self) -> None:
        """Raise the reason when the request was stopped."""
        if self.reason:
            raise self.reason
