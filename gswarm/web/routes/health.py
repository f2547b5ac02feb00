"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response

from ...errors import StoreUnavailable
from ...store.connection import Store
from ..documentation import documented
from ..schemas.health import Health

ALIVE = b'{"status":"ok"}'
READY = b'{"status":"ready"}'
NOT_READY = b'{"status":"unavailable"}'


def blueprint(store: Store) -> Blueprint:
    """``/healthz`` and ``/readyz``; neither names anything inside."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    @documented(answers=Health)
    def healthz() -> Response:
        """Whether this process lives."""
        return Response(ALIVE, mimetype="application/json")

    @health.get("/readyz")
    @documented(answers={200: Health, 503: Health})
    def readyz() -> Response:
        """Whether it can do its work: the store answers."""
        try:
            store.ping()
        except StoreUnavailable:
            return Response(NOT_READY, 503, mimetype="application/json")
        return Response(READY, mimetype="application/json")

    return health
