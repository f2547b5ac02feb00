"""What one API key's Responses leave behind, and are gone on from."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from ..dialects.openai_responses.memory import Record, too_long
from ..errors import SettingsError, StoreUnavailable, Unavailable
from ..store.encryption import Seal
from ..store.stored_responses import StoredResponses, TooMuch

logger = logging.getLogger(__name__)


class ResponseMemory:
    """The memory of a tenant, for the length of one request.

    What was found once is not asked for again: a request may be read several times.
    """

    def __init__(
        self, stored: StoredResponses, seal: Seal, tenant: str, seconds: int
    ) -> None:
        self.tenant = tenant
        self.is_on = seconds > 0
        self._stored = stored
        self._seal = seal
        self._seconds = seconds
        self._found: dict[str, tuple[Record, int]] = {}

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[Record, int]]:
        """Raises `Unavailable` without a store: nobody is answered without the history
        that was referred to. Raises `InvalidRequest` where that is too long."""
        unknown = [id for id in ids if id not in self._found]
        if unknown and self.is_on:
            try:
                found = self._stored.find(self.tenant, unknown, self._seconds)
            except StoreUnavailable:
                raise _without_a_store() from None
            except TooMuch:
                raise too_long() from None
            self._found |= found
        return {id: self._found[id] for id in ids if id in self._found}

    def keep(self, id: str, record: Record) -> bool:
        try:
            return self._stored.keep(self.tenant, id, record, self._seconds)
        except StoreUnavailable:
            logger.warning("The store is gone: a response was not stored.")
            return False

    def forget(self, id: str) -> bool:
        """Remove a response; whether it was there."""
        return self._stored.forget(self.tenant, id)

    def seal(self, plain: str) -> str:
        return self._seal.seal(plain)

    def open(self, sealed: str) -> str | None:
        if not sealed.isascii():
            return None
        try:
            return self._seal.open(sealed)
        except SettingsError:
            return None


class ResponseMemories:
    """The memories of all tenants."""

    def __init__(self, stored: StoredResponses, seal: Seal) -> None:
        self._stored = stored
        self._seal = seal

    def of(self, tenant: str, seconds: int) -> ResponseMemory:
        """One tenant's, whose responses are kept for so long."""
        return ResponseMemory(self._stored, self._seal, tenant, seconds)


def _without_a_store() -> Unavailable:
    return Unavailable(
        "The gateway's store does not answer, and this request goes on from what it"
        " holds.",
        param="previous_response_id",
        code="state_unavailable",
        retry_after=1,
    )
