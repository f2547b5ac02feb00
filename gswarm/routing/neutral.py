"""Ask a project a neutral question, to see whether it is to blame for a refusal.

What a client sent may be what Google refuses, and Google's words may be the client's:
what the pool believes for long is what a request of our own is told as well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from ..cancellation import Cancellation
from ..errors import Unproven, Verdict
from ..gemini.models import find, is_known, upstreams_of
from ..gemini.request import Body
from ..google.upstream import Call, Upstream

QUESTION: Body = {
    "contents": [{"role": "user", "parts": [{"text": "Say OK."}]}],
    "generationConfig": {"maxOutputTokens": 16},
}
PATIENCE_SECONDS = 10.0

GOOD_SECONDS = 1.0
BAD_SECONDS = 5.0
"""How long an answer stands: whoever sends again and again what is refused costs hardly
more calls by it."""

MOST_KNOWN = 1000

Counting: TypeAlias = Callable[[str, str, str], AbstractContextManager[None]]
"""Counts a call of a project, an account and a model against their quotas."""

_Key: TypeAlias = tuple[str, str, str]


class Reservation(Protocol):
    """What must be known of a taken project (`pool.Reservation`) to ask it."""

    @property
    def project_id(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def upstream(self) -> str: ...


class Neutral:
    """One question at a time for each project, model and secret; others wait for its
    answer."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        counting: Counting,
        *,
        default_model: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstreams = upstreams
        self._counting = counting
        self._default_model = default_model
        self._clock = clock
        self._guard = threading.Lock()
        self._flights: dict[_Key, Future[Verdict | None]] = {}
        self._known: dict[_Key, tuple[float, Verdict | None]] = {}

    def ask(self, taken: Reservation, secret: str) -> Verdict | None:
        """What Google makes of a request that nobody wrote; None where it answers."""
        model = self._model(taken)
        key = taken.project_id, model, secret
        with self._guard:
            until, verdict = self._known.get(key, (0.0, None))
            if self._clock() < until:
                return _of_project(verdict, model == taken.model)
            flight = self._flights.get(key)
            if is_ours := flight is None:
                flight = self._flights[key] = Future()
        if is_ours:
            self._fly(flight, key, taken)
        return _of_project(flight.result(), model == taken.model)

    def _model(self, taken: Reservation) -> str:
        """The model that was asked, unless it may be the caller's invention, or does
        not answer in words."""
        if is_known(taken.model) and find(taken.model).makes == ("TEXT",):
            return taken.model
        default = self._default_model()
        serving = upstreams_of(default)
        is_served = serving is None or taken.upstream in serving
        return default if is_served else taken.model

    def _fly(
        self, flight: Future[Verdict | None], key: _Key, taken: Reservation
    ) -> None:
        try:
            verdict = self._asked(taken, *key[1:])
        except BaseException as error:
            flight.set_exception(error)
            raise
        else:
            self._note(key, verdict)
            flight.set_result(verdict)
        finally:
            with self._guard:
                del self._flights[key]

    def _note(self, key: _Key, verdict: Verdict | None) -> None:
        until = self._clock() + (GOOD_SECONDS if verdict is None else BAD_SECONDS)
        with self._guard:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = until, verdict

    def _asked(self, taken: Reservation, model: str, secret: str) -> Verdict | None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        call = Call(model, QUESTION, taken.project_id, secret, deadline)
        try:
            with self._counting(taken.project_id, taken.account, model):
                self._upstreams[taken.upstream].generate(call, Cancellation())
        except Verdict as verdict:
            return verdict
        return None


def _of_project(verdict: Verdict | None, is_same_model: bool) -> Verdict | None:
    """What is said of one model says nothing of another."""
    if verdict is None or is_same_model or verdict.rests not in ("pair", "model"):
        return verdict
    return Unproven(verdict.message, status=verdict.status)
