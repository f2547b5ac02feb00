"""The requests a worker is carrying, and how they end when it must."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Unavailable
from ..hangup import Hangup
from .presence import Presence, watch


class Running:
    """Every request that may take long, with its way to stop early."""

    def __init__(self) -> None:
        self._carried: dict[Hangup, Presence | None] = {}
        self._is_closing = False

    def begin(self, environ: Mapping[str, Any]) -> Hangup:
        """Carry a request until `end`; raises `Unavailable` while shutting down."""
        if self._is_closing:
            raise _closing()
        hangup = Hangup()
        self._carried[hangup] = watch(environ, hangup)
        return hangup

    def end(self, hangup: Hangup) -> None:
        """Let go of a request; may be called again."""
        presence = self._carried.pop(hangup, None)
        if presence:
            presence.stop()

    def __len__(self) -> int:
        return len(self._carried)

    def close(self) -> None:
        """Begin nothing any more."""
        self._is_closing = True

    def cut(self) -> None:
        """Stop whatever still runs; its clients are told why."""
        for hangup in list(self._carried):
            hangup.stop(_closing())


def _closing() -> Unavailable:
    return Unavailable(
        "The gateway is shutting down.", code="shutting_down", retry_after=1
    )
