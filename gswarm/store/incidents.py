"""Failures kept for people: the newest of them, found again by what they were about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import orjson

from . import names
from .connection import Pipeline, Store

MOST_KEPT = 10_000
PAGE = 200

FIRST, LAST = "-", "+"
"""Ends of the stream, as the store spells them."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One failed attempt, or one failed request that was nobody's attempt.

    ``type`` is the verdict's word, or the refusal's code; ``message`` is in Google's
    words where Google said it. ``status`` is Google's HTTP status, or the client's.
    ``recovered`` says that the request was answered in the end, by somebody else.
    ``resets_at`` is in epoch seconds.
    """

    type: str
    message: str
    request_id: str
    model: str
    key: str | None = None
    status: int | None = None
    account: str | None = None
    project_id: str | None = None
    action_url: str | None = None
    resets_at: float | None = None
    resets_in: str | None = None
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """An incident in the store. ``id`` continues a search after it; ``at`` in epoch
    seconds."""

    id: str
    incident: Incident

    @property
    def at(self) -> float:
        return int(self.id.partition("-")[0]) / 1000


Fields: TypeAlias = Mapping[str, str]
"""Names of `Incident`'s fields, each with the value wanted."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which incidents: those with these values, between these instants (epoch
    seconds)."""

    fields: Fields = field(default_factory=dict)
    since: float | None = None
    until: float | None = None

    @property
    def oldest(self) -> str:
        return FIRST if self.since is None else f"{int(self.since * 1000)}"

    @property
    def newest(self) -> str:
        return LAST if self.until is None else f"{int(self.until * 1000)}"

    def takes(self, incident: Incident) -> bool:
        """Whether it is one of them, whenever it was."""
        return all(
            getattr(incident, name) == value for name, value in self.fields.items()
        )


ANY = Sought()


class Incidents:
    """The newest `MOST_KEPT`. Raises `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def queue(self, pipe: Pipeline, incident: Incident) -> None:
        """Keep one, with the change it comes from."""
        entry: dict[Any, Any] = {"json": orjson.dumps(asdict(incident))}
        pipe.xadd(names.INCIDENTS, entry, maxlen=MOST_KEPT, approximate=True)

    def search(
        self, sought: Sought = ANY, before: str | None = None
    ) -> Iterator[tuple[str, Kept | None]]:
        """Those sought, newest first: each with its id, and None for one that was
        looked at and not sought. ``before`` is such an id."""
        newest = f"({before}" if before else sought.newest
        while page := self._page(newest, sought.oldest):
            for entry_id, entry in page:
                incident = Incident(**orjson.loads(entry["json"]))
                is_sought = sought.takes(incident)
                yield entry_id, Kept(entry_id, incident) if is_sought else None
            newest = f"({page[-1][0]}"

    def forget(self, sought: Sought = ANY) -> int:
        """Drop those sought; says how many."""
        ids = [entry_id for entry_id, kept in self.search(sought) if kept]
        for n in range(0, len(ids), PAGE):
            self._store.xdel(names.INCIDENTS, *ids[n : n + PAGE])
        return len(ids)

    def _page(self, newest: str, oldest: str) -> list[tuple[str, dict[str, str]]]:
        found: Any = self._store.xrevrange(names.INCIDENTS, newest, oldest, count=PAGE)
        return list(found)
