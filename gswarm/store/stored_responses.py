"""Responses kept for clients that go on from them, sealed, by API key."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from . import names
from .connection import Store
from .encryption import Seal
from .scripts import Script

LARGEST = 4 * 2**20
"""Bytes of JSON of one response with its input."""

MOST = 10_000
MOST_BYTES = 128 * 2**20
"""Of one API key; those used longest ago go first."""

LONGEST_ID = 100

PIECE = 128 * 1024
"""Characters sealed at once: a whole response would hold up everybody else."""

_keep = Script("keep_response")
_use = Script("use_responses")
_forget = Script("forget_response")


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
        ``seconds`` from now on."""
        wanted = [id for id in dict.fromkeys(ids) if len(id) <= LONGEST_ID]
        if not wanted:
            return {}
        keys = [*_index(tenant), *(names.response(tenant, id) for id in wanted)]
        values = _use(self._store, keys, [self._now(), seconds])
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
        pieces = []
        for at in range(0, len(plain), PIECE):
            pieces.append(self._seal.seal(plain[at : at + PIECE]))
            _let_others_run()
        return "\n".join(pieces)

    def _opened(self, sealed: str) -> tuple[dict[str, Any], int]:
        pieces = []
        for piece in sealed.split("\n"):
            pieces.append(self._seal.open(piece))
            _let_others_run()
        plain = "".join(pieces)
        return orjson.loads(plain), len(plain)

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _index(tenant: str) -> tuple[str, str]:
    return names.responses(tenant), names.response_bytes(tenant)


def _let_others_run() -> None:
    time.sleep(0)
