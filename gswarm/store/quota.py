"""What is used of Google's quotas, as the store counts it. lua/quota.lua tells how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson

from ..rotation.pacing import Pacing
from .connection import Store
from .scripts import Script

_QUOTA = ("health", "placing", "telling", "quota")

_reconsider = Script("reconsider", prelude=_QUOTA)
_hear_quota = Script("hear_quota", prelude=_QUOTA)
_quota_use = Script("quota_use", prelude=_QUOTA)

MOST_SHOWN = 1_000

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


def read_use(store: Store, pacing: Pacing, now: float) -> list[QuotaUse]:
    """What was used within a day, the newest `MOST_SHOWN` first."""
    asked = {**_asked(pacing, now), "most": MOST_SHOWN}
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


def reconsider(store: Store, pacing: Pacing, now: float) -> None:
    """Hold every pause to these limits, which may have changed."""
    asked = _asked(pacing, now)
    if not pacing.is_on:
        del asked["quota"]
    _reconsider(store, (), [orjson.dumps(asked)])


def _asked(pacing: Pacing, now: float) -> dict[str, Any]:
    return {
        "now": _ms(now),
        "quotas": {model: pacing.quota(model) for model in pacing.limits},
        "quota": {"threshold": pacing.threshold},
    }


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
