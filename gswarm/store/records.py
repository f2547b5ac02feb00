"""What is known of projects, over all models and for each: health, rests, totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
class Cooldown:
    """How long something rests (epoch seconds; in the past: it does not), and why."""

    until: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A project as it stands: over all models, and per model asked for lately.

    ``rest`` is the one from every model, the project's own or its account's; ``rests``
    and ``standings``, what ranking sees, are by model and have that one in them. It
    ``is_fresh_for_some`` model it serves where it was not asked for it yet.
    """

    project_id: str
    in_flight: int
    status: ProjectStatus
    models: Mapping[str, ProjectStatus]
    rest: Cooldown
    rests: Mapping[str, Cooldown]
    standings: Mapping[str, Standing]
    is_fresh_for_some: bool = False

    def health(self, model: str, now: float) -> Health:
        """Its health for one model."""
        return health_of(self.standings.get(model, self._fresh()), now)

    def health_overall(self, now: float) -> Health:
        """Its health over all models: what they count together, and whether it rests
        from each of them."""
        counts = [each.counts.faded(now) for each in self.standings.values()]
        together = Counts(
            sum(each.successes for each in counts),
            sum(each.errors for each in counts),
            now,
        )
        rests_until = self.whole_rest(now).until
        return health_of(
            replace(self._fresh(), counts=together, rests_until=rests_until), now
        )

    def whole_rest(self, now: float) -> Cooldown:
        """Its rest from every model, or where it rests from each one asked for lately,
        the one that ends first. One that lacks a model does not rest from it."""
        rests = [
            rest
            for model, rest in self.rests.items()
            if model != names.OTHER_MODEL and rest.reason != "not_found"
        ]
        if self.rest.until > now or self.is_fresh_for_some or not rests:
            return self.rest
        return min(rests, key=lambda rest: rest.until)

    def _fresh(self) -> Standing:
        return Standing(
            self.project_id,
            last_used_at=float(self.status["lastUsedAt"]) / 1000,
            in_flight=self.in_flight,
            rests_until=self.rest.until,
        )


def live_models(store: Store) -> list[str]:
    """The models asked for lately, least recently first."""
    models: Any = store.zrange(names.LIVE_MODELS, 0, -1)
    return list(models)


def read(store: Store, ids: Iterable[str], now: float) -> list[Record]:
    """The records of these projects, in their order, as they stand ``now``."""
    ids, models = list(ids), live_models(store)
    with store.pipeline() as pipe:
        for model in models:
            pipe.get(names.index(model, "upstreams"))
        for project_id in ids:
            pipe.hgetall(names.project_status(project_id))
            for model in models:
                pipe.hgetall(names.pair_status(project_id, model))
        replies = pipe.execute()
    served_on = dict(zip(models, replies, strict=False))
    del replies[: len(models)]
    width = 1 + len(models)
    rows = [replies[n : n + width] for n in range(0, len(replies), width)]
    accounts = _accounts(store, {row[0].get("account", "") for row in rows})
    return [
        _record(
            project_id,
            row[0],
            dict(zip(models, row[1:], strict=True)),
            accounts[row[0].get("account", "")],
            served_on,
            now,
        )
        for project_id, row in zip(ids, rows, strict=True)
    ]


def _accounts(store: Store, emails: Iterable[str]) -> dict[str, dict[str, str]]:
    emails = list(emails)
    with store.pipeline() as pipe:
        for email in emails:
            pipe.hgetall(names.account(email))
        return dict(zip(emails, pipe.execute(), strict=True))


def _record(
    project_id: str,
    project: dict[str, str],
    pairs: dict[str, dict[str, str]],
    account: dict[str, str],
    served_on: Mapping[str, str | None],
    now: float,
) -> Record:
    known = {
        model: pair
        for model, pair in pairs.items()
        if pair or {f"cooldownUntil:{model}", f"pacedUntil:{model}"} & account.keys()
    }
    rest = _longest([_rest(project), _rest(account)], now)
    rests = {
        model: _longest([*_rests_for(model, pair, account), rest], now)
        for model, pair in known.items()
    }
    return Record(
        project_id=project_id,
        in_flight=int(project.get("inFlight", 0)),
        status=_status(project_id, project),
        models={
            model: _status(project_id, pair) | _shown_rest(rests[model], now)
            for model, pair in known.items()
        },
        rest=rest,
        rests=rests,
        standings={
            model: _standing(project_id, project, pair, rests[model])
            for model, pair in known.items()
        },
        is_fresh_for_some=any(
            model not in {*known, names.OTHER_MODEL} and _serves(account, upstreams)
            for model, upstreams in served_on.items()
        ),
    )


def _serves(account: Mapping[str, str], upstreams: str | None) -> bool:
    """As lua/lib/placing.lua has it: where nobody knows who serves it, any may."""
    return upstreams is None or account.get("upstream") in upstreams.split()


def _rests_for(
    model: str, pair: Mapping[str, str], account: Mapping[str, str]
) -> list[Cooldown]:
    """The rests for one model, pauses before a limit (lua/lib/quota.lua) among them."""
    return [
        _rest(pair),
        Cooldown(float(pair.get("pacedUntil", 0)) / 1000, "rate_limit"),
        _rest(account, f":{model}"),
        Cooldown(
            float(account.get(f"pacedUntil:{model}", 0)) / 1000, "quota_exhausted"
        ),
    ]


def _rest(fields: Mapping[str, str], suffix: str = "") -> Cooldown:
    until = float(fields.get(f"cooldownUntil{suffix}", 0)) / 1000
    return Cooldown(until, fields.get(f"cooldownReason{suffix}", ""))


def _longest(rests: Iterable[Cooldown], now: float) -> Cooldown:
    """As lua/lib/placing.lua has it: the later end counts, and "server" is the reason
    only where there is no other."""
    found = Cooldown()
    for rest in rests:
        if rest.until > now:
            is_reason = found.reason == "server" or rest.until > found.until
            reason = rest.reason if is_reason else found.reason
            found = Cooldown(max(found.until, rest.until), reason)
    return found


def _shown_rest(rest: Cooldown, now: float) -> ProjectStatus:
    """Where it rests: until when, whether for itself, its project or its account."""
    if rest.until <= now:
        return {}
    return {"cooldownUntil": round(rest.until * 1000), "cooldownReason": rest.reason}


def _status(project_id: str, fields: Mapping[str, str]) -> ProjectStatus:
    status: ProjectStatus = {"projectId": project_id}
    status.update({name: int(float(fields.get(name, 0))) for name in NUMBERS})
    status.update({name: fields[name] for name in WORDS if fields.get(name)})
    if "quotaResetTime" in fields:
        status["quotaResetTime"] = int(float(fields["quotaResetTime"]))
    return status


def _standing(
    project_id: str, project: Mapping[str, str], pair: Mapping[str, str], rest: Cooldown
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
        rests_until=rest.until,
    )
