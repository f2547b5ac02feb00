"""The pool's atomic steps; lua/lib/placing.lua says how records and indexes lie."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from .connection import Pipeline, Store
from .scripts import Script

_take = Script("take")
_settle = Script("settle")
_replace = Script("replace")
_wake = Script("wake")
_end_rests = Script("end_rests")
_state = Script("state")


def take(store: Store, ask: dict[str, Any]) -> dict[str, Any]:
    """Reserve the best project; what to ask and what comes back: lua/take.lua."""
    reply: dict[str, Any] = orjson.loads(_take(store, (), [orjson.dumps(ask)]))
    return reply


def settle(store: Store | Pipeline, said: dict[str, Any]) -> Any:
    """Say what came of it (lua/settle.lua); returns when the rest ends, in ms."""
    return _settle(store, (), [orjson.dumps(said)])


def replace_projects(store: Store | Pipeline, now: float, ids: Iterable[str]) -> None:
    """Put projects where their records, just changed, say they belong."""
    _replace(store, (), [_ms(now), "projects", *ids])


def replace_accounts(
    store: Store | Pipeline, now: float, emails: Iterable[str]
) -> None:
    """The same for all projects of these accounts."""
    _replace(store, (), [_ms(now), "accounts", *emails])


def wake(store: Store, now: float, project_id: str) -> bool:
    """End a project's rests by hand; says whether it rested."""
    return bool(_wake(store, (), [_ms(now), project_id]))


def end_rests(store: Store, now: float) -> int:
    """Tell of the rests that are over; returns when the next one ends, in ms."""
    return int(_end_rests(store, (), [_ms(now)]))


def state(store: Store, now: float, models: Iterable[str] = ()) -> dict[str, Any]:
    """How many are ready and how many rest, per model (lua/state.lua)."""
    found: dict[str, Any] = orjson.loads(_state(store, (), [_ms(now), *models]))
    return found


def _ms(now: float) -> int:
    return round(now * 1000)
