"""Visits to Google's consent page that have not come back yet."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from . import names
from .connection import Store
from .encryption import Seal

LIFE_SECONDS = 600

Intent: TypeAlias = Literal["link", "signin"]


@dataclass(frozen=True, slots=True)
class Visit:
    """Why somebody was sent to Google, and what is needed when they come back.

    ``state`` is the secret that tells which visit it was, ``verifier`` proves to Google
    that it was ours (PKCE). ``email`` is who is expected, if anybody in particular;
    ``who`` sent them, for the audit log.
    """

    intent: Intent
    redirect_uri: str
    email: str | None = None
    who: str = ""
    state: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(48))


class Visits:
    """The visits of every process. Raises `StoreUnavailable`.

    Who reads the store can neither come back in somebody's place nor prove anything.
    """

    def __init__(self, store: Store, seal: Seal) -> None:
        self._store = store
        self._seal = seal

    def begin(self, visit: Visit) -> None:
        """Remember a visit for `LIFE_SECONDS`."""
        sealed = self._seal.seal(orjson.dumps(asdict(visit)).decode())
        self._store.set(_key(visit.state), sealed, ex=LIFE_SECONDS)

    def end(self, state: str) -> Visit | None:
        """The visit, this once; None where it is over, or never was."""
        sealed: Any = self._store.getdel(_key(state))
        return Visit(**orjson.loads(self._seal.open(sealed))) if sealed else None


def _key(state: str) -> str:
    return names.visit(hashlib.sha256(state.encode()).hexdigest())
