"""What is known of projects, over all models and for each: health, rests, totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..rotation.health import Counts, Health, Standing, health_of
from . import names
from .connection import Store

ProjectStatus: TypeAlias = dict[str, Any]
"""projectId, lastUsedAt, lastSuccessAt, lastErrorAt, successCount, errorCount,
consecutiveErrors, cooldownUntil (instants in ms, 0: never), and where they apply
cooldownReason, lastErrorType, quotaResetTime (ms), quotaResetReason."""

NUMBERS = (
    "lastUsedAt",
    "lastSuccessAt",
    "lastErrorAt",
    "successCount",
    "errorCount",
    "limitedCount",
    "consecutiveErrors",
    "cooldownUntil",
)
WORDS = ("cooldownReason", "lastErrorType", "quotaResetReason")


@dataclass(frozen=True, slots=True)
class Record:
    """A project as it stands: over all models, and per model asked for lately.

    ``standings`` is what ranking sees, by model (account rests left out).
    """

    project_id: str
    in_flight: int
    status: ProjectStatus
    models: Mapping[str, ProjectStatus]
    standings: Mapping[str, Standing]

    def health(self, model: str, now: float) -> Health:
        """Its health for one model."""
        fresh = Standing(self.project_id, in_flight=self.in_flight)
        return health_of(self.standings.get(model, fresh), now)


def live_models(store: Store) -> list[str]:
    """The models asked for lately, least recently first."""
    models: Any = store.zrange(names.LIVE_MODELS, 0, -1)
    return list(models)


def read(store: Store, ids: Iterable[str]) -> list[Record]:
    """The records of these projects, in their order."""
    ids, models = list(ids), live_models(store)
    with store.pipeline() as pipe:
        for project_id in ids:
            pipe.hgetall(names.project_status(project_id))
            for model in models:
                pipe.hgetall(names.pair_status(project_id, model))
        replies = pipe.execute()
    width = 1 + len(models)
    rows = [replies[n : n + width] for n in range(0, len(replies), width)]
    return [
        _record(project_id, row[0], dict(zip(models, row[1:], strict=True)))
        for project_id, row in zip(ids, rows, strict=True)
    ]


def _record(
    project_id: str, project: dict[str, str], pairs: dict[str, dict[str, str]]
) -> Record:
    known = {model: pair for model, pair in pairs.items() if pair}
    return Record(
        project_id=project_id,
        in_flight=int(project.get("inFlight", 0)),
        status=_status(project_id, project),
        models={model: _status(project_id, pair) for model, pair in known.items()},
        standings={
            model: _standing(project_id, project, pair) for model, pair in known.items()
        },
    )


def _status(project_id: str, fields: Mapping[str, str]) -> ProjectStatus:
    status: ProjectStatus = {"projectId": project_id}
    status.update({name: int(float(fields.get(name, 0))) for name in NUMBERS})
    status.update({name: fields[name] for name in WORDS if fields.get(name)})
    if "quotaResetTime" in fields:
        status["quotaResetTime"] = int(float(fields["quotaResetTime"]))
    return status


def _standing(
    project_id: str, project: Mapping[str, str], pair: Mapping[str, str]
) -> Standing:
    return Standing(
        project_id=project_id,
        counts=Counts(
            successes=float(pair.get("recentSuccesses", 0)),
            errors=float(pair.get("recentErrors", 0)),
            counted_at=float(pair.get("recentAt", 0)) / 1000,
        ),
        last_used_at=float(project.get("lastUsedAt", 0)) / 1000,
        in_flight=int(project.get("inFlight", 0)),
        rests_until=max(
            float(pair.get("cooldownUntil", 0)), float(project.get("cooldownUntil", 0))
        )
        / 1000,
    )
