"""What requests are counted in: by day, by hour and for all time, and their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from . import names
from .connection import Pipeline, Store
from .events import MOST_KEPT as MOST_EVENTS
from .merged import newest_of
from .scripts import Script

CellName: TypeAlias = str
Counters: TypeAlias = Mapping[str, int]
Record: TypeAlias = tuple[str, str]
"""Its id in the stream of its day, and its JSON."""

MOST_RECORDS = 10_000
"""Records kept of one day. Counters count them all."""
MOST_OF_STRANGERS = 500
"""And of those who showed no known key: they can make any number."""

STEP = 5_000
"""Fields that one command reads: nobody else waits for the store meanwhile."""

_count_request = Script("count_request")


class Metrics:
    """Counters and records. Raises `StoreUnavailable`.

    A piece of time is named as it is spelled: ``2026-01-31`` a day, ``2026-01-31T09``
    an hour. Days (and their records) and hours are kept so many seconds.
    """

    def __init__(self, store: Store, *, day_seconds: int, hour_seconds: int) -> None:
        self._store = store
        self._kept = (day_seconds, hour_seconds)

    def queue(
        self,
        pipe: Pipeline,
        day: str,
        hour: str,
        record: tuple[str, bytes],
        told: Mapping[str, Any],
        counts: Mapping[CellName, Counters],
        *,
        is_strangers: bool = False,
    ) -> None:
        """Queue one request to be counted, its record (its id, its JSON) to be kept
        and, as an event, ``told`` of."""
        keys = [
            names.metrics(day),
            names.metrics(hour),
            names.METRICS,
            names.METRICS_CELLS,
            *(_of_strangers(day) if is_strangers else _of_keys(day)),
            names.EVENTS,
        ]
        most = MOST_OF_STRANGERS if is_strangers else MOST_RECORDS
        event = orjson.dumps(told)
        args: list[Any] = [*record, most, *self._kept, event, MOST_EVENTS]
        for cell, counters in counts.items():
            args += [cell, len(counters)]
            for name, by in counters.items():
                args += [name, by]
        _count_request(pipe, keys, args)

    def read(
        self, pieces: Iterable[str]
    ) -> Iterator[tuple[str, Mapping[CellName, Counters]]]:
        """Each piece of time with what was counted in it, by cell."""
        cells = _Cells(self._store)
        for piece in pieces:
            yield piece, self._counters(names.metrics(piece), cells)

    def read_all_time(self) -> Mapping[CellName, Counters]:
        """What was counted since the store began."""
        return self._counters(names.METRICS, _Cells(self._store))

    def page(self, day: str, before: str | None, limit: int) -> list[Record]:
        """The newest records of a day, or the newest before the one of that id."""
        streams = (names.request_records(day), names.stranger_records(day))
        found = newest_of(self._store, streams, before, limit)
        return [(place, fields["record"]) for place, fields in found]

    def find(self, request_id: str, days: Iterable[str]) -> str | None:
        """The record of one request of these days, as JSON."""
        kept = [keys for day in days for keys in (_of_keys(day), _of_strangers(day))]
        with self._store.pipeline() as pipe:
            for _, places in kept:
                pipe.hget(places, request_id)
            found_at = pipe.execute()
        for (records, _), place in zip(kept, found_at, strict=True):
            if place:
                found: Any = self._store.xrange(records, place, place)
                return str(found[0][1]["record"]) if found else None
        return None

    def _counters(self, key: str, cells: _Cells) -> Mapping[CellName, Counters]:
        counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for field, count in self._store.hscan_iter(key, count=STEP):
            number, _, name = field.partition(":")
            counted[number][name] = int(count)
        return {cells.name_of(number): found for number, found in counted.items()}


def _of_keys(day: str) -> tuple[str, str]:
    """Where records are, and their places among them."""
    return names.request_records(day), names.request_places(day)


def _of_strangers(day: str) -> tuple[str, str]:
    return names.stranger_records(day), names.stranger_places(day)


class _Cells:
    """The names of the cells, as they stood when one of them was first asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[str, CellName] = {}

    def name_of(self, number: str) -> CellName:
        """Names are given before anything is counted under them."""
        if number not in self._names:
            found = self._store.hscan_iter(names.METRICS_CELLS, count=STEP)
            self._names = {number: name for name, number in found}
        return self._names[number]
