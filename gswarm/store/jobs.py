"""Jobs as the store keeps them: what they are, how they get on, who runs them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson

from . import names
from .connection import Store
from .scripts import Script

State: TypeAlias = Literal["queued", "running", "done", "failed", "lost"]
Result: TypeAlias = Mapping[str, Any]

LEASE_SECONDS = 8.0
"""A worker that has not been heard of for so long is dead."""

MOST_RESULTS = 10_000
MOST_TRIES = 3
"""Over so many workers at most: a job that kills them must not kill them all."""

LOST = "The process that ran it has died."

_begin = Script("begin_job")
_note = Script("note_job")
_end = Script("end_job")
_tend = Script("tend_jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Something that takes longer than a request.

    ``target`` names what it is about, where it is about one thing; ``arguments`` and
    ``memo`` (what it has noted for whoever goes on with it) are its own. ``who``
    started it, from ``address``. ``done`` of ``total`` steps are behind it; ``error``
    says why it failed. Instants are epoch seconds.
    """

    id: str
    kind: str
    target: str
    arguments: Mapping[str, Any]
    who: str
    address: str
    created_at: float
    state: State = "queued"
    done: int = 0
    total: int = 0
    tries: int = 1
    started_at: float | None = None
    finished_at: float | None = None
    error: str | None = None
    memo: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in ("queued", "running")


class Tended(NamedTuple):
    """Ids of jobs: now ours to go on with, found lost, and not ours any more."""

    taken: Sequence[str]
    lost: Sequence[str]
    gone: Sequence[str]


class JobRecords:
    """The jobs of every process, with this process as one of their workers.

    Raises `StoreUnavailable`. ``now`` is in epoch seconds everywhere.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._worker = secrets.token_hex(6)

    def begin(self, job: Job, place: str, *, resumes: bool) -> str | None:
        """Keep a new job, which is ours to run. Where another holds the same place:
        that one's id, and nothing is kept."""
        fields = {
            "kind": job.kind,
            "target": job.target,
            "arguments": orjson.dumps(job.arguments),
            "who": job.who,
            "address": job.address,
            "created_at": _ms(job.created_at),
            "state": job.state,
            "total": job.total,
            "tries": job.tries,
            "worker": self._worker,
            "resumes": int(resumes),
        }
        now = job.created_at
        args = [_ms(now), _lease_ends(now), job.id, place, *_flat(fields)]
        return _begin(self._store, (), args) or None

    def start(self, job_id: str, now: float) -> bool:
        """Say that it runs; False where it is not ours any more."""
        return self.note(job_id, state="running", started_at=_ms(now))

    def note(
        self,
        job_id: str,
        results: Iterable[Result] = (),
        *,
        done: int = 0,
        replaces: bool = False,
        **fields: Any,
    ) -> bool:
        """Write down what was done since, what came of it, and ``total`` or ``memo``;
        False where the job is not ours any more."""
        if "memo" in fields:
            fields["memo"] = orjson.dumps(fields["memo"])
        told = [orjson.dumps(result) for result in results]
        args = [job_id, self._worker, done, int(replaces), MOST_RESULTS, len(told)]
        return bool(_note(self._store, (), [*args, *told, *_flat(fields)]))

    def end(self, job_id: str, state: State, now: float, error: str = "") -> bool:
        """Say that it is over; False where it is not ours any more."""
        args = [job_id, self._worker, _ms(now), state, error]
        return bool(_end(self._store, (), args))

    def tend(self, now: float, ours: Iterable[str]) -> Tended:
        """Renew the lease on our jobs, and see to those whose worker has died."""
        args = [_ms(now), _lease_ends(now), self._worker, MOST_TRIES, LOST, *ours]
        return Tended(*_tend(self._store, (), args))

    # ------------------------------------------------------------ reading

    def find(self, job_id: str) -> Job | None:
        """One job, or None: they are forgotten a day after their end."""
        return self._read([job_id])[0]

    def results(self, job_id: str) -> list[Result]:
        """What a job has brought so far, at most `MOST_RESULTS`."""
        found: Any = self._store.lrange(names.job_results(job_id), 0, -1)
        return [orjson.loads(each) for each in found]

    def newest(self, limit: int) -> list[Job]:
        """The jobs started last, the newest first."""
        ids: Any = self._store.zrevrange(names.JOBS, 0, limit - 1)
        return [job for job in self._read(ids) if job]

    def _read(self, ids: Sequence[str]) -> list[Job | None]:
        with self._store.pipeline() as pipe:
            for job_id in ids:
                pipe.hgetall(names.job(job_id))
            replies = pipe.execute()
        return [
            _job(job_id, fields) if fields else None
            for job_id, fields in zip(ids, replies, strict=True)
        ]


def _job(job_id: str, fields: Mapping[str, str]) -> Job:
    state: Any = fields["state"]
    return Job(
        id=job_id,
        kind=fields["kind"],
        target=fields["target"],
        arguments=orjson.loads(fields["arguments"]),
        who=fields["who"],
        address=fields["address"],
        created_at=float(fields["created_at"]) / 1000,
        state=state,
        done=int(fields.get("done", 0)),
        total=int(fields["total"]),
        tries=int(fields["tries"]),
        started_at=_seconds(fields.get("started_at")),
        finished_at=_seconds(fields.get("finished_at")),
        error=fields.get("error"),
        memo=orjson.loads(fields.get("memo", "{}")),
    )


def _flat(fields: Mapping[str, Any]) -> list[Any]:
    return [each for pair in fields.items() for each in pair]


def _lease_ends(now: float) -> int:
    return _ms(now + LEASE_SECONDS)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _seconds(ms: str | None) -> float | None:
    return float(ms) / 1000 if ms else None
