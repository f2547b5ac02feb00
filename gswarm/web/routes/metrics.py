"""What requests add up to, for programs and for the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request

from ...monitoring.request_log import RequestLog
from ...monitoring.time_buckets import last_days, pieces_between
from ...monitoring.totals import Only, Tally
from ...monitoring.trend import Day, average_of, direction, percent_change
from ..discretion import discretion
from ..documentation import documented
from ..figures import Quota, aggregate
from ..guards import Guard
from ..schemas import load
from ..schemas.metrics import AggregatedMetrics, MetricsQuery, Trends, TrendsQuery


def blueprint(guard: Guard, ledger: RequestLog, quota: Quota) -> Blueprint:
    """``/api/gswarm/metrics`` and ``/api/gswarm/metrics/trends``."""
    metrics = Blueprint("metrics", __name__, url_prefix="/api/gswarm/metrics")

    @metrics.get("")
    @guard.key_or_session("monitor")
    @documented(query=MetricsQuery, answers=AggregatedMetrics)
    def add_up() -> dict[str, Any]:
        """Add up the requests of a time. Whole days; of the last two, hours, too."""
        asked = load(MetricsQuery(), request.args)
        pieces = pieces_between(asked["startDate"], asked["endDate"], ledger.now)
        found: dict[str, Any] = discretion().of(
            aggregate(ledger, pieces, only_in(asked), quota)
        )
        return found

    @metrics.get("/trends")
    @guard.key_or_session("monitor")
    @documented(query=TrendsQuery, answers=Trends)
    def show_trend() -> dict[str, Any]:
        """Show a metric day by day, and which way it goes."""
        asked = load(TrendsQuery(), request.args)
        found = ledger.series(last_days(asked["days"], ledger.now))
        by_date = {
            piece.name: _day(asked["metric"], figures.whole, attempts)
            for piece, figures, attempts in found
        }
        days = list(by_date.values())
        change = percent_change(days)
        return {
            "metric": asked["metric"],
            "days": asked["days"],
            "dataPoints": [
                {"date": date, "value": day.value} for date, day in by_date.items()
            ],
            "average": round(average_of(days), 3),
            "peak": max(day.value for day in days),
            "percentChange": None if change is None else round(change, 2),
            "trend": direction(days),
        }

    return metrics


def only_in(asked: Mapping[str, Any]) -> Only:
    """Whose requests a query means."""
    return Only(asked["account"], asked["project"], asked["model"])


def _day(metric: str, tally: Tally, attempts: int) -> Day:
    values: dict[str, float] = {
        "requests": tally.total,
        "errors": tally.failed,
        "latency": tally.average_ms,
        "tokens": tally.tokens,
        "quota": attempts,
    }
    return Day(values[metric], has_data=tally.total > 0)
