"""One request's way, whatever dialect it came in: admit, cache, relay, record.

Nothing here knows of HTTP: the web reads the question and words the answer.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import closing

from ..cancellation import Cancellation
from ..dialects.served import Served
from ..errors import StoreUnavailable
from ..gemini.reply import Fold, Usage
from ..gemini.request import Chunk
from ..gemini.thoughts import Recalled
from ..google.upstream import Chunks
from ..keys.api_keys import ApiKeys
from ..limits.api_key import ApiKey
from ..limits.rate_limits import Admission
from ..monitoring.record import Entry
from ..monitoring.request_log import RequestLog
from ..routing.attempts import RoutingOutcome
from ..routing.relay import Relay
from ..store.connection import Pipeline, Store
from . import response_cache, signatures
from .config import ChatConfig
from .question import Question

logger = logging.getLogger(__name__)

NOTHING_USED = Usage()
"""Of a kept answer: its tokens were counted when it was made."""


class Chat:
    """Where exchanges begin."""

    def __init__(
        self,
        store: Store,
        keys: ApiKeys,
        relay: Relay,
        ledger: RequestLog,
        preferences: Callable[[], ChatConfig],
    ) -> None:
        self.store = store
        self.keys = keys
        self.relay = relay
        self.ledger = ledger
        self._preferences = preferences

    def begin(
        self, entry: Entry, key: ApiKey, question: Question, cache_control: str | None
    ) -> Exchange:
        """One request of a key, with its ``Cache-Control``."""
        preferences = self._preferences()
        return Exchange(self, entry, key, question, preferences, cache_control)


class Exchange:
    """One request, from its admission to its last byte.

    Call `admit`, then run through `chunks`: closing them ends the exchange, as `leave`
    does where they were never begun. ``fold`` gathers what has been passed on.
    """

    def __init__(
        self,
        chat: Chat,
        entry: Entry,
        key: ApiKey,
        question: Question,
        preferences: ChatConfig,
        cache_control: str | None,
    ) -> None:
        self._chat = chat
        self._entry = entry
        self._key = key
        self._question = question
        self._request = request = question.asked.request
        self._id = secrets.token_hex(12)
        self._outcome = RoutingOutcome(request.model)
        self._keep_seconds = preferences.cache_seconds
        mode = preferences.cache_mode if question.is_complete else "off"
        self._cached = response_cache.cache_key(key.id, request, mode, cache_control)
        self._hit: Chunk | None = None
        self._recalled = Recalled()
        self._is_over = False
        self.fold = Fold()
        self.admission: Admission | None = None

    # ------------------------------------------------------------ the way

    def admit(self) -> None:
        """Ask to be let in, for a kept answer and for old signatures, all at once.

        ``admission`` is known afterwards, also where it is refused. Raises
        `RateLimitExceeded` and `StoreUnavailable`.
        """
        with self._chat.store.pipeline() as pipe:
            pending = self._chat.keys.admit(pipe, self._key, body=self._request.body)
            kept = response_cache.look_up(pipe, self._cached)
            recalled = signatures.recall(pipe, self._key.id, self._request)
            replies = pipe.execute()
        self.admission = pending.among(replies)
        self.admission.check()
        hit = kept.among(replies)
        self._hit = hit if self._question.known is None else self._question.known
        self._recalled = recalled.among(replies)
        self._entry.cache = self._cached.word(hit)

    def chunks(self, cancellation: Cancellation) -> Chunks:
        """The answer's chunks, each also fed to ``fold``; None in silences.

        Raises what `Relay.stream` raises.
        """
        chunks = self._relayed(cancellation) if self._hit is None else self._replayed()
        with closing(chunks):
            for chunk in chunks:
                if chunk is not None:
                    self.fold.feed(chunk)
                yield chunk

    def leave(self, error: BaseException | None = None) -> None:
        """End a request that no project was asked for; the relay ends the others.

        A store that is gone costs the record, never the answer.
        """
        if self._is_over or isinstance(error, StoreUnavailable):
            return
        try:
            with self._chat.store.pipeline() as pipe:
                self._finish(pipe, None, error)
                pipe.execute()
        except StoreUnavailable:
            logger.warning("The store is gone: a request was not recorded.")

    # ------------------------------------------------------------ what to say of it

    @property
    def cache(self) -> str | None:
        """``hit``, ``miss`` or ``bypass``; None before it is admitted."""
        return self._entry.cache

    def served(self, under_way: int = 0) -> Served:
        """Who answers; ``under_way`` counts the attempt that has not ended yet."""
        taken = self._outcome.taken
        return Served(
            self._project(),
            len(self._outcome.attempts) + under_way,
            taken.model if taken else self._request.model,
            round((time.perf_counter() - self._entry.started) * 1000),
            self._id,
            int(self._entry.started_at),
        )

    @property
    def certain_model(self) -> str | None:
        """The model that answers, whoever is asked; None where others may, too."""
        return None if self._question.has_fallbacks else self._request.model

    def _project(self) -> str | None:
        taken = self._outcome.taken
        if taken is None or self._key.may_see_projects:
            return taken.project_id if taken else None
        return hashlib.sha256(taken.project_id.encode()).hexdigest()[:8]

    # ------------------------------------------------------------ two kinds of answer

    def _relayed(self, cancellation: Cancellation) -> Chunks:
        return self._chat.relay.stream(
            self._question.completed(),
            self._outcome,
            cancellation=cancellation,
            keep=self._remember,
            recalled=self._recalled,
            fallbacks=self._question.fallbacks(),
            is_stream=self._question.asked.is_stream,
        )

    def _replayed(self) -> Chunks:
        """An answer that was kept, or known beforehand, as a stream of one chunk."""
        try:
            yield self._hit
        finally:
            self.leave()

    # ------------------------------------------------------------ the end

    def _remember(self, pipe: Pipeline, outcome: RoutingOutcome) -> None:
        """Queue what is remembered of a request that was relayed."""
        taken = outcome.taken
        if taken:
            signatures.keep(
                pipe,
                self._key.id,
                outcome.notes,
                model=taken.model,
                account=taken.account,
                signed_text=self.fold.signed_text,
            )
        if taken and taken.model == self._request.model:
            response_cache.keep(pipe, self._cached, self.fold, self._keep_seconds)
        self._finish(pipe, outcome, outcome.error)

    def _finish(
        self,
        pipe: Pipeline,
        outcome: RoutingOutcome | None,
        error: BaseException | None,
    ) -> None:
        """Queue the end, which comes once: the record, the tokens, the place back."""
        if self._is_over:
            return
        self._is_over = True
        usage = self.fold.usage if outcome else NOTHING_USED
        self._chat.ledger.close(pipe, self._entry, outcome, usage, error)
        if self.admission:
            self._chat.keys.finish(pipe, self.admission, usage.total)
