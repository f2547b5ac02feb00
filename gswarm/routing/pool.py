"""The pool of projects: take the best one, say afterwards what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..errors import StoreUnavailable, Verdict
from ..gemini.models import is_known, upstreams_of
from ..rotation.cooldown import CooldownPolicy, counted, is_sane, named_seconds
from ..rotation.health import Health
from ..rotation.pacing import NO_PACING, Pacing, lesson
from ..store import pool as steps
from ..store.connection import Pipeline, Store
from ..store.leases import Lease
from ..store.names import OTHER_MODEL

Why: TypeAlias = Literal[
    "no_account", "not_served", "quota_exhausted", "resting", "model_resting", "tried"
]
QuotaScope: TypeAlias = Literal["auto", "account", "project"]

FOR_GOOD = -1


@dataclass(frozen=True, slots=True)
class Reservation:
    """A project reserved for one attempt; give it back exactly once.

    ``sealed`` holds the account's credential fields as they are stored. ``health`` is
    what it was chosen by, ``candidates`` how many projects are in rotation for the
    model, ``passed_over`` how many of them could not be taken, by reason. A probe goes
    to a project in a long rest, to see whether the rest is still needed. Instants are
    epoch seconds; ``turn`` orders takes and rests whatever the machines' clocks say.
    ``stands_as`` is the model's name in the records, "" if it is its own.
    """

    project_id: str
    account: str
    model: str
    upstream: str
    sealed: Mapping[str, str]
    health: Health
    taken_at: float
    is_probe: bool
    candidates: int
    passed_over: Mapping[str, int]
    reservation: str
    turn: int
    rested_for: str
    stands_as: str = ""

    @property
    def is_stranger(self) -> bool:
        """Whether nobody but the client has heard of the model: what is known of it
        stands under another name."""
        return self.stands_as == OTHER_MODEL

    def __repr__(self) -> str:
        return f"Reservation({self.project_id!r} for {self.model!r}, turn {self.turn})"


@dataclass(frozen=True, slots=True)
class NoneAvailable:
    """No project can be taken. ``free_at`` (epoch seconds) is when the next one can,
    as far as is known; with "tried" the ones that do not rest were all tried, with
    "not_served" there are some, but none where the model is served."""

    reason: Why
    free_at: float | None
    candidates: int
    passed_over: Mapping[str, int]

    @property
    def is_model_rest(self) -> bool:
        """Google has no capacity for the model, whatever the project."""
        return self.reason == "model_resting"


@dataclass(frozen=True, slots=True)
class ModelState:
    """How the pool stands for one model. ``rests_until`` is the model's own rest;
    ``routed_at`` is when a request last was limited by one project and answered by
    another."""

    ready: int
    resting: Mapping[str, int]
    next_free_at: float | None
    rests_until: float | None
    routed_at: float | None


@dataclass(frozen=True, slots=True)
class PoolState:
    """``usable`` projects are enabled ones of usable accounts, ``usable_on`` those by
    upstream: of them, ``refused`` ones rest because Google refuses them, ``cooling``
    ones for another reason, each for every model that was asked for lately.
    ``shut_out`` are enabled projects of accounts turned away for good; such accounts,
    and those that are refused for a while, are ``failing_accounts``. ``models`` are
    those asked for lately."""

    usable: int
    projects: int
    cooling: int
    accounts: int
    usable_accounts: int
    usable_on: Mapping[str, int]
    models: Mapping[str, ModelState]
    refused: int = 0
    shut_out: int = 0
    failing_accounts: int = 0


class Pool:
    """Chooses among all projects in one atomic step, for every process alike.

    All of it raises `StoreUnavailable`. ``cooldown`` and ``pacing`` give the operator's
    figures of the moment.
    """

    def __init__(  # noqa: PLR0913 - what an operator sets, each a word of its own
        self,
        store: Store,
        lease: Lease,
        *,
        cooldown: Callable[[], CooldownPolicy] = CooldownPolicy,
        pacing: Callable[[], Pacing] = lambda: NO_PACING,
        quota_scope: QuotaScope = "auto",
        max_wait_seconds: float = 5.0,
        default_client: str = "",
        is_known: Callable[[str], bool] = is_known,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``default_client`` is the OAuth client of the accounts that name none;
        ``is_known`` says whether anybody but a client knows a model by a name."""
        self._store = store
        self._default_client = default_client
        self._is_known = is_known
        self._lease = lease
        self._cooldown = cooldown
        self._pacing = pacing
        self._quota_scope = quota_scope
        self._max_wait_ms = int(max_wait_seconds * 1000)
        self._clock = clock

    def take(
        self,
        model: str,
        *,
        tried: Collection[str] = (),
        prefer_account: str | None = None,
        past_model_rest: bool = False,
        counts: bool = True,
        patience: float | None = None,
        not_on: str | None = None,
    ) -> Reservation | NoneAvailable:
        """Reserve the healthiest project that serves the model and was not ``tried``.

        ``prefer_account``'s projects come first while one of them can serve;
        ``past_model_rest`` looks past the model's own lack of capacity. Without
        ``counts`` nothing of a quota will be used up. Whoever has ``patience`` for so
        many seconds (the pool's own if None) would rather wait that long than try out
        whether a rest is still true. Projects of the upstream ``not_on`` come last.
        """
        patience_ms = self._max_wait_ms if patience is None else _ms(patience)
        now, reservation = self._clock(), self._lease.new_reservation()
        ask = {
            "now": _ms(now),
            "worker": self._lease.worker,
            "reservation": reservation,
            "model": model,
            "is_known": self._is_known(model),
            "tried": list(tried),
            "account": prefer_account,
            "not_on": not_on,
            "past_model_rest": past_model_rest,
            "max_wait": patience_ms,
            "upstreams": upstreams_of(model),
            "quota": self._pacing().quota(model) if counts else None,
        }
        try:
            reply = steps.take(self._store, ask)
        except StoreUnavailable:
            self._lease.is_over(reservation)
            raise
        if "nothing" in reply:
            return _nothing(reply)
        return _taken(reply, model, now, reservation)

    def succeed(
        self, taken: Reservation, pipe: Pipeline | None = None, *, routed: bool = False
    ) -> None:
        """It answered: strikes and cooldown end, its reservation too. ``routed``: after
        another project had said that it is limited."""
        self._settle(taken, {"outcome": "success", "routed": routed}, pipe)

    def fail(
        self,
        taken: Reservation,
        verdict: Verdict,
        pipe: Pipeline | None = None,
        *,
        is_missing: bool = False,
    ) -> float | None:
        """Rest what the verdict rests, and give the reservation back. ``is_missing``:
        nobody is to be asked for a stranger's name for some minutes.

        Returns when that rest ends (epoch seconds; infinity where only an admin or a
        new sign-in ends it), None where nothing rests or ``pipe`` has yet to run.
        """
        if verdict.rests == "nothing":
            self.release(taken, pipe)
            return None
        judged = self._judged(verdict) | {"is_missing": is_missing}
        ends = self._settle(taken, judged, pipe)
        if pipe is not None or ends == 0:
            return None
        return float("inf") if ends == FOR_GOOD else ends / 1000

    def release(self, taken: Reservation, pipe: Pipeline | None = None) -> None:
        """Give it back unjudged: the caller's mistake, or the client is gone."""
        self._settle(taken, {"outcome": "release"}, pipe)

    def wake(self, project_id: str) -> bool:
        """End a project's rests by hand; says whether it rested."""
        return steps.wake(self._store, self._clock(), project_id)

    def state(self, model: str | None = None) -> PoolState:
        """How the pool stands, for one model or for all asked for lately."""
        found = steps.state(self._store, self._clock(), [model] if model else [])
        models = {name: _model_state(raw) for name, raw in found["models"].items()}
        return PoolState(**found | {"models": models})

    def end_rests(self) -> float | None:
        """Have everybody told of the rests that are over by now; answers when the next
        one ends."""
        return _seconds(steps.end_rests(self._store, self._clock()))

    def pipeline(self) -> Pipeline:
        """A round trip to settle in, to share with whoever else has to write."""
        return self._store.pipeline()

    def _settle(
        self, taken: Reservation, outcome: dict[str, Any], pipe: Pipeline | None
    ) -> Any:
        """The reservation counts as over at once: should the store not hear it now,
        the next renewal of the lease tells it."""
        self._lease.is_over(taken.reservation)
        said = {
            "now": _ms(self._clock()),
            "worker": self._lease.worker,
            "reservation": taken.reservation,
            "turn": taken.turn,
            "taken_at": _ms(taken.taken_at),
            "quota": self._pacing().quota(taken.model),
            "project": taken.project_id,
            "account": taken.account,
            "model": taken.stands_as or taken.model,
            "name": taken.model if taken.is_stranger else None,
            "rested_for": taken.rested_for,
        }
        return steps.settle(self._store if pipe is None else pipe, said | outcome)

    def _judged(self, verdict: Verdict) -> dict[str, Any]:
        figures = self._cooldown()
        seconds = named_seconds(verdict, figures)
        reset_at = verdict.reset_at if is_sane(verdict) else None
        return {
            "outcome": "failure",
            "word": verdict.word,
            "rests": verdict.rests,
            "for_ms": None if seconds is None else _ms(seconds),
            "is_error": verdict.is_error,
            "is_lasting": verdict.is_lasting,
            "message": verdict.message,
            "action_url": verdict.action_url,
            "reset_at": None if reset_at is None else _ms(reset_at),
            "reset_reason": verdict.reset_reason,
            "counted": counted(verdict),
            "lesson": lesson(verdict) if is_sane(verdict) else None,
            "scope": self._quota_scope,
            "default_client": self._default_client,
            "cooldown": {
                "initial": _ms(figures.initial),
                "longest": _ms(figures.longest),
                "multiplier": figures.multiplier,
                "threshold": figures.threshold,
            },
        }


def _taken(
    reply: dict[str, Any], model: str, now: float, reservation: str
) -> Reservation:
    return Reservation(
        project_id=reply["project"],
        account=reply["account"],
        model=model,
        upstream=reply["upstream"],
        sealed=reply["credential"],
        health=Health(**reply["health"]),
        taken_at=now,
        is_probe=reply["is_probe"],
        candidates=reply["candidates"],
        passed_over=reply["passed_over"],
        reservation=reservation,
        turn=reply["turn"],
        rested_for=reply["rested_for"],
        stands_as=reply["model"],
    )


def _nothing(reply: dict[str, Any]) -> NoneAvailable:
    return NoneAvailable(
        reason=reply["nothing"],
        free_at=_seconds(reply.get("free_at")),
        candidates=reply["candidates"],
        passed_over=reply["passed_over"],
    )


def _model_state(raw: dict[str, Any]) -> ModelState:
    return ModelState(
        ready=raw["ready"],
        resting=raw["resting"],
        next_free_at=_seconds(raw.get("next_free_at")),
        rests_until=_seconds(raw["rest_ends"]),
        routed_at=_seconds(raw["routed_at"]),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _seconds(ms: float | None) -> float | None:
    return ms / 1000 if ms else None
