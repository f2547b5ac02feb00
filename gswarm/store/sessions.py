"""Who is signed in to the dashboard: records that end when somebody says so."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from . import names
from .connection import Store
from .events import ACCESS_CHANGED, publish

LIFE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``id`` is the secret the cookie holds; ``proof`` is what the one who
    signed in has shown, so that a session ends with it; instants are epoch seconds."""

    id: str
    user: str
    proof: str
    began_at: float
    ends_at: float

    @property
    def csrf_token(self) -> str:
        """What a page of our own knows, and one of somebody else's cannot."""
        return hmac.digest(self.id.encode(), b"csrf", "sha256").hex()

    @property
    def holder(self) -> str:
        """What the session is called in events; no secret."""
        return _key(self.id)


class Sessions:
    """The sessions of every process. Raises `StoreUnavailable`.

    The store knows an id by its hash only: reading the store signs nobody in.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def begin(self, user: str, proof: str) -> Session:
        """Sign somebody in, for `LIFE_SECONDS` at most."""
        now = self._clock()
        session = Session(
            secrets.token_urlsafe(32), user, proof, now, now + LIFE_SECONDS
        )
        record = {"user": user, "proof": proof, "began_at": now}
        key = _key(session.id)
        self._store.set(key, orjson.dumps(record), px=LIFE_SECONDS * 1000)
        return session

    def find(self, session_id: str) -> Session | None:
        """The session, unless it has ended or never was."""
        kept = self._store.get(_key(session_id))
        if kept is None:
            return None
        record = orjson.loads(str(kept))
        ends_at = record["began_at"] + LIFE_SECONDS
        if ends_at <= self._clock():
            return None
        return Session(session_id, ends_at=ends_at, **record)

    def end(self, session_id: str) -> None:
        """Sign out; the session opens nothing any more, wherever its cookie went."""
        key = _key(session_id)
        with self._store.pipeline() as pipe:
            pipe.delete(key)
            publish(pipe, ACCESS_CHANGED, {"holder": key})
            pipe.execute()


def _key(session_id: str) -> str:
    return names.session(hashlib.sha256(session_id.encode()).hexdigest())
