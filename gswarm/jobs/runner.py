"""Work that takes longer than a request, and goes on when its process dies.

    jobs.define("project-test", checkups.test)
    job = jobs.start("project-test", {"model": model}, who=g.who)

A job is run by the process that started it, beside its requests. Should that one die,
another goes on with it or, where that makes no sense, says that it is lost.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..errors import Conflict, GSwarmError, NotFound, Refusal, StoreUnavailable, Verdict
from ..store import events
from ..store.connection import Store
from ..store.jobs import LOST, Job, JobRecords, Result, State
from ..timestamps import iso

logger = logging.getLogger(__name__)

TELL_SECONDS = 0.5
"""People hear of one job's progress this often at most."""

BROKEN = "It failed unexpectedly; the log says more."


class Ousted(GSwarmError):
    """The job is another process's by now: whoever runs it here has to stop."""


class JobFailed(GSwarmError):
    """The job ends here; the text says why, to people."""


Run: TypeAlias = "Callable[[Work], None]"
"""Does a job's work. Whatever GSwarm raises on purpose becomes the job's ``error``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of a kind are run, and whether others can go on with one: then what it
    did is seen in `Work.results` and `Work.memo`."""

    run: Run
    resumes: bool


class Work:
    """One job, as seen by what runs it. Every method raises `Ousted`."""

    def __init__(self, job: Job, results: list[Result], jobs: Jobs) -> None:
        self.job = job
        self.results = results
        self.memo = dict(job.memo)
        self.is_ousted = False
        self.total = job.total
        self.done = job.done
        self._jobs = jobs
        self._lock = threading.Lock()
        self._told_at = 0.0

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What it was started with."""
        return self.job.arguments

    @property
    def is_resumed(self) -> bool:
        """Whether another process has begun it."""
        return self.job.tries > 1

    def plan(self, total: int) -> None:
        """Say how many steps there are."""
        self.total = total
        self._note((), total=total)

    def step(self, result: Result | None = None) -> None:
        """One more step is done, and this came of it. Threads may share a job."""
        self._note(() if result is None else (result,), steps=1)

    def show(self, result: Result, *, steps: int = 0) -> None:
        """This is what it has come to so far, in place of what was shown before."""
        self._note((result,), steps=steps, replaces=True)

    def remember(self, **memo: Any) -> None:
        """Note something for whoever may have to go on with it."""
        self.memo |= memo
        self._note((), memo=self.memo)

    def wait(self, seconds: float) -> None:
        """Sleep, and see whether to go on."""
        time.sleep(seconds)
        self.check()

    def check(self) -> None:
        """See whether to go on."""
        if self.is_ousted:
            raise Ousted

    def _note(
        self,
        results: Iterable[Result],
        *,
        steps: int = 0,
        replaces: bool = False,
        **fields: Any,
    ) -> None:
        self.check()
        with self._lock:
            self.done += steps
            self._jobs.note(self, results, done=steps, replaces=replaces, **fields)
            is_news = time.monotonic() - self._told_at >= TELL_SECONDS
            if is_news:
                self._told_at = time.monotonic()
        if is_news:
            self._jobs.tell(self.job, "running", self.done, self.total)


class Jobs:
    """The jobs of all processes; `tend` is to be called every few seconds.

    All of it raises `StoreUnavailable`.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._records = JobRecords(store)
        self._clock = clock
        self._kinds: dict[str, Kind] = {}
        self._running: dict[str, Work] = {}

    def define(self, name: str, run: Run, *, resumes: bool = True) -> None:
        """Say how jobs of a kind are run; every process has to."""
        self._kinds[name] = Kind(run, resumes)

    def start(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        *,
        target: str = "",
        who: str = "",
        address: str = "",
        total: int = 0,
    ) -> Job:
        """Start a job. Raises `Conflict` while another of its kind runs: about the same
        ``target``, where it has one."""
        now, job_id = self._clock(), secrets.token_hex(8)
        job = Job(
            job_id, kind, target, arguments, who, address, created_at=now, total=total
        )
        place = f"{kind}:{target}"
        holder = self._records.begin(job, place, resumes=self._kinds[kind].resumes)
        if holder:
            raise _in_the_way(kind, holder, self._records.find(holder))
        self.tell(job, "queued")
        self._spawn(Work(job, [], self))
        return job

    def find(self, job_id: str) -> Job:
        """One job; raises `NotFound`."""
        job = self._records.find(job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id!r}, or it was long ago.")
        return job

    def results(self, job_id: str) -> list[Result]:
        """What it has brought so far."""
        return self._records.results(job_id)

    def newest(self, limit: int) -> list[Job]:
        """The jobs started last, the newest first."""
        return self._records.newest(limit)

    def tend(self) -> None:
        """Show that our jobs live, go on with those whose process has died."""
        tended = self._records.tend(self._clock(), tuple(self._running))
        for job_id in tended.gone:
            work = self._running.get(job_id)
            if work:
                work.is_ousted = True
        for job_id in tended.lost:
            job = self._records.find(job_id)
            if job:
                self.tell(job, "lost", job.done, job.total, LOST)
        for job_id in tended.taken:
            self._resume(job_id)

    # ------------------------------------------------------------ running

    def _resume(self, job_id: str) -> None:
        job = self._records.find(job_id)
        if job is None:
            return
        logger.warning("Job %s (%s) goes on here: its process died.", job.id, job.kind)
        self._spawn(Work(job, self._records.results(job_id), self))

    def _spawn(self, work: Work) -> None:
        self._running[work.job.id] = work
        name = f"job {work.job.id}"
        threading.Thread(target=self._run, args=(work,), name=name, daemon=True).start()

    def _run(self, work: Work) -> None:
        try:
            self._end(work, self._outcome(work))
        except Ousted:
            logger.info("Job %s is another's by now.", work.job.id)
        except StoreUnavailable as error:
            # Its lease runs out, and whoever finds it then goes on with it.
            logger.warning("Job %s was left: %s", work.job.id, error)
        finally:
            self._running.pop(work.job.id, None)

    def _outcome(self, work: Work) -> str | None:
        """Why it failed; None where it did not."""
        try:
            if not work.is_resumed and not self._records.start(
                work.job.id, self._clock()
            ):
                raise Ousted
            self._kinds[work.job.kind].run(work)
        except (Ousted, StoreUnavailable):
            raise
        except (Refusal, Verdict) as error:
            return error.message or BROKEN
        except JobFailed as error:
            return str(error)
        except Exception:
            logger.exception("Job %s (%s) failed.", work.job.id, work.job.kind)
            return BROKEN
        return None

    def _end(self, work: Work, problem: str | None) -> None:
        state: State = "failed" if problem else "done"
        if not self._records.end(work.job.id, state, self._clock(), problem or ""):
            raise Ousted
        self.tell(work.job, state, work.done, work.total, problem)

    # ------------------------------------------------------------ telling

    def note(self, work: Work, results: Iterable[Result], **noted: Any) -> None:
        """Write down how a job of ours gets on; raises `Ousted`."""
        if not self._records.note(work.job.id, results, **noted):
            work.is_ousted = True
            raise Ousted

    def tell(
        self,
        job: Job,
        state: State,
        done: int = 0,
        total: int = 0,
        error: str | None = None,
    ) -> None:
        """Tell everybody who watches how a job gets on."""
        told: dict[str, Any] = {
            "id": job.id,
            "kind": job.kind,
            "target": job.target,
            "state": state,
            "done": done,
            "total": total,
        }
        if error:
            told["error"] = error
        events.publish(self._store, "job", told)


def describe(job: Job, results: list[Result] | None = None) -> dict[str, Any]:
    """A job as people see it; without its results where it is one of many."""
    shown: dict[str, Any] = {
        "id": job.id,
        "kind": job.kind,
        "target": job.target,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "createdAt": iso(job.created_at),
        "startedAt": iso(job.started_at) if job.started_at else None,
        "finishedAt": iso(job.finished_at) if job.finished_at else None,
        "who": job.who,
    }
    if job.error is not None:
        shown["error"] = job.error
    return shown if results is None else shown | {"results": results}


def _in_the_way(kind: str, holder: str, job: Job | None) -> Conflict:
    words = f"A job of this kind ({kind}) runs already; watch that one."
    details = {"job": describe(job)} if job else {"job": {"id": holder}}
    return Conflict(words, code="job_running", details=details)
