"""Figures as JSON, in the names that clients know them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ..figures import DIMENSIONS, Figures, Only, Tally
from ..instants import iso
from ..ledger import Ledger
from ..periods import Piece

Quota: TypeAlias = Callable[[], Sequence[Mapping[str, Any]]]
"""What is known of each account's quota for each model."""

MOST_PARTS = 5
"""As many as can be told apart in a chart."""


def aggregate(
    ledger: Ledger, pieces: Sequence[Piece], only: Only, quota: Quota
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


def describe_parts(figures: Figures, dimension: str) -> dict[str, Any]:
    """An entry for each model, say; most requests first."""
    parts = figures.by[dimension].items()
    most_first = sorted(parts, key=lambda part: (-part[1].total, part[0]))
    return {name: describe_tally(tally) for name, tally in most_first}


def describe_split(
    series: Sequence[Figures], whole: Figures, dimension: str
) -> list[dict[str, Any]]:
    """The parts with most requests, piece by piece; the others are one, nameless."""
    parts = whole.by[dimension]
    ranked = sorted(parts, key=lambda name: (-parts[name].total, name))
    named: list[tuple[str | None, list[str]]] = [
        (name, [name]) for name in ranked[:MOST_PARTS]
    ]
    rest = [(None, ranked[MOST_PARTS:])] if ranked[MOST_PARTS:] else []
    return [
        {
            "name": name,
            "series": [
                describe_tally(_sum(figures.by[dimension], members))
                for figures in series
            ],
        }
        for name, members in named + rest
    ]


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
