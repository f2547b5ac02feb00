"""What is used of Google's quotas, as counted by lua/lib/quota.lua."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson

from ..rotation.pacing import Pacing
from . import names
from .connection import Store
from .events import publish
from .records import live_models
from .scripts import Script

_reconsider = Script("reconsider")
_hear_quota = Script("hear_quota")
_quota_use = Script("quota_use")
_count_call = Script("count_call")

MOST_SHOWN = 1_000

PAUSED = ("resting:rate_limit", "resting:quota_exhausted")
"""Where projects stand that may have a pause to end."""

UNPAUSED = ("ready", "tainted", "resting:server")
"""Where those stand that a lower limit may give one."""

AT_ONCE = 25
"""How many projects are looked at in one step: a few milliseconds of the store's."""

Source: TypeAlias = Literal["config", "learnt", "google"]


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """An account's day for a model. Instants are epoch seconds.

    ``limit`` is None where nobody knows it, else ``source`` says who does.
    ``resets_at`` is when something, or all of it, comes back; ``per_second`` how fast
    it was used in the last hour.
    """

    account: str
    model: str
    used: int
    limit: int | None
    source: Source | None
    resets_at: float | None
    per_second: float


@dataclass(frozen=True, slots=True)
class Told:
    """What Google says is left: ``remaining`` is a fraction, ``amount`` requests."""

    account: str
    model: str
    remaining: float
    amount: int | None
    resets_at: float | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A call as it counts; ``at`` is when it went out, in epoch seconds."""

    project: str
    account: str
    model: str
    at: float


def read_use(store: Store, pacing: Pacing, now: float) -> list[QuotaUse]:
    """What was used within a day, the newest `MOST_SHOWN` first."""
    asked = {
        "now": _ms(now),
        "quotas": {model: pacing.quota(model) for model in pacing.limits},
        "quota": {"threshold": pacing.threshold},
        "most": MOST_SHOWN,
    }
    found = orjson.loads(_quota_use(store, (), [orjson.dumps(asked)]))
    return [_use(each, now) for each in found]


def hear(store: Store, pacing: Pacing, told: Told, now: float) -> None:
    """Take what Google says into account, as far as it agrees with what it does."""
    said = {
        "now": _ms(now),
        "account": told.account,
        "model": told.model,
        "remaining": told.remaining,
        "quota": pacing.quota(told.model),
    }
    if told.amount is not None:
        said["amount"] = told.amount
    if told.resets_at is not None:
        said["resets_at"] = _ms(told.resets_at)
    _hear_quota(store, (), [orjson.dumps(said)])


def count(store: Store, pacing: Pacing, sent: Sent) -> None:
    """Count a call that goes out beside the pool."""
    _count(store, pacing, sent, sent.at, is_refused=False)


def take_back(store: Store, pacing: Pacing, sent: Sent, now: float) -> None:
    """Count it no more: it was refused."""
    _count(store, pacing, sent, now, is_refused=True)


def _count(
    store: Store, pacing: Pacing, sent: Sent, now: float, *, is_refused: bool
) -> None:
    said = {
        "now": _ms(now),
        "project": sent.project,
        "account": sent.account,
        "model": sent.model,
        "sent_at": _ms(sent.at),
        "is_refused": is_refused,
        "quota": pacing.quota(sent.model),
    }
    _count_call(store, (), [orjson.dumps(said)])


def reconsider(store: Store, before: Pacing, pacing: Pacing, now: float) -> None:
    """Hold the pool to these limits instead of those before; the store has time for
    others in between."""
    for model in live_models(store):
        asked = {"now": _ms(now), "model": model, "quota": pacing.quota(model)}
        is_changed = pacing.named(model) != before.named(model)
        ids = _standing(store, model, PAUSED + UNPAUSED if is_changed else PAUSED)
        for n in range(0, len(ids), AT_ONCE):
            _reconsider(store, (), [orjson.dumps(asked), *ids[n : n + AT_ONCE]])
    publish(store, "pool_changed", {})


def _standing(store: Store, model: str, indexes: Iterable[str]) -> list[str]:
    with store.pipeline() as pipe:
        for name in indexes:
            pipe.zrange(names.index(model, name), 0, -1)
        return [project_id for ids in pipe.execute() for project_id in ids]


def _use(raw: dict[str, Any], now: float) -> QuotaUse:
    since = raw["since"] / 1000
    resets_at = raw.get("resets_at")
    return QuotaUse(
        account=raw["account"],
        model=raw["model"],
        used=raw["used"],
        limit=raw.get("limit"),
        source=raw.get("whose"),
        resets_at=resets_at / 1000 if resets_at else None,
        per_second=raw["lately"] / max(60.0, now - since),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
