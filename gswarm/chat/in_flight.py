"""Bytes that requests hold, counted as they come: so many for one, so many for all."""

from __future__ import annotations

import threading

from ..errors import GSwarmError, Unavailable


class ShareSpent(GSwarmError):
    """One request would hold more than it may."""


class BytesInFlight:
    """What the requests of this process hold together, at most ``most`` bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._lock = threading.Lock()

    def share(self, most: int) -> Share:
        """One request's part of it, at most so many bytes. Release it in the end."""
        return Share(self, most)

    def _take(self, number: int) -> None:
        with self._lock:
            if self.held + number > self.most:
                raise Unavailable(
                    "The gateway holds as much of its clients' data as it can.",
                    code="overloaded",
                    retry_after=2,
                )
            self.held += number

    def _give_back(self, number: int) -> None:
        with self._lock:
            self.held -= number


class Share:
    """What one request holds."""

    def __init__(self, whole: BytesInFlight, most: int) -> None:
        self._whole = whole
        self._most = most
        self._held = 0
        self._lock = threading.Lock()
        self._is_over = False

    def take(self, number: int) -> None:
        """Hold so many bytes more, to be said before they are read.

        Raises `ShareSpent` where it is too much for the request, or where that is over,
        and `Unavailable` where it is too much for the process.
        """
        with self._lock:
            if self._is_over or self._held + number > self._most:
                raise ShareSpent
            self._whole._take(number)
            self._held += number

    def release(self) -> None:
        """Give all of it back; may be called again. Nothing can be taken afterwards."""
        with self._lock:
            self._is_over = True
            held, self._held = self._held, 0
        self._whole._give_back(held)
