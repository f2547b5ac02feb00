"""One question's way through the house, whatever dialect it came in."""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import orjson
from flask import Flask, Response, g, request

from ..cancellation import Hangup
from ..chat import response_cache, signatures
from ..chat.config import Preferences
from ..chat.response_cache import Question
from ..dialects.dialect import ClientRequest
from ..dialects.served import Served
from ..errors import Refusal, StoreUnavailable
from ..gemini.reply import Fold
from ..gemini.request import Chunk, GenerateRequest
from ..gemini.thoughts import Recalled
from ..google.upstream import Chunks
from ..keys.api_keys import ApiKeys
from ..limits.api_key import ApiKey
from ..limits.rate_limits import Admission
from ..monitoring.record import Entry
from ..monitoring.request_log import Ledger
from ..routing.attempts import Outcome
from ..routing.relay import Relay
from ..store.connection import Pipeline, Store
from .guards import admit
from .server.in_flight import Running
from .streaming import fed, gather, stream

logger = logging.getLogger(__name__)


class Asked(Protocol):
    """A question, as far as it has been read."""

    @property
    def read(self) -> ClientRequest:
        """The question itself, and how it is to be answered."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left for `completed` to fetch."""

    def completed(self) -> GenerateRequest:
        """The question with everything it names fetched; raises `InvalidRequest`."""

    def fallbacks(self) -> Iterator[GenerateRequest]:
        """The same question to other models, for when this one has no capacity."""


@dataclass(slots=True)
class _Visit:
    """One request, from its guard to its last byte."""

    entry: Entry
    key: ApiKey
    request: GenerateRequest
    question: Question
    keep_seconds: int
    outcome: Outcome
    fold: Fold = field(default_factory=Fold)
    admission: Admission | None = None
    id: str = field(default_factory=partial(secrets.token_hex, 12))

    def served(self, under_way: int = 0) -> Served:
        """Who answers; ``under_way`` counts the attempt that has not ended yet."""
        return Served(
            self._project(),
            len(self.outcome.attempts) + under_way,
            self.request.model,
            round((time.perf_counter() - self.entry.started) * 1000),
            self.id,
            int(self.entry.started_at),
        )

    def _project(self) -> str | None:
        taken = self.outcome.taken
        if taken is None or self.key.may_see_projects:
            return taken.project_id if taken else None
        return hashlib.sha256(taken.project_id.encode()).hexdigest()[:8]


class Chat:
    """Asks the cache, then the relay, and words what comes back."""

    def __init__(
        self,
        app: Flask,
        store: Store,
        keys: ApiKeys,
        relay: Relay,
        ledger: Ledger,
        running: Running,
        preferences: Callable[[], Preferences],
    ) -> None:
        self._store = store
        self._keys = keys
        self._relay = relay
        self._ledger = ledger
        self._running = running
        self._preferences = preferences
        app.after_request(_add_route)

    def answer(
        self,
        key: ApiKey,
        asked: Asked,
    ) -> Response:
        """The response to one question; raises a `Refusal` or `StoreUnavailable`.

        The view that asks is `Recording.recorded`.
        """
        visit = self._visit(key, asked)
        hangup = self._running.begin(request.environ)
        try:
            hit, recalled = self._knock(visit)
            chunks = (
                self._kept(visit, hit)
                if hit is not None
                else self._relayed(visit, asked, hangup, recalled)
            )
            response = _respond(visit, fed(chunks, visit.fold), asked.read)
        except BaseException as error:
            self._running.end(hangup)
            self._leave(visit, error)
            raise
        response.call_on_close(partial(self._running.end, hangup))
        return response

    def _visit(self, key: ApiKey, asked: Asked) -> _Visit:
        preferences, question = self._preferences(), asked.read.request
        wishes = request.headers.get("Cache-Control")
        mode = preferences.cache_mode if asked.is_complete else "off"
        cached = response_cache.question(key.id, question, mode, wishes)
        seconds = preferences.cache_seconds
        outcome = Outcome(question.model)
        return _Visit(g.entry, key, question, cached, seconds, outcome)

    def _knock(self, visit: _Visit) -> tuple[Chunk | None, Recalled]:
        """Ask to be let in, for a kept answer and for old signatures, all at once."""
        with self._store.pipeline() as pipe:
            pending = self._keys.admit(pipe, visit.key)
            kept = response_cache.look_up(pipe, visit.question)
            recalled = signatures.recall(pipe, visit.key.id, visit.request)
            replies = pipe.execute()
        visit.admission = pending.among(replies)
        admit(visit.admission)
        hit = kept.among(replies)
        visit.entry.cache = visit.question.word(hit)
        g.route = {"x-gswarm-cache": visit.entry.cache}
        return hit, recalled.among(replies)

    def _relayed(
        self,
        visit: _Visit,
        asked: Asked,
        hangup: Hangup,
        recalled: Recalled,
    ) -> Chunks:
        return self._relay.stream(
            asked.completed(),
            visit.outcome,
            hangup=hangup,
            keep=partial(self._keep, visit),
            recalled=recalled,
            fallbacks=asked.fallbacks(),
            is_stream=asked.read.is_stream,
        )

    def _keep(self, visit: _Visit, pipe: Pipeline, outcome: Outcome) -> None:
        """Queue what is remembered of a request that is over."""
        taken = outcome.taken
        if taken:
            signatures.keep(
                pipe,
                visit.key.id,
                outcome.notes,
                model=taken.model,
                account=taken.account,
                signed_text=visit.fold.signed_text,
            )
        if taken and taken.model == visit.request.model:
            response_cache.keep(pipe, visit.question, visit.fold, visit.keep_seconds)
        usage = visit.fold.usage
        self._ledger.close(pipe, visit.entry, outcome, usage, outcome.error)
        if visit.admission:
            self._keys.finish(pipe, visit.admission, usage.total)

    def _kept(self, visit: _Visit, hit: Chunk) -> Chunks:
        """A kept answer as a stream of one chunk."""
        try:
            yield hit
        finally:
            self._leave(visit)

    def _leave(self, visit: _Visit, error: BaseException | None = None) -> None:
        """End a request that no project was asked for: what ends the others is
        `_keep`."""
        if visit.entry.is_written or isinstance(error, StoreUnavailable):
            return
        try:
            with self._store.pipeline() as pipe:
                self._ledger.close(pipe, visit.entry, error=error)
                if visit.admission:
                    self._keys.finish(pipe, visit.admission)
                pipe.execute()
        except StoreUnavailable:
            logger.warning("The store is gone: a request was not recorded.")


def _respond(visit: _Visit, chunks: Chunks, reply: ClientRequest) -> Response:
    try:
        if reply.is_stream:
            writer = reply.writer(visit.fold, visit.served)
            route = lambda: _route(visit.served(under_way=1))  # noqa: E731
            return stream(chunks, writer, reply.stream_type, route)
        gather(chunks)
    except Refusal:
        g.route |= _route(visit.served())
        raise
    served = visit.served()
    g.route |= _route(served)
    body = orjson.dumps(reply.whole(visit.fold, served))
    return Response(body, mimetype="application/json")


def _route(served: Served) -> dict[str, str]:
    """The headers that tell who answered."""
    if served.project is None:
        return {}
    return {
        "x-gswarm-project": served.project,
        "x-gswarm-attempts": str(served.attempts),
    }


def _add_route(response: Response) -> Response:
    response.headers.update(g.get("route") or {})
    return response
