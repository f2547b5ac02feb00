"""Attempts to sign in: how many failed, so that guessing takes for ever."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import names
from .connection import Store
from .scripts import Script

WINDOW_SECONDS = 15 * 60
FAILURES_OF_AN_ADDRESS = 5
FAILURES_ON_A_NAME = 20
"""So many are no longer a person's slips; they come from many addresses."""

_begin = Script("begin_sign_in")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, which counts as failed until it succeeds.

    ``wait_seconds`` is above 0 where the address has failed too often and must wait;
    ``is_last`` says that it must after this one; ``is_slowed`` that somebody is
    guessing at the name. ``source`` is an address or network.
    """

    id: str
    source: str
    name: str
    wait_seconds: float
    is_last: bool
    is_slowed: bool


class SignIns:
    """The attempts of the last `WINDOW_SECONDS`, over all processes.

    An address that fails too often is shut out; a name never is, or anybody could shut
    its owner out. Raises `StoreUnavailable`.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def begin(self, source: str, name: str) -> Attempt:
        """Count an attempt before it is looked at: many at once are still many."""
        attempt = secrets.token_hex(8)
        args = [
            int(self._clock() * 1000),
            attempt,
            WINDOW_SECONDS * 1000,
            FAILURES_OF_AN_ADDRESS,
            FAILURES_ON_A_NAME,
        ]
        wait_ms, of_address, on_name = _begin(self._store, _keys(source, name), args)
        return Attempt(
            id=attempt,
            source=source,
            name=name,
            wait_seconds=wait_ms / 1000,
            is_last=of_address >= FAILURES_OF_AN_ADDRESS,
            is_slowed=on_name >= FAILURES_ON_A_NAME,
        )

    def succeed(self, attempt: Attempt) -> None:
        """It was the right one: its address starts afresh."""
        of_address, on_name = _keys(attempt.source, attempt.name)
        with self._store.pipeline() as pipe:
            pipe.delete(of_address)
            pipe.zrem(on_name, attempt.id)
            pipe.execute()


def _keys(source: str, name: str) -> tuple[str, str]:
    """A name is whatever somebody typed, perhaps a password: only its hash is kept."""
    hashed = hashlib.sha256(name.encode()).hexdigest()[:32]
    return names.sign_ins_from(source), names.sign_ins_as(hashed)
