"""Carry one request to a project that answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from ..accounts.credentials import Credentials
from ..cancellation import Cancellation
from ..errors import (
    AccessExpired,
    AccessRefused,
    CallersMistake,
    InsufficientQuota,
    JsonSchemaUnknown,
    ModelMissing,
    ModelNotFound,
    NamedThingMissing,
    NoUsableAccount,
    RateLimitExceeded,
    Refusal,
    SchemaRejected,
    SignatureRejected,
    StoreUnavailable,
    Unavailable,
    Unproven,
    UnusableReply,
    UpstreamTimeout,
    Verdict,
)
from ..gemini.models import is_known
from ..gemini.reply import BROKEN, Fold
from ..gemini.request import Body, Chunk, GenerateRequest
from ..gemini.resources import names_resources
from ..gemini.schema.proto import with_proto_schemas
from ..gemini.thoughts import KnownCall, Recalled, with_sentinels, with_signatures
from ..google.error_body import scrub
from ..google.upstream import Call, Chunks, Upstream
from ..store.connection import Pipeline
from .attempts import SUCCESS, Attempt, RoutingOutcome
from .pool import NoneAvailable, Pool, Reservation
from .schema_fallback import SchemaFallback

logger = logging.getLogger(__name__)

Keep: TypeAlias = Callable[[Pipeline, RoutingOutcome], None]
"""Writes what others remember of a request, in the round trip that settles it."""

MAX_UNUSABLE = 2
"""How many replies with nothing in them are tried again."""

MAX_UNPROVEN = 1
"""How many refusals that prove wrong are put down to chance."""

MOST_LACKING = 2
"""How many projects are asked for a model that nobody but the client has heard of."""

WAKE_SLACK = 0.01
"""Seconds past the announced end of a rest, so that it has ended on every clock."""


@dataclass(slots=True)
class _Trip:
    """One request on its way: what was tried and what is left."""

    request: GenerateRequest
    outcome: RoutingOutcome
    cancellation: Cancellation
    recalled: Recalled
    keep: Keep
    is_stream: bool
    deadline: float
    wait_left: float
    fallbacks: Iterator[GenerateRequest]
    tried: set[str] = field(default_factory=set)
    unusable: int = 0
    lacking: int = 0
    lacked_on: str | None = None
    past_model_rest: bool = False
    spared: bool = False
    unproven: int = 0
    knows_no_json_schema: bool = False
    mended: set[type[Verdict]] = field(default_factory=set)
    is_kept: bool = False

    def is_missing(self, taken: Reservation, verdict: Verdict) -> bool:
        """Whether enough projects lack a model that only the client has heard of."""
        if taken.is_stranger and isinstance(verdict, ModelMissing):
            self.lacking += 1
            self.lacked_on = taken.upstream
        return self.lacking >= MOST_LACKING

    @property
    def is_committed(self) -> bool:
        """Whether the client was told something: no other project can answer then."""
        return self.is_stream and self.outcome.first_word is not None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done for one request: projects asked, seconds altogether, seconds of
    waiting for a project to free up."""

    attempts: int = 8
    seconds: float = 600.0
    wait_seconds: float = 5.0


