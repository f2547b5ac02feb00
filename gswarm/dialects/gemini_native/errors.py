"""Write a refusal as Google does: a ``google.rpc.Status`` with its details."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import (
    AddressNotAllowed,
    InsufficientQuota,
    InvalidJson,
    InvalidKey,
    KeyLimitExceeded,
    MissingKey,
    ModelNotFound,
    PayloadTooLarge,
    PermissionDenied,
    Refusal,
    Unavailable,
    UpstreamError,
)
from ..dialect import ErrorReply

STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    415: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

INSTEAD: tuple[tuple[type[Refusal], int], ...] = (
    (MissingKey, 403),
    (InvalidKey, 400),
    (PayloadTooLarge, 400),
    (UpstreamError, 500),
)
"""Refusals with another status here than in the house (facts: gemini-native A13)."""
STATUSES_FOR: Mapping[int, int] = {401: 403, 413: 400, 502: 500}
"""The same by the house's status, where a key is missing."""

NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API."
)
BAD_KEY = "API key not valid. Please pass a valid API key."
OVERLOADED = "The model is overloaded. Please try again later."

TYPES = "type.googleapis.com/google.rpc."
SERVICE = "generativelanguage.googleapis.com"
DAY_SECONDS = 300
"""A longer wait is told as a quota of a day's, which Gemini CLI does not wait for."""

NOT_OF_HERE = frozenset({"context_length_exceeded", "invalid_thought_signature"})
"""Codes whose ``param`` names a field of another dialect."""


def write_error(refusal: Refusal) -> ErrorReply:
    """The error's status, body and headers."""
    status = status_of(refusal)
    error = {
        "code": status,
        "message": _message(refusal),
        "status": STATUSES.get(status, "INVALID_ARGUMENT"),
        "details": list(_details(refusal)),
    }
    return ErrorReply(status, {"error": error}, list(_headers(refusal, status)))


def status_of(refusal: Refusal) -> int:
    """The HTTP status; the body's ``code`` is the same."""
    return next(
        (status for kind, status in INSTEAD if isinstance(refusal, kind)),
        refusal.status,
    )


def _message(refusal: Refusal) -> str:
    match refusal:
        case MissingKey():
            return NO_KEY
        case InvalidKey():
            return BAD_KEY
        case ModelNotFound():
            return (
                f"models/{refusal.model} is not found for API version v1beta, or is "
                "not supported for generateContent. Call ModelService.ListModels to "
                "see the list of available models and their supported methods."
            )
        case InvalidJson():
            return f"Invalid JSON payload received. {refusal.problem}."
        case Unavailable(code="overloaded"):
            return OVERLOADED
    return refusal.message.removesuffix(f" ({refusal.code})")


def _details(refusal: Refusal) -> Iterator[dict[str, Any]]:
    if isinstance(refusal, InvalidKey):
        yield _info("API_KEY_INVALID")
    elif isinstance(refusal, AddressNotAllowed):
        yield _info("API_KEY_IP_ADDRESS_BLOCKED")
    elif isinstance(refusal, PermissionDenied):
        yield _info("API_KEY_SERVICE_BLOCKED")
    elif refusal.param and refusal.code not in NOT_OF_HERE:
        yield _violation(refusal.param, refusal.message)
    if refusal.status == 429:
        yield _quota(refusal)
    if refusal.status == 429 or refusal.retry_after is not None:
        yield {"@type": f"{TYPES}RetryInfo", "retryDelay": f"{_seconds(refusal)}s"}


def _info(reason: str) -> dict[str, Any]:
    return {
        "@type": f"{TYPES}ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE},
    }


def _violation(field: str, description: str) -> dict[str, Any]:
    told = {"field": field, "description": description}
    return {"@type": f"{TYPES}BadRequest", "fieldViolations": [told]}


def _quota(refusal: Refusal) -> dict[str, Any]:
    """Clients tell from the id whether waiting is worth it."""
    is_long = isinstance(refusal, InsufficientQuota) or _seconds(refusal) > DAY_SECONDS
    whose = "PerKey" if isinstance(refusal, KeyLimitExceeded) else "PerPool"
    told = {
        "quotaMetric": f"{SERVICE}/generate_content_requests",
        "quotaId": f"GatewayRequests{'PerDay' if is_long else 'PerMinute'}{whose}",
    }
    return {"@type": f"{TYPES}QuotaFailure", "violations": [told]}


def _headers(refusal: Refusal, status: int) -> Iterator[tuple[str, str]]:
    if refusal.status == 429 or refusal.retry_after is not None:
        yield "Retry-After", str(_seconds(refusal))


def _seconds(refusal: Refusal) -> int:
    return max(1, math.ceil(refusal.retry_after or 0))
