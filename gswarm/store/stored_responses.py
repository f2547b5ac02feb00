"""Responses kept for clients that go on from them, sealed, by API key."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from ..errors import GSwarmError
from . import names
from .connection import Store
from .encryption import Seal
from .scripts import Script

LARGEST = 4 * 2**20
"""Bytes of JSON of one response with its input."""

MOST = 10_000
MOST_BYTES = 128 * 2**20
"""Of one API key; those used longest ago go first."""

MOST_AT_ONCE = 45 * 2**20
"""Sealed bytes read for one request: about 32 MB of JSON."""

LONGEST_ID = 100

PIECE = 128 * 1024
"""Characters sealed at once: a whole response would hold up everybody else."""

_keep = Script("keep_response")
_use = Script("use_responses")
_forget = Script("forget_response")


class TooMuch(GSwarmError):
    """What was asked for is more than may be read at once."""


class StoredResponses:
    """The responses of every process. Raises `StoreUnavailable`.

    A tenant is an API key's id; one tenant finds nothing of another's.
    """

    def __init__(
        self, store: Store, seal: Seal, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock

    def find(
        self, tenant: str, ids: Sequence[str], seconds: int
    ) -> dict[str, tuple[dict[str, Any], int]]:
        """Those that are there, and their sizes in bytes of JSON; each is kept for
        ``seconds`` from now on. Raises `TooMuch`."""
        wanted = [id for id in dict.fromkeys(ids) if len(id) <= LONGEST_ID]
        if not wanted:
            return {}
        keys = [*_index(tenant), *(names.response(tenant, id) for id in wanted)]
        values = _use(self._store, keys, [self._now(), seconds, MOST_AT_ONCE])
        if values == -1:
            raise TooMuch("Stored responses come to more than is read at once.")
        found = zip(wanted, values, strict=True)
        return {id: self._opened(value) for id, value in found if value}

    def keep(
        self, tenant: str, id: str, record: Mapping[str, Any], seconds: int
    ) -> bool:
        """Store one for so long; False where it is too large."""
        plain = orjson.dumps(record)
        if len(plain) > LARGEST:
            return False
        value = self._sealed(plain.decode())
        keys = [*_index(tenant), names.response(tenant, id)]
        _keep(self._store, keys, [self._now(), seconds, MOST, MOST_BYTES, value])
        return True

    def forget(self, tenant: str, id: str) -> bool:
        """Remove one; whether it was there."""
        if len(id) > LONGEST_ID:
            return False
        keys = [*_index(tenant), names.response(tenant, id)]
        return bool(_forget(self._store, keys))

    def _sealed(self, plain: str) -> str:
        pieces = [self._seal.seal(plain[:PIECE])]
        for at in range(PIECE, len(plain), PIECE):
            _let_others_run()
            pieces.append(self._seal.seal(plain[at : at + PIECE]))
        return "\n".join(pieces)

    def _opened(self, sealed: str) -> tuple[dict[str, Any], int]:
        first, *others = sealed.split("\n")
        pieces = [self._seal.open(first)]
        for piece in others:
            _let_others_run()
            pieces.append(self._seal.open(piece))
        plain = "".join(pieces)
        return orjson.loads(plain), len(plain)

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _index(tenant: str) -> tuple[str, str]:
    return names.responses(tenant), names.response_bytes(tenant)


def _let_others_run() -> None:
    time.sleep(0)
