"""Google's quotas: how much of each is used, and when it will be used up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import Verdict
from ..rotation.pacing import Pacing
from ..store import quota
from ..store.connection import Store
from ..store.quota import QuotaUse, Sent, Told
from ..timestamps import iso

DAY_SECONDS = 86_400.0
FRESH_SECONDS = 1.0
"""How long a description is taken for granted."""


class Quotas:
    """What is known of the days of all accounts, under limits that may change."""

    def __init__(
        self,
        store: Store,
        *,
        pacing: Callable[[], Pacing],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._pacing = pacing
        self._clock = clock
        self._held_to = Pacing()
        self._described: list[dict[str, Any]] = []
        self._described_at = 0.0

    def uses(self) -> list[QuotaUse]:
        """What is used, by account and model; nothing where nothing is counted."""
        pacing = self._pacing()
        if not pacing.is_on:
            return []
        return quota.read_use(self._store, pacing, self._clock())

    def describe(self) -> list[dict[str, Any]]:
        """The same as the API shows it; many may ask at once."""
        now = self._clock()
        if not 0 <= now - self._described_at < FRESH_SECONDS:
            self._described = [describe(use, now) for use in self.uses()]
            self._described_at = now
        return self._described

    def hear(self, told: Told) -> None:
        """Take what Google says into account, as far as it agrees with what it does."""
        pacing = self._pacing()
        if pacing.is_on:
            quota.hear(self._store, pacing, told, self._clock())

    @contextmanager
    def counting(self, project_id: str, account: str, model: str) -> Iterator[None]:
        """Count the call made meanwhile, beside the pool, unless it is refused."""
        pacing = self._pacing()
        if not pacing.is_on:
            yield
            return
        sent = Sent(project_id, account, model, self._clock())
        quota.count(self._store, pacing, sent)
        try:
            yield
        except Verdict as verdict:
            # Where nobody knows whether it was refused, it was not.
            if verdict.word != "server":
                quota.take_back(self._store, pacing, sent, self._clock())
            raise

    def follow_limits(self) -> None:
        """Hold the pool to limits that have changed; call it about once a second."""
        pacing = self._pacing()
        if pacing != self._held_to:
            quota.reconsider(self._store, self._held_to, pacing, self._clock())
            self._held_to = pacing


def describe(use: QuotaUse, now: float) -> dict[str, Any]:
    """One account's day for a model, as the API shows it."""
    remaining = remaining_of(use)
    return {
        "account": use.account,
        "model": use.model,
        "used": use.used,
        "limit": use.limit,
        "source": use.source,
        "remaining": remaining,
        "exhaustsAt": _iso(exhausts_at(use, now)),
        "resetsAt": _iso(use.resets_at),
    }


def remaining_of(use: QuotaUse) -> int | None:
    """What is left; None where nobody knows the limit."""
    return None if use.limit is None else max(0, use.limit - use.used)


def exhausts_at(use: QuotaUse, now: float) -> float | None:
    """When nothing will be left, if it goes on like in the last hour; None where that
    is not before more comes back."""
    remaining = remaining_of(use)
    if remaining is None or (remaining and not use.per_second):
        return None
    ends = now + (remaining / use.per_second if remaining else 0.0)
    return ends if ends < min(use.resets_at or ends + 1, now + DAY_SECONDS) else None


def _iso(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)
