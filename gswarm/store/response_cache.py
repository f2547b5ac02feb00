"""Whole answers, kept for the next one who asks exactly the same."""

from __future__ import annotations

from typing import Any

import orjson

from . import names
from .connection import Pipeline
from .deferred import Later


def queue_look_up(pipe: Pipeline, fingerprint: str) -> Later[Any]:
    """Ask for an answer, as JSON had it; None where there is none."""
    pipe.get(names.answer(fingerprint))
    return Later.of_last(pipe, lambda value: orjson.loads(value) if value else None)


def queue_keep(pipe: Pipeline, fingerprint: str, value: str, seconds: int) -> None:
    pipe.set(names.answer(fingerprint), value, ex=seconds)
