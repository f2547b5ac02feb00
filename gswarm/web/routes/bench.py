"""Measuring from within: requests through the pool, as clients make them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from ...chat.config import ChatConfig
from ...errors import Conflict
from ..bodies import read_json
from ..documentation import documented
from ..guards import Guard
from ..schemas import load
from ..schemas.jobs import JobAnswer, NewBench
from .jobs import Starter
from .projects import model_for

BODY_LIMIT = 16 * 1024


def blueprint(
    guard: Guard, preferences: Callable[[], ChatConfig], starter: Starter
) -> Blueprint:
    """``/api/bench``."""
    bench = Blueprint("bench", __name__, url_prefix="/api")

    @bench.post("/bench")
    @guard.session_required
    @documented(body=NewBench, answers={202: JobAnswer}, refuses=(Conflict,))
    def start_bench() -> Response:
        """Send requests through the pool as clients do, and report percentiles and who
        answered. They count as the key `bench`."""
        asked = load(NewBench(), read_json(request.environ, BODY_LIMIT))
        model = model_for(asked["model"], preferences())
        return starter.start("bench", {**asked, "model": model})

    return bench
