"""The bench as a job: real traffic through the relay, beside the clients'."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from ..cancellation import Cancellation
from ..errors import Refusal
from ..gemini.reply import Fold
from ..gemini.request import Body, GenerateRequest
from ..google.upstream import Chunks
from ..monitoring.record import Entry
from ..monitoring.request_log import RequestLog
from ..routing.attempts import RoutingOutcome
from ..routing.relay import Relay
from ..store.connection import Pipeline
from .load_test import PROMPT, Plan, Sample, Tally, run
from .runner import Work

QUESTION: Body = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
ENDPOINT = "/api/bench"
KEY_NAME = "bench"
"""What the request log knows these requests by."""


@dataclass(frozen=True, slots=True)
class BenchJob:
    """Its requests take projects from the pool as any client's do, and are recorded."""

    relay: Relay
    ledger: RequestLog

    def run(self, work: Work) -> None:
        """The job: its one result is the report, new with each answer.

        Its arguments: ``model``, ``requests``, ``concurrency``, ``stream``.
        """
        asked, tally = work.arguments, Tally()
        plan = Plan(asked["requests"], asked["concurrency"])
        work.plan(plan.requests)
        ask = partial(self._ask, work.job.id, asked["model"], asked["stream"])
        run(plan, ask, tally, lambda: work.show(tally.report(), steps=1))
        work.show(tally.report())

    def _ask(self, job_id: str, model: str, is_stream: bool) -> Sample:
        started = time.perf_counter()
        entry = self.ledger.open(f"{job_id}-{time.monotonic_ns()}", ENDPOINT, "POST")
        entry.key, entry.model, entry.is_stream = KEY_NAME, model, is_stream
        outcome, fold, problem = RoutingOutcome(model), Fold(), None
        chunks = self.relay.stream(
            GenerateRequest(model, QUESTION),
            outcome,
            cancellation=Cancellation(),
            keep=partial(self._keep, entry, fold),
            is_stream=is_stream,
        )
        try:
            _gather(chunks, fold)
        except Refusal as refusal:
            problem = refusal.code or str(refusal.status)
        first = outcome.first_word if is_stream else None
        return Sample(
            seconds=time.perf_counter() - started,
            problem=problem,
            first_token_seconds=None if first is None else first - started,
            tokens=fold.usage.completion,
            project=outcome.taken.project_id if outcome.taken else None,
        )

    def _keep(
        self, entry: Entry, fold: Fold, pipe: Pipeline, outcome: RoutingOutcome
    ) -> None:
        self.ledger.close(pipe, entry, outcome, fold.usage, outcome.error)


def _gather(chunks: Chunks, fold: Fold) -> None:
    """Hear an answer to its end; raises what the relay raises."""
    with closing(chunks):
        for chunk in chunks:
            if chunk is not None:
                fold.feed(chunk)
