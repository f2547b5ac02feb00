"""Whole answers, kept for the next one who asks exactly the same."""

from __future__ import annotations

import time
from typing import Any

import orjson

from . import names
from .connection import Pipeline
from .deferred import Later
from .scripts import Script

MOST = 20_000
MOST_BYTES = 32 * 2**20
"""Of all keys together."""

_keep = Script("keep_response")


def queue_look_up(pipe: Pipeline, fingerprint: str) -> Later[Any]:
    """Ask for an answer, as JSON had it; None where there is none."""
    pipe.get(names.answer(fingerprint))
    return Later.of_last(pipe, lambda value: orjson.loads(value) if value else None)


def queue_keep(
    pipe: Pipeline,
    fingerprint: str,
    value: str,
    seconds: int,
    now: float | None = None,
) -> None:
    """Keep an answer, and forget the oldest where they are too many: any client can ask
    any number of questions."""
    keys = [names.ANSWERS, names.ANSWER_BYTES, names.answer(fingerprint)]
    now_ms = int((time.time() if now is None else now) * 1000)
    args = [now_ms, seconds, MOST, MOST_BYTES, value]
    _keep(pipe, keys, args)
