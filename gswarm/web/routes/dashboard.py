"""What the dashboard's first page shows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from ...chat.models import Models
from ...monitoring.request_log import RequestLog
from ...monitoring.status import read_status
from ...monitoring.time_buckets import last_days, last_hours
from ...monitoring.totals import Totals
from ...routing.pool import Pool
from ...timestamps import iso
from ..documentation import documented
from ..figures import describe_parts, describe_period, describe_split, describe_tally
from ..guards import Guard
from ..schemas import load
from ..schemas.metrics import Series, SeriesQuery, Stats


def blueprint(
    guard: Guard, ledger: RequestLog, pool: Pool, models: Models
) -> Blueprint:
    """``/api/dashboard``: stats and metrics."""
    dashboard = Blueprint("dashboard", __name__, url_prefix="/api/dashboard")

    @dashboard.get("/stats")
    @guard.session_required
    @documented(answers=Stats)
    def show_stats() -> dict[str, Any]:
        """Show today (UTC) at a glance."""
        now = ledger.now
        today = ledger.figures(last_days(1, now)).whole
        status = read_status(pool.state(), models.default, now)
        return {
            "totalAccounts": status.accounts,
            "failingAccounts": status.failing_accounts,
            "activeProjects": status.active_projects,
            "failingProjects": status.failing_projects,
            "apiRequestsToday": today.total,
            "errorRate": round(today.error_rate, 4),
            "tokensToday": today.tokens,
            "p50Ms": today.took(0.5),
            "p95Ms": today.took(0.95),
            "status": status.word,
        }

    @dashboard.get("/metrics")
    @guard.session_required
    @documented(query=SeriesQuery, answers=Series)
    def show_series() -> dict[str, Any]:
        """Show requests hour by hour or day by day.

        With `split`, also those of each model or account: of the five with most, of
        the others together, and of nobody, which no account took, say.
        """
        asked, now = load(SeriesQuery(), request.args), ledger.now
        hours, days, split = asked["hours"], asked["days"], asked["split"]
        pieces = last_hours(hours, now) if hours else last_days(days, now)
        whole, points, found = Totals(), [], []
        for piece, figures, _ in ledger.series(pieces):
            whole.merge(figures)
            found.append(figures)
            point = {"at": iso(piece.begins_at), **describe_tally(figures.whole)}
            points.append(point)
        return {
            **describe_period(pieces, now),
            "series": points,
            **({"parts": describe_split(found, whole, split)} if split else {}),
            **{
                f"by_{name}": describe_parts(whole, name)
                for name in ("model", "account", "project")
            },
            "error_breakdown": dict(whole.errors.most_common()),
        }

    return dashboard
