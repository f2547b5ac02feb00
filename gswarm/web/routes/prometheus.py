"""``/metrics`` for Prometheus: counters of all processes, since the store began."""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import accumulate
from typing import TypeVar

from flask import Blueprint, Response, request
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from ...monitoring.histogram import PER_DECADE, end_of
from ...monitoring.request_log import RequestLog
from ...monitoring.totals import AttemptCell, Cell, Counts, Tally
from ...routing.pool import Pool, PoolState
from ..discretion import Discretion, discretion
from ..documentation import Media, documented
from ..guards import Guard, shown_key

REQUEST = ("endpoint", "account", "project", "model", "key", "error")
ATTEMPT = ("account", "project", "model", "verdict")
TOKENS = ("prompt", "completion")
DURATION = ("endpoint", "model")

LENGTHS = range(3 * PER_DECADE, 9 * PER_DECADE, PER_DECADE // 4)
"""The buckets shown, by where they end: 1 ms, 1.8, 3.2, 5.6, 10 ms and so on."""

AnyCell = TypeVar("AnyCell", Cell, AttemptCell)
Cells = Iterable[tuple[Cell, Counts]]


def blueprint(
    guard: Guard, ledger: RequestLog, pool: Pool, token: str | None
) -> Blueprint:
    """``/metrics``, for a key with the scope ``monitor`` or whoever has the token."""
    prometheus = Blueprint("prometheus", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Swarm(ledger, pool))

    @documented(answers=Media("text/plain"))
    def scrape() -> Response:
        """Show counters to Prometheus. `METRICS_TOKEN` opens it, too."""
        return Response(
            generate_latest(registry),
            content_type=CONTENT_TYPE_LATEST,
            headers={"Cache-Control": "no-store"},
        )

    prometheus.get("/metrics")(_for_scrapers(guard, token, scrape))
    return prometheus


def _for_scrapers(
    guard: Guard, token: str | None, view: Callable[[], Response]
) -> Callable[[], Response]:
    by_key = guard.needs("monitor", counted="never")(view)

    @wraps(by_key)
    def checked() -> Response:
        shown = shown_key(request) or ""
        if token and hmac.compare_digest(shown.encode(), token.encode()):
            return view()
        return by_key()

    return checked


class _Swarm(Collector):
    """What there is to tell, read anew at each scrape."""

    def __init__(self, ledger: RequestLog, pool: Pool) -> None:
        self._ledger = ledger
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        hidden = discretion()
        cells, attempts = self._ledger.all_time()
        cells = [(_discreet(cell, hidden), counts) for cell, counts in cells]
        attempts = [(_discreet(cell, hidden), counts) for cell, counts in attempts]
        yield _requests(cells)
        yield _tokens(cells)
        yield _durations(cells)
        yield _look_ups(cells)
        yield _attempts(attempts)
        yield from _projects(self._pool.state())

    def describe(self) -> Iterator[Metric]:
        """Nothing is read before the first scrape."""
        return iter(())


def _discreet(cell: AnyCell, hidden: Discretion) -> AnyCell:
    account = cell.account and hidden.account(cell.account)
    project = cell.project and hidden.project(cell.project)
    found: AnyCell = cell._replace(account=account, project=project)
    return found


def _requests(cells: Cells) -> Metric:
    family = CounterMetricFamily(
        "gswarm_requests",
        "Requests answered, refused or abandoned; error is empty where all went well.",
        labels=REQUEST,
    )
    for cell, counts in cells:
        family.add_metric([word or "" for word in cell], counts["requests"])
    return family


def _tokens(cells: Cells) -> Metric:
    labels = ("account", "project", "model", "key")
    family = CounterMetricFamily(
        "gswarm_tokens", "Tokens of prompts and answers.", labels=(*labels, "kind")
    )
    sums: Counter[tuple[str, ...]] = Counter()
    for cell, counts in cells:
        of = tuple(getattr(cell, name) or "" for name in labels)
        for kind in TOKENS:
            if kind in counts:
                sums[*of, kind] += counts[kind]
    for words, count in sums.items():
        family.add_metric(words, count)
    return family


def _durations(cells: Cells) -> Metric:
    family = HistogramMetricFamily(
        "gswarm_request_duration_seconds",
        "How long requests took, from their first byte to their last.",
        labels=DURATION,
    )
    tallies: defaultdict[tuple[str, ...], Tally] = defaultdict(Tally)
    for cell, counts in cells:
        words = tuple(getattr(cell, name) or "" for name in DURATION)
        tallies[words].merge(Tally.of(cell, counts))
    for words, tally in tallies.items():
        family.add_metric(words, _buckets(tally), tally.total_ms / 1000)
    return family


def _buckets(tally: Tally) -> list[tuple[str, float]]:
    """How many took at most so long, in seconds."""
    ends = [*LENGTHS, float("inf")]
    counts = [0] * len(ends)
    for bucket, count in tally.lengths.items():
        counts[next(n for n, end in enumerate(ends) if bucket <= end)] += count
    shown = [f"{end_of(end) / 1000:.4g}" for end in LENGTHS]
    return list(zip([*shown, "+Inf"], accumulate(counts), strict=True))


def _look_ups(cells: Cells) -> Metric:
    family = CounterMetricFamily(
        "gswarm_cache_look_ups", "Answers looked up in the cache.", labels=("result",)
    )
    sums: Counter[str] = Counter()
    for _, counts in cells:
        sums["hit"] += counts.get("hits", 0)
        sums["miss"] += counts.get("misses", 0)
    for result, count in sums.items():
        family.add_metric([result], count)
    return family


def _attempts(cells: Iterable[tuple[AttemptCell, Counts]]) -> Metric:
    family = CounterMetricFamily(
        "gswarm_attempts", "Projects asked, and what came of it.", labels=ATTEMPT
    )
    for cell, counts in cells:
        family.add_metric(cell, counts["attempts"])
    return family


def _projects(state: PoolState) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "gswarm_projects_usable", "Enabled projects of usable accounts.", state.usable
    )
    family = GaugeMetricFamily(
        "gswarm_projects",
        "Projects by what they do for a model asked for lately: ready, or why not.",
        labels=("model", "state"),
    )
    for name, model in state.models.items():
        for word, count in {"ready": model.ready, **model.resting}.items():
            family.add_metric([name, word], count)
    yield family
