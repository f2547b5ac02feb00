"""The audit log: who changed what, when, and from where."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from . import names
from .connection import Pipeline, Store
from .merged import newest_of

MOST_ENTRIES = 10_000
MOST_OF_STRANGERS = 500
"""They can make any number, and push out nothing but their own."""
CLI = "cli"
"""Who changes things at the command line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change.

    ``who`` is a user, ``key:<name>`` or `CLI`; ``what`` a thing and what was done to
    it (``api_key.created``); ``target`` names the thing; ``address`` is the client's;
    ``at`` in epoch seconds. No field holds a credential.
    """

    id: str
    at: float
    who: str
    what: str
    target: str = ""
    address: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class Audit:
    """The newest `MOST_ENTRIES` entries. Raises `StoreUnavailable`."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def write(
        self,
        who: str,
        what: str,
        target: str = "",
        address: str = "",
        details: Mapping[str, Any] | None = None,
        *,
        pipe: Pipeline | None = None,
    ) -> None:
        """Write one entry, or queue it with the change it tells of."""
        entry = self._entry(who, what, target, address, details or {})
        store = self._store if pipe is None else pipe
        store.xadd(names.AUDIT, entry, maxlen=MOST_ENTRIES, approximate=True)

    def write_of_stranger(self, what: str, target: str, address: str) -> None:
        """Write what somebody did who has not signed in."""
        entry = self._entry("", what, target, address, {})
        self._store.xadd(
            names.AUDIT_OF_STRANGERS, entry, maxlen=MOST_OF_STRANGERS, approximate=False
        )

    def page(self, limit: int, before: str | None = None) -> Sequence[Entry]:
        """The newest entries, or the newest of those older than the one with the id
        ``before``."""
        streams = (names.AUDIT, names.AUDIT_OF_STRANGERS)
        found = newest_of(self._store, streams, before, limit)
        return [_entry(entry_id, fields) for entry_id, fields in found]

    def _entry(
        self,
        who: str,
        what: str,
        target: str,
        address: str,
        details: Mapping[str, Any],
    ) -> dict[Any, Any]:
        return {
            "at": self._clock(),
            "who": who,
            "what": what,
            "target": target,
            "address": address,
            "details": orjson.dumps(details),
        }


def _entry(entry_id: str, fields: Mapping[str, str]) -> Entry:
    return Entry(
        id=entry_id,
        at=float(fields["at"]),
        who=fields["who"],
        what=fields["what"],
        target=fields["target"],
        address=fields["address"],
        details=orjson.loads(fields["details"]),
    )
