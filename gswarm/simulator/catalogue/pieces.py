"""What error bodies are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from ..durations import proto_text, to_seconds

Detail: TypeAlias = dict[str, Any]
Raw: TypeAlias = tuple[int, dict[str, Any] | str, dict[str, str]]

CLOUDCODE = "cloudcode-pa.googleapis.com"
COMPANION = "cloudaicompanion.googleapis.com"
GENERATIVE = "generativelanguage.googleapis.com"

CANONICAL = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

LEGACY_REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "alreadyExists",
    429: "rateLimitExceeded",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an error speaks of.

    ``reset_after`` is a length in seconds (`of` also reads ``21h10m20s``), ``now`` the
    simulated epoch second it counts from. ``retry_info`` and ``legacy`` force the
    RetryInfo detail and the legacy ``errors[]`` on or off (None: as usually seen);
    ``shuffle`` seeds another order of details and metadata. ``status`` and
    ``message`` replace the usual ones.
    """

    project: str = "alice-01"
    model: str = "gemini-2.5-flash"
    account: str = "alice@example.com"
    reset_after: float | None = None
    now: float = 0.0
    retry_info: bool | None = None
    legacy: bool | None = None
    shuffle: int | None = None
    status: int | None = None
    message: str | None = None
    limit: int = 2
    window: str = "Minute"
    function: str = "get_weather"
    position: int = 2
    tokens: int = 1_200_000
    max_tokens: int = 1_048_576
    url: str = "https://accounts.google.com/signin/continue?sarp=1&scc=1"
    file: str = "abc-123"

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Facts:
        """Pick the facts among ``params``, leaving the rest alone."""
        known = {f.name: params[f.name] for f in fields(cls) if f.name in params}
        if known.get("reset_after") is not None:
            known["reset_after"] = to_seconds(known["reset_after"])
        return cls(**known)


Maker: TypeAlias = Callable[[Facts], Raw]


def invalid_argument(message: str, field: str | None = None) -> dict[str, Any]:
    """The body of a 400, with the offending field spelt as Google's protos do."""
    return bad_request(message, [(field, message)] if field is not None else [])


def bad_request(message: str, violations: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The body of a 400 with a (field, description) for everything wrong."""
    if not violations:
        return error(400, message)
    listed = [{"field": field, "description": text} for field, text in violations]
    return error(400, message, detail("BadRequest", fieldViolations=listed))


def error(status: int, message: str, *details: Detail) -> dict[str, Any]:
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "status": CANONICAL.get(status, "UNKNOWN"),
    }
    if details:
        error["details"] = list(details)
    return {"error": error}


def failed_precondition(message: str) -> dict[str, Any]:
    body = error(400, message)
    body["error"]["status"] = "FAILED_PRECONDITION"
    return body


def detail(kind: str, **members: Any) -> Detail:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **members}


def info(reason: str, domain: str, metadata: dict[str, str] | None = None) -> Detail:
    plain = detail("ErrorInfo", reason=reason, domain=domain)
    return plain | {"metadata": metadata} if metadata else plain


def retry(seconds: float) -> Detail:
    return detail("RetryInfo", retryDelay=proto_text(seconds))


def help_links(*links: tuple[str, str]) -> Detail:
    return detail("Help", links=[{"description": d, "url": u} for d, u in links])


def localized(message: str) -> Detail:
    return detail("LocalizedMessage", locale="en-US", message=message)


def legacy(message: str, status: int) -> list[dict[str, str]]:
    reason = LEGACY_REASONS.get(status, "backendError")
    return [{"message": message, "domain": "global", "reason": reason}]


def page(status: int, title: str, sentence: str) -> Raw:
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n"
        f"  <title>Error {status} ({title})!!1</title>\n"
        f"  <p><b>{status}.</b> <ins>That's an error.</ins>\n"
        f"  <p>{sentence} <ins>That's all we know.</ins>\n</html>\n"
    )
    return status, page, {}
