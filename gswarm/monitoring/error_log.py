"""What of a request's outcome is worth keeping for people."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Refusal
from ..routing.attempts import Attempt, RoutingOutcome
from ..store.incidents import Incident

MOST_WORDS = 1_000
"""Of a message; what goes wrong in a loop must not fill the store."""


def incidents_of(
    request_id: str, key: str | None, outcome: RoutingOutcome
) -> Iterator[Incident]:
    """An incident for each attempt that failed; and one for the request itself, where
    it failed for want of anybody to ask."""
    for attempt in outcome.attempts:
        if attempt.failure:
            yield _of_attempt(request_id, key, attempt, outcome.is_answered)
    error = outcome.error
    if isinstance(error, Refusal) and (outcome.nothing or not outcome.verdict):
        yield _of_request(request_id, key, outcome.model, error)


def _of_attempt(
    request_id: str, key: str | None, attempt: Attempt, recovered: bool
) -> Incident:
    failure = attempt.failure
    assert failure is not None
    return Incident(
        type=failure.word,
        message=failure.message[:MOST_WORDS],
        request_id=request_id,
        model=attempt.model,
        key=key,
        status=failure.status,
        account=attempt.account,
        project_id=attempt.project_id,
        action_url=failure.action_url,
        resets_at=failure.reset_at,
        resets_in=failure.reset_reason,
        recovered=recovered,
    )


def _of_request(
    request_id: str, key: str | None, model: str, error: Refusal
) -> Incident:
    return Incident(
        type=error.code or error.type,
        message=error.message[:MOST_WORDS],
        request_id=request_id,
        model=model,
        key=key,
        status=error.status,
    )