class Relay:
    """Asks one project after the other until one answers. Times are in seconds."""

    def __init__(
        self,
        pool: Pool,
        credentials: Credentials,
        upstreams: Mapping[str, Upstream],
        neutral: Callable[[Reservation, str], Verdict | None],
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``neutral`` says what a project makes of a request that nobody wrote."""
        self._pool = pool
        self._clock = clock
        self._credentials = credentials
        self._upstreams = upstreams
        self._neutral = neutral
        self._older_schemas = SchemaFallback(clock)
        self._limits = limits or Limits()

    def stream(
        self,
        request: GenerateRequest,
        outcome: RoutingOutcome,
        *,
        cancellation: Cancellation,
        keep: Keep,
        recalled: Recalled | None = None,
        fallbacks: Iterable[GenerateRequest] = (),
        is_stream: bool = True,
    ) -> Chunks:
        """Yield the answer's chunks, and None in silences.

        Nothing has been promised until the first chunk: before it, any project may
        still answer; after it, a failure is final. Unless ``is_stream``, the client
        hears nothing before the end, so the first chunk is the whole answer.
        ``fallbacks`` are asked instead, in order, while Google has no capacity for the
        model. Raises a `Refusal` when nobody answers, `StoreUnavailable`, or the
        cancellation's reason. Closing the generator gives everything back.
        """
        trip = _Trip(
            request,
            outcome,
            cancellation,
            recalled or Recalled(),
            keep,
            is_stream,
            time.monotonic() + min(self._limits.seconds, request.seconds),
            self._limits.wait_seconds,
            iter(fallbacks),
        )
        try:
            yield from self._try_projects(trip)
        except BaseException as error:
            outcome.error = error
            raise
        finally:
            self._finish(trip)

    def _try_projects(self, trip: _Trip) -> Chunks:
        while True:
            taken = self._take(trip)
            started = time.monotonic()
            try:
                yield from self._call_project(trip, taken)
            except Verdict as verdict:
                self._record_attempt(trip, taken, verdict.word, started, verdict)
                self._handle_failure(trip, taken, verdict)
            except BaseException as error:
                trip.outcome.error = error
                self._record_attempt(trip, taken, "abandoned", started)
                self._settle(trip, partial(self._pool.release, taken), is_last=True)
                raise
            else:
                self._record_attempt(trip, taken, SUCCESS, started)
                give_back = partial(
                    self._pool.succeed, taken, routed=trip.outcome.was_limited
                )
                self._settle(trip, give_back, is_last=True)
                return
            yield None  # Failed attempts are silence, too.

    # ------------------------------------------------------------ choosing

    def _take(self, trip: _Trip) -> Reservation:
        """Take the next project, after a wait or with another model if need be."""
        while True:
            self._check(trip)
            found = self._pool.take(
                trip.request.model,
                tried=trip.tried,
                prefer_account=trip.recalled.account,
                past_model_rest=trip.past_model_rest,
                patience=trip.wait_left,
                not_on=trip.lacked_on,
            )
            if isinstance(found, Reservation):
                trip.outcome.taken = found
                trip.tried.add(found.project_id)
                trip.past_model_rest = False
                return found
            if trip.past_model_rest:
                # There is nobody else to spare the wait for the model itself.
                trip.past_model_rest = False
                continue
            if not self._waited(trip, found) and not self._fell_back(trip, found):
                trip.outcome.nothing = found
                raise _refusal(
                    found, trip.outcome.verdict, trip.request.model, self._clock()
                )

    def _check(self, trip: _Trip) -> None:
        trip.cancellation.raise_if_cancelled()
        if time.monotonic() >= trip.deadline:
            raise UpstreamTimeout("The request took longer than this gateway allows.")
        if len(trip.outcome.attempts) >= self._limits.attempts:
            assert trip.outcome.verdict is not None
            raise trip.outcome.verdict.refusal(trip.request.model)

    def _waited(self, trip: _Trip, nothing: NoneAvailable) -> bool:
        """Sleep until a project frees up, if that is soon enough."""
        if nothing.free_at is None:
            return False
        seconds = max(0.0, nothing.free_at - self._clock()) + WAKE_SLACK
        if seconds > trip.wait_left:
            return False
        trip.cancellation.sleep(seconds)
        trip.wait_left -= seconds
        trip.tried.clear()
        return True

    def _fell_back(self, trip: _Trip, nothing: NoneAvailable) -> bool:
        """Go on with another model while Google has no capacity for this one."""
        other = next(trip.fallbacks, None) if nothing.is_model_rest else None
        if other is None:
            return False
        trip.request = other
        trip.tried.clear()
        return True

    # ------------------------------------------------------------ asking

    def _call_project(self, trip: _Trip, taken: Reservation) -> Chunks:
        """Ask one project; a stale token or signature is mended once on the way."""
        secret = self._credentials.fresh(taken)
        try:
            yield from self._call_with(trip, taken, secret)
        except Verdict as verdict:
            believed = self._believed(trip, taken, secret, verdict)
            if believed is verdict:
                raise
            raise believed from verdict

    def _call_with(self, trip: _Trip, taken: Reservation, secret: str) -> Chunks:
        if self._older_schemas.are_needed(taken.upstream, taken.model):
            trip.mended.add(SchemaRejected)
        body = _body_for(trip, taken)
        renewed = False
        while True:
            try:
                yield from self._stream_once(trip, taken, secret, body)
                if trip.knows_no_json_schema:
                    self._older_schemas.learn(taken.upstream, taken.model)
                return
            except (SignatureRejected, SchemaRejected) as mistake:
                body = self._prepare_retry(trip, taken, mistake, body)
            except AccessExpired as expired:
                if trip.is_committed:
                    raise
                if renewed:
                    raise AccessRefused(expired.message, status=401) from expired
                renewed = True
                secret = self._credentials.renew(taken, secret)

    def _prepare_retry(
        self, trip: _Trip, taken: Reservation, mistake: Verdict, refused: Body
    ) -> Body:
        """The body in another form; raises the mistake where there is none, or it comes
        too late."""
        kind = (
            SchemaRejected if isinstance(mistake, SchemaRejected) else SignatureRejected
        )
        if trip.is_committed or kind in trip.mended:
            raise mistake
        trip.mended.add(kind)
        trip.knows_no_json_schema = isinstance(mistake, JsonSchemaUnknown)
        body = _body_for(trip, taken)
        if kind is SchemaRejected and body == refused:
            raise mistake
        return body

    def _believed(
        self, trip: _Trip, taken: Reservation, secret: str, verdict: Verdict
    ) -> Verdict:
        """What to make of a refusal that the client may have brought about: what a
        neutral request is told, too."""
        if not _is_doubtful(verdict, trip.request):
            return verdict
        if verdict.is_of_thing:
            return _unproven(verdict, trip)
        told = self._neutral(taken, secret)
        if told is None:
            trip.unproven += 1
            return _unproven(verdict, trip)
        if isinstance(told, AccessExpired) and verdict.status == 401:
            return verdict
        if isinstance(told, AccessExpired | CallersMistake | Unproven):
            return Unproven(verdict.message, status=verdict.status)
        return told

    def _stream_once(
        self, trip: _Trip, taken: Reservation, secret: str, body: Body
    ) -> Chunks:
        """Pass on what upstream says, holding back while another may yet answer."""
        outcome, held, whole = trip.outcome, list[Chunk](), Fold()
        hold = held.append if trip.is_stream else whole.feed
        outcome.forget()
        call = Call(trip.request.model, body, taken.project_id, secret, trip.deadline)
        upstream = self._upstreams[taken.upstream]
        with closing(upstream.stream(call, trip.cancellation)) as chunks:
            for chunk in chunks:
                if chunk is None:
                    yield None
                    continue
                outcome.hear(chunk)
                hold(chunk)
                if trip.is_committed:
                    yield from _emptied(held)
        self._reject_empty(trip)
        yield from held if trip.is_stream else [whole.chunk()]

    def _reject_empty(self, trip: _Trip) -> None:
        """Refuse to pass on a whole reply that carries nothing."""
        outcome = trip.outcome
        if outcome.finish in BROKEN:
            raise UnusableReply(f"finishReason {outcome.finish}")
        is_empty = outcome.first_word is None and outcome.finish == "STOP"
        if is_empty and not trip.unusable:
            raise UnusableReply("an empty reply")

    # ------------------------------------------------------------ judging

    def _handle_failure(
        self, trip: _Trip, taken: Reservation, verdict: Verdict
    ) -> None:
        """Give the project back with its verdict, and raise if the trip ends here."""
        trip.outcome.verdict = verdict
        is_last = trip.is_committed or verdict.then in ("refuse", "repair")
        if isinstance(verdict, UnusableReply):
            trip.unusable += 1
            is_last = is_last or trip.unusable > MAX_UNUSABLE
        is_missing = trip.is_missing(taken, verdict)
        is_last = is_last or is_missing
        give_back = (
            partial(self._pool.release, taken)
            if verdict.rests == "nothing" or time.monotonic() >= trip.deadline
            else partial(self._pool.fail, taken, verdict, is_missing=is_missing)
        )
        refusal = verdict.refusal(trip.request.model) if is_last else None
        trip.outcome.error = refusal
        self._settle(trip, give_back, is_last)
        if refusal:
            raise refusal from verdict
        trip.past_model_rest = verdict.then == "capacity" and not trip.spared
        trip.spared = trip.spared or verdict.then == "capacity"

    def _record_attempt(
        self,
        trip: _Trip,
        taken: Reservation,
        verdict: str,
        started: float,
        failure: Verdict | None = None,
    ) -> None:
        trip.outcome.attempts.append(
            Attempt(
                taken.project_id,
                taken.account,
                taken.model,
                taken.health,
                verdict,
                round((time.monotonic() - started) * 1000, 1),
                taken.candidates,
                taken.passed_over,
                taken.is_probe,
                failure,
                taken.is_stranger,
            )
        )

    def _settle(
        self, trip: _Trip, give_back: Callable[[Pipeline], object], is_last: bool
    ) -> None:
        """Write what came of an attempt, and of the request if it was the last one.

        A store that is gone costs the record, never the answer; but no other project
        can be taken from it. One that ended the request is not waited for again.
        """
        try:
            with self._pool.pipeline() as pipe:
                give_back(pipe)
                if is_last:
                    trip.is_kept = True
                    trip.keep(pipe, trip.outcome)
                if not isinstance(trip.outcome.error, StoreUnavailable):
                    pipe.execute()
        except StoreUnavailable:
            logger.warning("the store is gone: an attempt was not recorded")
            if not is_last:
                raise

    def _finish(self, trip: _Trip) -> None:
        if not trip.is_kept:
            self._settle(trip, lambda pipe: None, is_last=True)


def _body_for(trip: _Trip, taken: Reservation) -> Body:
    """The body as this account and model read it, and as Google last asked for it."""
    request, recalled = trip.request, trip.recalled
    if SignatureRejected in trip.mended:
        body = with_sentinels(request, recalled.known)
    else:
        body = with_signatures(request, _issued_by(taken, recalled))
    return with_proto_schemas(body) if SchemaRejected in trip.mended else body


def _issued_by(taken: Reservation, recalled: Recalled) -> Mapping[str, KnownCall]:
    """Known calls; a signature may be bound to whoever issued it, so that another's
    gives way to the value that passes the check."""
    return {
        call_id: call
        if (call.account, call.model) == (taken.account, taken.model)
        else replace(call, signature=None)
        for call_id, call in recalled.known.items()
    }


def _is_doubtful(verdict: Verdict, request: GenerateRequest) -> bool:
    if verdict.is_grave:
        return True
    if not verdict.may_be_callers:
        return False
    if verdict.is_of_thing:
        return names_resources(request.body)
    is_forbidden = not isinstance(verdict, ModelMissing)
    return names_resources(request.body) or (
        is_forbidden and not is_known(request.model)
    )


def _unproven(verdict: Verdict, trip: _Trip) -> Verdict:
    """Nothing is wrong with the project: what it refused is the request, or passes."""
    words, request = scrub(verdict.message), trip.request
    if isinstance(verdict, ModelMissing):
        return NamedThingMissing(words, status=404)
    if names_resources(request.body) or trip.unproven > MAX_UNPROVEN:
        return CallersMistake(words, status=400)
    if verdict.may_be_callers:
        return ModelMissing(verdict.message, status=verdict.status)
    return Unproven(verdict.message, status=verdict.status)


def _emptied(held: list[Chunk]) -> Iterator[Chunk]:
    while held:
        yield held.pop(0)


def _refusal(
    nothing: NoneAvailable, last: Verdict | None, model: str, now: float
) -> Refusal:
    """What a client hears when no project is left to ask."""
    retry_after = None if nothing.free_at is None else max(1.0, nothing.free_at - now)
    limited = nothing.passed_over.keys() & {"rate_limit", "quota_exhausted"}
    if nothing.reason == "no_account":
        return NoUsableAccount("No account can serve requests at the moment.")
    if nothing.reason == "not_served" or nothing.passed_over.keys() == {"not_found"}:
        return ModelNotFound(model)
    if nothing.is_model_rest:
        return Unavailable(
            f"{model} is overloaded at the moment.",
            code="overloaded",
            retry_after=retry_after,
        )
    if nothing.reason == "quota_exhausted":
        return InsufficientQuota(
            f"The quota for {model} is used up on every project.",
            retry_after=retry_after,
        )
    if last and not limited:
        return last.refusal(model)
    if limited:
        return RateLimitExceeded(
            f"Rate limit reached for {model} on every project.",
            retry_after=retry_after,
        )
    return Unavailable("Every project rests after a failure.", retry_after=retry_after)
