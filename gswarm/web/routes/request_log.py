"""The requests of late: what came of each, and how it was routed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from ...errors import NotFound
from ...monitoring.record import Asked, Record
from ...monitoring.request_log import RequestLog
from ...monitoring.time_buckets import pieces_between
from ..discretion import as_shown, discretion
from ..documentation import documented
from ..guards import Guard
from ..paging import page_of
from ..schemas import load
from ..schemas.request_log import RequestPage, RequestsQuery, RoutedRequest
from .metrics import only_in


def blueprint(guard: Guard, ledger: RequestLog) -> Blueprint:
    """``/api/gswarm/requests``."""
    log = Blueprint("request_log", __name__, url_prefix="/api/gswarm/requests")

    @log.get("")
    @guard.key_or_session("monitor")
    @documented(query=RequestsQuery, answers=RequestPage)
    def list_requests() -> dict[str, Any]:
        """List requests, newest first. A key without the scope `admin` sees its own."""
        asked = load(RequestsQuery(), request.args)
        start, end, hidden = asked["startDate"], asked["endDate"], discretion()
        wanted = Asked(
            only_in(asked),
            error=asked["type"],
            key=asked["key"],
            status=asked["status"],
            key_id=hidden.key_id,
            dialect=asked["dialect"],
            since=start,
            until=end,
        )
        pieces = pieces_between(start, end, ledger.now)
        found = ledger.records(pieces, wanted, asked["cursor"])

        def describe(record: Record) -> Record:
            return as_shown(_without_route(record), hidden)

        return page_of("requests", found, asked["limit"], describe)

    @log.get("/<request_id>")
    @guard.key_or_session("monitor")
    @documented(answers=RoutedRequest)
    def show_request(request_id: str) -> Record:
        """Show one request. Its `route` tells why each project was chosen."""
        found, hidden = ledger.find(request_id), discretion()
        if found is None or not hidden.shows(found):
            raise NotFound("There is no record of this request.")
        return as_shown(found, hidden)

    return log


def _without_route(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "route"}
