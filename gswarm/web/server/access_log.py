"""One log line for each request, when the last byte of its answer is out."""

from __future__ import annotations

import logging
import time
from typing import Any

from flask import Flask, Response, g, request

from .unreadable import REFUSAL

logger = logging.getLogger("gswarm.access")


def init_app(app: Flask) -> None:
    """Log every request of ``app``: its path, not its query, which may hold a key.
    Where no request could be read, what stands in its place may hold anything."""

    @app.after_request
    def note(response: Response) -> Response:
        was_read = REFUSAL not in request.environ
        if was_read and logger.isEnabledFor(logging.INFO):
            fields = {"request_id": g.request_id, "status": response.status_code}
            line = f"{request.method} {_printable(request.path)}"
            response.call_on_close(_Line(line, fields, g.started))
        return response


class _Line:
    """Writes the line when called."""

    def __init__(self, line: str, fields: dict[str, Any], started: float) -> None:
        self._line = line
        self._fields = fields
        self._started = started

    def __call__(self) -> None:
        self._fields["ms"] = round((time.perf_counter() - self._started) * 1000, 1)
        logger.info("%s", self._line, extra={"fields": self._fields})


def _printable(path: str) -> str:
    """The path on one line, however it was spelled."""
    return path[:200].encode("unicode_escape").decode("ascii")
