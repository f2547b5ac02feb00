"""The requests of late: what came of each, and how it was routed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request

from ..errors import NotFound
from ..ledger import Ledger
from ..periods import pieces_between
from ..request_record import Asked, Record
from .documentation import documented
from .guards import Guard
from .metrics import only_in
from .schemas import load
from .schemas.request_log import RequestPage, RequestsQuery, RoutedRequest

MOST_READ = 5_000
"""Records looked at for one page; those who filter much turn a page more."""


def blueprint(guard: Guard, ledger: Ledger) -> Blueprint:
    """``/api/gswarm/requests``."""
    log = Blueprint("request_log", __name__, url_prefix="/api/gswarm/requests")

    @log.get("")
    @guard.key_or_session("monitor")
    @documented(query=RequestsQuery, answers=RequestPage)
    def list_requests() -> dict[str, Any]:
        """List requests, newest first."""
        asked = load(RequestsQuery(), request.args)
        start, end = asked["startDate"], asked["endDate"]
        wanted = Asked(
            only_in(asked), asked["type"], asked["key"], asked["status"], start, end
        )
        pieces = pieces_between(start, end, ledger.now)
        return _page(ledger.records(pieces, wanted, asked["cursor"]), asked["limit"])

    @log.get("/<request_id>")
    @guard.key_or_session("monitor")
    @documented(answers=RoutedRequest)
    def show_request(request_id: str) -> Record:
        """Show one request. Its `route` tells why each project was chosen."""
        found = ledger.find(request_id)
        if found is None:
            raise NotFound("There is no record of this request.")
        return found

    return log


def _page(records: Iterable[tuple[str, Record | None]], limit: int) -> dict[str, Any]:
    """The first of the records, and the cursor of the last one looked at, if there may
    be more."""
    shown: list[Record] = []
    cursor = ""
    for read, (place, record) in enumerate(records):
        if read == MOST_READ or (record and len(shown) == limit):
            return {"requests": shown, "nextCursor": cursor}
        if record:
            shown.append({k: v for k, v in record.items() if k != "route"})
        cursor = place
    return {"requests": shown}
