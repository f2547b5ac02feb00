"""Who holds what: a worker's lease, and giving back what a dead one held."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from itertools import count

from .connection import Store
from .scripts import Script

RENEW_SECONDS = 3.0
"""How often to renew; the lease itself lasts ten seconds (lua/lib/holding.lua)."""

MOST_REMEMBERED = 10_000

_renew = Script("renew")
_retire = Script("retire")


class Lease:
    """One worker process's claim to be alive.

    Reservations it made are given back when it says so, or by others within 15 seconds
    of its death. ``worker`` has no slash in it. Make one per process, after the fork.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self.worker = secrets.token_hex(6)
        self._store = store
        self._clock = clock
        self._numbers = count(1)
        self._over: deque[str] = deque(maxlen=MOST_REMEMBERED)

    def new_reservation(self) -> str:
        """A name for a reservation, known before the store is asked for it."""
        return str(next(self._numbers))

    def is_over(self, reservation: str) -> None:
        """Remember to give it back: the store may not hear of its end otherwise."""
        self._over.append(reservation)

    def renew(self) -> None:
        """Live on. Call it every `RENEW_SECONDS`; raises `StoreUnavailable`."""
        over = tuple(self._over)
        _renew(self._store, (), [round(self._clock() * 1000), self.worker, *over])
        for _ in over:
            self._over.popleft()

    def retire(self) -> None:
        """End the lease and give everything back, at shutdown."""
        _retire(self._store, (), [round(self._clock() * 1000), self.worker])
