"""Attempts to sign in: how many failed, so that guessing takes for ever."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import names
from .connection import Store
from .scripts import Script

WINDOW_SECONDS = 15 * 60
FAILURES_OF_AN_ADDRESS = 5
FAILURES_OF_ALL = 20
"""So many are no longer people's slips; they come from many addresses."""
MOST_ADDRESSES = 10_000
"""Whose attempts are remembered."""

_begin = Script("begin_sign_in")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, which counts as failed until it succeeds.

    ``wait_seconds`` is above 0 where the address has failed too often and must wait;
    ``is_last`` says that it must after this one; ``is_slowed`` that somebody is
    guessing. ``source`` is an address or network.
    """

    id: str
    source: str
    wait_seconds: float
    is_last: bool
    is_slowed: bool


class SignIns:
    """The attempts of the last `WINDOW_SECONDS`, over all processes.

    An address that fails too often is shut out; a name never is, or anybody could shut
    its owner out. While somebody guesses, from wherever and at whatever name, everybody
    is slowed: were it one name alone, that would tell of it. Raises `StoreUnavailable`.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def begin(self, source: str) -> Attempt:
        """Count an attempt before it is looked at: many at once are still many."""
        attempt = secrets.token_hex(8)
        args = [
            int(self._clock() * 1000),
            attempt,
            WINDOW_SECONDS * 1000,
            FAILURES_OF_AN_ADDRESS,
            FAILURES_OF_ALL,
            MOST_ADDRESSES,
        ]
        keys = [names.sign_ins_from(source), names.SIGN_INS, names.SIGN_IN_SOURCES]
        wait_ms, of_address, of_all = _begin(self._store, keys, args)
        return Attempt(
            id=attempt,
            source=source,
            wait_seconds=wait_ms / 1000,
            is_last=of_address >= FAILURES_OF_AN_ADDRESS,
            is_slowed=of_all >= FAILURES_OF_ALL,
        )

    def succeed(self, attempt: Attempt) -> None:
        """It was the right one: its address starts afresh."""
        with self._store.pipeline() as pipe:
            pipe.delete(names.sign_ins_from(attempt.source))
            pipe.zrem(names.SIGN_INS, attempt.id)
            pipe.execute()
