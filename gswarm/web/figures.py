"""Figures as JSON, in the names that clients know them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ..monitoring.request_log import RequestLog
from ..monitoring.time_buckets import Piece
from ..monitoring.totals import DIMENSIONS, Only, Tally, Totals
from ..timestamps import iso

Quota: TypeAlias = Callable[[], Sequence[Mapping[str, Any]]]
"""What is known of each account's quota for each model."""

Part: TypeAlias = dict[str, Any]

MOST_PARTS = 5
"""As many as can be told apart in a chart."""


def aggregate(
    ledger: RequestLog, pieces: Sequence[Piece], only: Only, quota: Quota
) -> dict[str, Any]:
    """The requests of some days and hours, added up."""
    figures = ledger.figures(pieces, only)
    whole = figures.whole
    return {
        **describe_period(pieces, ledger.now),
        "total_requests": whole.total,
        "successful_requests": whole.successful,
        "failed_requests": whole.failed,
        "avg_duration_ms": whole.average_ms,
        "total_duration_ms": whole.total_ms,
        **_percentiles(whole),
        "tokens_used": whole.tokens,
        "prompt_tokens": whole.counts["prompt"],
        "completion_tokens": whole.counts["completion"],
        "thought_tokens": whole.counts["thoughts"],
        "cached_tokens": whole.counts["cached"],
        **{f"by_{name}": describe_parts(figures, name) for name in DIMENSIONS},
        "error_breakdown": dict(figures.errors.most_common()),
        "cache": {
            "hits": whole.counts["hits"],
            "misses": whole.counts["misses"],
            "hit_rate": whole.hit_rate,
        },
        "quota": list(quota()),
    }


def describe_period(pieces: Sequence[Piece], now: float) -> dict[str, str]:
    """From when to when these days and hours reach, as far as they have passed."""
    begins = pieces[0].begins_at if pieces else now
    ends = min(pieces[-1].ends_at, now) if pieces else now
    return {"period_start": iso(begins), "period_end": iso(ends)}


def describe_parts(figures: Totals, dimension: str) -> dict[str, Any]:
    """An entry for each model, say; most requests first."""
    parts = figures.by[dimension].items()
    most_first = sorted(parts, key=lambda part: (-part[1].total, part[0]))
    return {name: describe_tally(tally) for name, tally in most_first}


def describe_split(
    series: Sequence[Totals], whole: Totals, dimension: str
) -> list[Part]:
    """The parts with most requests, piece by piece; the others are one, nameless, and
    so are those of nobody: together they are the whole."""
    parts = whole.by[dimension]
    ranked = sorted(parts, key=lambda name: (-parts[name].total, name))
    shown, others = ranked[:MOST_PARTS], ranked[MOST_PARTS:]

    def part(kind: str, name: str | None, read: Callable[[Totals], Tally]) -> Part:
        tallies = [describe_tally(read(figures)) for figures in series]
        return {"kind": kind, "name": name, "series": tallies}

    def of(names: Sequence[str]) -> Callable[[Totals], Tally]:
        return lambda figures: _sum(figures.by[dimension], names)

    def of_nobody(figures: Totals) -> Tally:
        by = figures.by[dimension]
        return figures.whole.without(_sum(by, tuple(by)))

    found = [part("named", name, of([name])) for name in shown]
    if others:
        found += [part("others", None, of(others))]
    if of_nobody(whole).total:
        found += [part("nobody", None, of_nobody)]
    return found


def describe_tally(tally: Tally) -> dict[str, Any]:
    """What requests add up to."""
    return {
        "total": tally.total,
        "successful": tally.successful,
        "failed": tally.failed,
        "avg_duration_ms": tally.average_ms,
        "total_duration_ms": tally.total_ms,
        "tokens_used": tally.tokens,
        **_percentiles(tally),
    }


def _sum(parts: Mapping[str, Tally], names: Sequence[str]) -> Tally:
    whole = Tally()
    for name in names:
        if name in parts:
            whole.merge(parts[name])
    return whole


def _percentiles(tally: Tally) -> dict[str, float | None]:
    return {f"p{n}_ms": tally.took(n / 100) for n in (50, 95, 99)}
