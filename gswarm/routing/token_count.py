"""Have Google count the tokens of a request, whoever of the pool has a moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..accounts.credentials import Credentials
from ..cancellation import Cancellation
from ..errors import AccessExpired, CallersMistake, ModelMissing, ModelNotFound, Verdict
from ..gemini.request import GenerateRequest
from ..gemini.thoughts import with_signatures
from ..google.upstream import Call, Upstream
from .pool import NoneAvailable, Pool, Reservation

MOST_TRIED = 2
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Asks a project of the pool. It uses up no quota, so nothing is counted, and what
    goes wrong is held against nobody."""

    pool: Pool
    credentials: Credentials
    upstreams: Mapping[str, Upstream]

    def count(
        self, request: GenerateRequest, cancellation: Cancellation
    ) -> dict[str, Any] | None:
        """What Google says (``totalTokens`` and more); None where nobody answers.

        Raises the refusal of what is the caller's own mistake, `ModelNotFound`,
        `StoreUnavailable`, or the cancellation's reason.
        """
        tried: set[str] = set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        last: Verdict | None = None
        while len(tried) < MOST_TRIED:
            taken = self.pool.take(request.model, tried=tried, counts=False)
            if isinstance(taken, NoneAvailable):
                _check_served(request.model, taken)
                break
            tried.add(taken.project_id)
            try:
                return self._ask(request, taken, deadline, cancellation)
            except CallersMistake as mistake:
                raise mistake.refusal(request.model) from mistake
            except Verdict as verdict:
                last = verdict
            finally:
                self.pool.release(taken)
        if isinstance(last, ModelMissing):
            raise ModelNotFound(request.model)
        return None

    def _ask(
        self,
        request: GenerateRequest,
        taken: Reservation,
        deadline: float,
        cancellation: Cancellation,
    ) -> dict[str, Any]:
        body = with_signatures(request, {})
        secret = self.credentials.fresh(taken)
        upstream = self.upstreams[taken.upstream]
        call = Call(request.model, body, taken.project_id, secret, deadline)
        try:
            return upstream.count(call, cancellation)
        except AccessExpired:
            renewed = self.credentials.renew(taken, secret)
            call = Call(request.model, body, taken.project_id, renewed, deadline)
            return upstream.count(call, cancellation)


def _check_served(model: str, nothing: NoneAvailable) -> None:
    if nothing.reason == "not_served" or nothing.passed_over.keys() == {"not_found"}:
        raise ModelNotFound(model)
