"""Which upstreams take a model's schemas in the older form only."""

from __future__ import annotations

from collections.abc import Callable

KNOWN_SECONDS = 3600.0
"""Then the newer form, which says more, is tried again."""

MOST_KNOWN = 1000


class SchemaFallback:
    """What this process was told, by upstream and model. ``clock`` answers seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}

    def learn(self, upstream: str, model: str) -> None:
        """It does not know the newer form."""
        if len(self._until) >= MOST_KNOWN:
            self._until.clear()
        self._until[upstream, model] = self._clock() + KNOWN_SECONDS

    def are_needed(self, upstream: str, model: str) -> bool:
        """Whether it said so within the last hour."""
        return self._clock() < self._until.get((upstream, model), 0.0)
