"""How the whole stands, once or as it changes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import inf
from typing import Any

from flask import Blueprint, Response, g, request

from ... import __version__
from ...errors import RateLimitExceeded
from ...gemini.models import find
from ...monitoring.status import ModelStatus, Status
from ...monitoring.status_watcher import StatusWatcher
from ...routing.quotas import Quotas
from ...store.events import Events
from ...timestamps import iso
from ..discretion import discretion
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..live import FOR_ALL, FOR_PEOPLE, Audience, Live, resumed_id
from ..schemas.status import StatusAnswer
from ..server.in_flight import InFlight
from ..server.shutdown import BEGAN_AT
from ..streaming import STREAM_HEADERS

MOST_STREAMS = 20
"""Of one key or session in one process: as many as anybody has tabs."""
RETRY_SECONDS = 5.0


def blueprint(
    guard: Guard,
    watch: StatusWatcher,
    events: Events,
    in_flight: InFlight,
    quotas: Quotas,
) -> Blueprint:
    """``/api/gswarm/status``, and its stream."""
    streams: Counter[str] = Counter()
    status = Blueprint("status", __name__, url_prefix="/api/gswarm/status")

    @status.get("")
    @guard.key_or_session("monitor")
    @documented(answers=StatusAnswer)
    def show_status() -> dict[str, Any]:
        """Show how the whole stands, in one of six words, and how each model does."""
        found: dict[str, Any] = discretion().of(describe(watch.look()))
        return found

    @status.get("/stream")
    @guard.key_or_session("monitor")
    @documented(answers=EVENTS)
    def stream_status() -> Response:
        """Stream what happens, as server-sent events.

        `status_update` comes at once, then when the status changes; then there are
        `project_cooldown`, `project_recovered`, `account_invalid`, `quota_warning`,
        `request` and, for sessions, `job`. `Last-Event-ID` resumes over the last 1,000.
        """
        with ExitStack() as held:
            holder, holds_until = _holder()
            held.enter_context(_one_of_few(streams, holder))
            cancellation = in_flight.begin(request.environ, endless=True)
            held.callback(in_flight.end, cancellation)
            last_id = resumed_id(request.headers.get("Last-Event-ID"))
            listener = held.enter_context(events.listen(last_id))
            guard.confirm()
            kinds = FOR_PEOPLE if "session" in g else FOR_ALL
            audience = Audience(holder, holds_until, kinds, discretion())
            live = Live(watch, listener, cancellation, describe, audience)
            response = Response(
                live.frames(), mimetype="text/event-stream", headers=STREAM_HEADERS
            )
            response.call_on_close(held.pop_all().close)
        return response

    def describe(found: Status) -> dict[str, Any]:
        return {
            "status": found.word,
            "models": {name: _model(name, each) for name, each in found.models.items()},
            "accounts": found.accounts,
            "validAccounts": found.usable_accounts,
            "failingAccounts": found.failing_accounts,
            "projects": found.projects,
            "activeProjects": found.active_projects,
            "cooldownProjects": found.cooling_projects,
            "failingProjects": found.failing_projects,
            "defaultModel": found.default_model,
            "uptime": round(time.monotonic() - BEGAN_AT, 1),
            "quota": {"uses": quotas.describe()},
            "version": __version__,
            "timestamp": iso(found.at),
        }

    return status


@contextmanager
def _one_of_few(streams: Counter[str], holder: str) -> Iterator[None]:
    """Count a stream of this process for as long as it lasts; raises
    `RateLimitExceeded` where its holder has too many."""
    if streams[holder] >= MOST_STREAMS:
        raise RateLimitExceeded(
            f"At most {MOST_STREAMS} streams of events are open at once.",
            retry_after=RETRY_SECONDS,
        )
    streams[holder] += 1
    try:
        yield
    finally:
        streams[holder] -= 1
        if not streams[holder]:
            del streams[holder]


def _holder() -> tuple[str, float]:
    """Who has asked, and until when (epoch seconds) that holds."""
    if "session" in g:
        return g.session.holder, g.session.ends_at
    return g.api_key.id, g.api_key.expires_at or inf


def _model(name: str, found: ModelStatus) -> dict[str, Any]:
    free_at, retires_on = found.next_free_at, find(name).retires_on
    shown = {
        "status": found.word,
        "available": found.available,
        "cooling": found.cooling,
        "resting": dict(found.resting),
        "nextFreeAt": None if free_at is None else iso(free_at),
    }
    return shown | ({"retiresOn": retires_on.isoformat()} if retires_on else {})
