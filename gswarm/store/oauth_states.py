"""Visits to Google's consent page that have not come back yet."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from . import names
from .connection import Store
from .encryption import Seal

LIFE_SECONDS = 600

Intent: TypeAlias = Literal["link", "signin"]


@dataclass(frozen=True, slots=True)
class PendingAuth:
    """Why somebody was sent to Google, and what is needed when they come back.

    ``state`` is the secret that tells which visit it was, ``verifier`` proves to Google
    that it was ours (PKCE). ``email`` is who is expected, if anybody in particular;
    ``who`` sent them, for the audit log; ``holder`` is the session that it is bound to,
    ``begun_at`` the origin that has its cookie; ``project`` is the one to onboard them
    with, if one was named.
    """

    intent: Intent
    redirect_uri: str
    email: str | None = None
    who: str = ""
    holder: str = ""
    project: str | None = None
    begun_at: str = ""
    state: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(48))


class PendingAuths:
    """The visits of every process. Raises `StoreUnavailable`.

    Those of strangers, who want to sign in, are kept in their own browser, sealed: the
    store would have to hold as many as anybody asks for. Who reads the store can
    neither come back in somebody's place nor prove anything.
    """

    def __init__(self, store: Store, seal: Seal) -> None:
        self._store = store
        self._seal = seal

    def begin(self, visit: PendingAuth) -> None:
        """Remember a visit for `LIFE_SECONDS`."""
        sealed = self._seal.seal(orjson.dumps(asdict(visit)).decode())
        self._store.set(_key(visit.state), sealed, ex=LIFE_SECONDS)

    def look(self, state: str) -> PendingAuth | None:
        """The visit; None where it is over, or never was."""
        sealed: Any = self._store.get(_key(state))
        return self._opened(sealed) if sealed else None

    def end(self, state: str) -> PendingAuth | None:
        """The visit, this once; None where it is over, or never was."""
        sealed: Any = self._store.getdel(_key(state))
        return self._opened(sealed) if sealed else None

    def sealed(self, visit: PendingAuth) -> str:
        """A visit for a browser to keep."""
        ends_at = time.time() + LIFE_SECONDS
        return self._seal.seal(orjson.dumps([ends_at, asdict(visit)]).decode())

    def unsealed(self, kept: str) -> PendingAuth | None:
        """The visit that a browser has kept, as `sealed`; None where it is over."""
        ends_at, visit = orjson.loads(self._seal.open(kept))
        return PendingAuth(**visit) if ends_at > time.time() else None

    def _opened(self, sealed: str) -> PendingAuth:
        return PendingAuth(**orjson.loads(self._seal.open(sealed)))


def _key(state: str) -> str:
    return names.visit(hashlib.sha256(state.encode()).hexdigest())
