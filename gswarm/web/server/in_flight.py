"""The requests a worker is carrying, and how they end when it must."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...cancellation import Cancellation
from ...errors import Unavailable
from .disconnect import Presence, watch


class InFlight:
    """Every request that may take long, with its way to stop early."""

    def __init__(self) -> None:
        self._carried: dict[Cancellation, Presence | None] = {}
        self._endless: set[Cancellation] = set()
        self._is_closing = False

    def begin(
        self, environ: Mapping[str, Any], *, endless: bool = False
    ) -> Cancellation:
        """Carry a request until `end`; raises `Unavailable` while shutting down.

        An endless one would never finish by itself: it is stopped when nothing begins
        any more.
        """
        if self._is_closing:
            raise _closing()
        cancellation = Cancellation()
        self._carried[cancellation] = watch(environ, cancellation)
        if endless:
            self._endless.add(cancellation)
        return cancellation

    def end(self, cancellation: Cancellation) -> None:
        """Let go of a request; may be called again."""
        self._endless.discard(cancellation)
        presence = self._carried.pop(cancellation, None)
        if presence:
            presence.stop()

    def __len__(self) -> int:
        return len(self._carried)

    def close(self) -> None:
        """Begin nothing any more, and stop what is endless."""
        self._is_closing = True
        _stop(self._endless)

    def cut(self) -> None:
        """Stop whatever still runs; its clients are told why."""
        _stop(self._carried)


def _stop(carried: Iterable[Cancellation]) -> None:
    for cancellation in tuple(carried):
        cancellation.cancel(_closing())


def _closing() -> Unavailable:
    return Unavailable(
        "The gateway is shutting down.", code="shutting_down", retry_after=1
    )
