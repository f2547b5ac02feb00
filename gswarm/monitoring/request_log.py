"""The request log: one record of each request, and what all of them add up to."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import orjson

from ..gemini.models import is_known
from ..gemini.reply import Usage
from ..routing.attempts import SUCCESS, Attempt, RoutingOutcome
from ..store.connection import Pipeline, Store
from ..store.incidents import Incidents
from ..store.metrics import Counters, Metrics
from ..store.names import OTHER_MODEL
from .error_log import incidents_of
from .histogram import bucket_of
from .record import ANY, Asked, Entry, Record, record_of, told_of
from .time_buckets import (
    DAY_SECONDS,
    DAYS_KEPT,
    HOUR_SECONDS,
    HOURS_KEPT,
    Piece,
    day_of,
    hour_of,
    last_days,
)
from .totals import ALL, AttemptCell, Cell, Counts, Only, Totals

NO_USAGE = Usage()
PAGE = 200
"""Records that are read at once."""


class RequestLog:
    """Writes down requests and adds them up. Raises `StoreUnavailable`."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self.incidents = Incidents(store)
        self._metrics = Metrics(
            store,
            day_seconds=DAYS_KEPT * DAY_SECONDS,
            hour_seconds=HOURS_KEPT * HOUR_SECONDS,
        )

    @property
    def now(self) -> float:
        """The instant by its clock."""
        return self._clock()

    # ------------------------------------------------------------ writing

    def open(self, request_id: str, endpoint: str, method: str) -> Entry:
        """Begin to note a request that has just come in."""
        started, now = time.perf_counter(), self._clock()
        return Entry(request_id, endpoint, method, started, now)

    def close(
        self,
        pipe: Pipeline,
        entry: Entry,
        outcome: RoutingOutcome | None = None,
        usage: Usage = NO_USAGE,
        error: BaseException | None = None,
    ) -> None:
        """Queue a request that is over to be counted and kept; only the first call
        counts. ``outcome`` is None where nobody was asked."""
        if entry.is_written:
            return
        entry.is_written = True
        record = record_of(entry, outcome, usage, error)
        attempts = outcome.attempts if outcome else ()
        self._metrics.queue(
            pipe,
            day_of(entry.started_at).name,
            hour_of(entry.started_at).name,
            (entry.id, orjson.dumps(record)),
            told_of(record),
            {
                _name("request", _cell(record, attempts)): _counts(record, usage),
                **_attempts(attempts),
            },
            is_strangers=entry.key is None and outcome is None,
        )
        if outcome:
            for incident in incidents_of(entry.id, entry.key, outcome):
                self.incidents.queue(pipe, incident)

    # ------------------------------------------------------------ adding up

    def figures(self, pieces: Iterable[Piece], only: Only = ALL) -> Totals:
        """What the requests of these days and hours add up to."""
        summed: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for _, cells in self._metrics.read(piece.name for piece in pieces):
            for name, counters in cells.items():
                summed[name].update(counters)
        return Totals(_requests(summed, only))

    def series(
        self, pieces: Iterable[Piece], only: Only = ALL
    ) -> Iterator[tuple[Piece, Totals, int]]:
        """Each day or hour by itself, with how many attempts its requests took."""
        pieces = list(pieces)
        read = self._metrics.read(piece.name for piece in pieces)
        for piece, (_, cells) in zip(pieces, read, strict=True):
            tried = sum(counts["attempts"] for _, counts in _tries(cells, only))
            yield piece, Totals(_requests(cells, only)), tried

    def all_time(
        self,
    ) -> tuple[list[tuple[Cell, Counts]], list[tuple[AttemptCell, Counts]]]:
        """Requests and attempts since the store began, by cell."""
        cells = self._metrics.read_all_time()
        return list(_requests(cells, ALL)), list(_tries(cells, ALL))

    # ------------------------------------------------------------ looking up

    def records(
        self, pieces: Iterable[Piece], asked: Asked = ANY, before: str | None = None
    ) -> Iterator[tuple[str, Record | None]]:
        """Records of these days, newest first: each with the cursor that continues
        after it, and None for one that was not asked for.

        ``before`` is such a cursor.
        """
        days = dict.fromkeys(day_of(piece.begins_at).name for piece in pieces)
        first, _, place = (before or "").partition("/")
        for day in sorted(days, reverse=True):
            if not before or day <= first:
                start = place if before and day == first else None
                yield from self._records_of(day, asked, start)

    def find(self, request_id: str) -> Record | None:
        """The record of one request, as long as it is kept."""
        days = last_days(DAYS_KEPT, self._clock())
        found = self._metrics.find(request_id, [day.name for day in reversed(days)])
        return orjson.loads(found) if found else None

    def _records_of(
        self, day: str, asked: Asked, before: str | None
    ) -> Iterator[tuple[str, Record | None]]:
        while page := self._metrics.page(day, before, PAGE):
            for place, text in page:
                record: Record = orjson.loads(text)
                yield f"{day}/{place}", record if asked.takes(record) else None
            before = page[-1][0]


def _cell(record: Record, attempts: Iterable[Attempt]) -> Cell:
    model = record["model"]
    asked = (each for each in attempts if each.model == model)
    is_heard_of = record["error_type"] is None or any(map(_names_a_model, asked))
    return Cell(
        record["endpoint"],
        record["account_id"],
        record["project_id"],
        model and _counted_model(model, is_heard_of),
        record["key_name"],
        record["error_type"],
    )


def _counted_model(name: str, is_heard_of: bool) -> str:
    return name if is_heard_of or is_known(name) else OTHER_MODEL


def _names_a_model(attempt: Attempt) -> bool:
    """Whether Google serves a model of this name."""
    return attempt.verdict == SUCCESS or not attempt.is_stranger


def _counts(record: Record, usage: Usage) -> Counters:
    us = round(record["duration_ms"] * 1000)
    counts = {
        "requests": 1,
        "us": us,
        "prompt": usage.prompt,
        "completion": usage.completion,
        "thoughts": usage.reasoning,
        "cached": usage.cached,
        "hits": int(record["cache"] == "hit"),
        "misses": int(record["cache"] == "miss"),
        f"b{bucket_of(us)}": 1,
    }
    return {name: count for name, count in counts.items() if count}


def _attempts(attempts: Iterable[Attempt]) -> Mapping[str, Counters]:
    counted: Counter[str] = Counter()
    for each in attempts:
        model = _counted_model(each.model, _names_a_model(each))
        cell = AttemptCell(each.account, each.project_id, model, each.verdict)
        counted[_name("attempt", cell)] += 1
    return {name: {"attempts": number} for name, number in counted.items()}


def _name(kind: str, cell: Cell | AttemptCell) -> str:
    return orjson.dumps([kind, *cell]).decode()


def _requests(
    cells: Mapping[str, Counters], only: Only
) -> Iterator[tuple[Cell, Counts]]:
    for name, counters in cells.items():
        kind, *words = orjson.loads(name)
        if kind == "request" and only.takes(cell := Cell(*words)):
            yield cell, counters


def _tries(
    cells: Mapping[str, Counters], only: Only
) -> Iterator[tuple[AttemptCell, Counts]]:
    for name, counters in cells.items():
        kind, *words = orjson.loads(name)
        if kind == "attempt" and only.takes(cell := AttemptCell(*words)):
            yield cell, counters
