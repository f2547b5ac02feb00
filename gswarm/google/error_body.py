"""Read the error bodies Google sends, in all the shapes they have been seen in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..gemini.json_text import loads

Links = tuple[tuple[str, str], ...]

_CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNKNOWN": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_MESSAGE_LIMIT = 2000
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class GoogleError:
    """A ``google.rpc.Status`` with the details that matter, all optional.

    ``code`` is the HTTP error status the body names; ``reason`` and ``metadata`` are
    those of its ErrorInfo; ``legacy_reason`` is the older ``errors[]``'s;
    ``quota_ids`` name the limits that were hit, ``quota_values`` how much each allows;
    ``retry_delay`` is RetryInfo's text;
    ``links`` are (description, url) pairs. ``is_json`` is False for a front end's HTML.
    """

    message: str = ""
    code: int | None = None
    status: str = ""
    reason: str = ""
    legacy_reason: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    quota_ids: tuple[str, ...] = ()
    quota_values: Mapping[str, str] = field(default_factory=dict)
    retry_delay: str | None = None
    links: Links = ()
    is_json: bool = True


def parse_body(body: bytes) -> GoogleError:
    """The error a response body tells of; never fails, whatever the body is.

    Seen: an object, an array of one (streaming methods), the whole error once more as
    JSON inside ``error.message``, ``" @type"`` keys, non-breaking spaces, stray commas,
    HTML pages of the front end (Code Assist, Gemini API).
    """
    text = body.decode("utf-8", "replace")
    payload = _loads(text)
    if payload is None:
        return GoogleError(message=_plain(text), is_json=False)
    return parse_payload(payload)


def parse_payload(payload: Any, depth: int = 0) -> GoogleError:
    """As `parse_body`, for a body or stream event that is parsed already."""
    error = _error_member(payload)
    if isinstance(error, str):
        error = {"message": error}
    if not isinstance(error, dict):
        return GoogleError(message=_short(str(payload)))
    message = error.get("message")
    inner = _embedded(error) if depth < _DEEPEST else None
    if inner is not None:
        return parse_payload(inner, depth + 1)
    return _read(error, _short(str(message or "")))


def _error_member(payload: Any) -> Any:
    if isinstance(payload, list):
        payload = next((item for item in payload if isinstance(item, dict)), None)
    if isinstance(payload, dict):
        return payload.get("error", payload)
    return payload


def _embedded(error: dict[str, Any]) -> Any:
    """The error that a message is, as JSON, or ends with.

    JSON after words counts where nobody's request is at fault: where one is, Google
    quotes what the caller sent.
    """
    message = error.get("message")
    if not isinstance(message, str) or '"error"' not in message:
        return None
    code = _code(error.get("code"), str(error.get("status") or ""))
    is_callers = code is None or (code < 499 and code != 429)
    inner = _loads(message if is_callers else _from_bracket(message))
    return inner if _holds_error(inner) else None


def _from_bracket(message: str) -> str:
    start = min(
        at for at in (message.find("{"), message.find("["), len(message)) if at >= 0
    )
    end = max(message.rfind("}"), message.rfind("]")) + 1
    return message[start:end]


def _holds_error(payload: Any) -> bool:
    if isinstance(payload, list):
        payload = next((item for item in payload if isinstance(item, dict)), None)
    return isinstance(payload, dict) and isinstance(payload.get("error"), dict)


def _read(error: dict[str, Any], message: str) -> GoogleError:
    details = [_stripped(each) for each in _dicts(error.get("details"))]
    info = _of_type(details, "ErrorInfo")
    metadata = info.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    legacy = next(iter(_dicts(error.get("errors"))), {})
    retry = _of_type(details, "RetryInfo").get("retryDelay")
    status = str(error.get("status") or "")
    return GoogleError(
        message=message,
        code=_code(error.get("code"), status),
        status=status,
        reason=str(info.get("reason") or ""),
        legacy_reason=str(legacy.get("reason") or ""),
        metadata=metadata,
        quota_ids=_quota_ids(details, metadata),
        quota_values=_quota_values(details),
        retry_delay=None if retry is None else str(retry),
        links=_links(details),
    )


def _quota_ids(
    details: list[dict[str, Any]], metadata: Mapping[str, Any]
) -> tuple[str, ...]:
    violations = _dicts(_of_type(details, "QuotaFailure").get("violations"))
    named = [violation.get("quotaId") for violation in violations]
    return tuple(str(name) for name in (*named, metadata.get("quota_limit")) if name)


def _quota_values(details: list[dict[str, Any]]) -> dict[str, str]:
    violations = _dicts(_of_type(details, "QuotaFailure").get("violations"))
    return {
        str(each["quotaId"]): str(each["quotaValue"])
        for each in violations
        if each.get("quotaId") and each.get("quotaValue")
    }


def _links(details: list[dict[str, Any]]) -> Links:
    links = _dicts(_of_type(details, "Help").get("links"))
    return tuple(
        (str(link.get("description") or ""), str(link["url"]))
        for link in links
        if link.get("url")
    )


def _code(code: Any, status: str) -> int | None:
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    if isinstance(code, int) and 400 <= code <= 599:
        return code
    return _CODES.get(status)


def _of_type(details: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The first detail of a type; some come without ``@type`` but with its members."""
    for detail in details:
        if str(detail.get("@type") or "").endswith(f".{name}"):
            return detail
    return {}


def _stripped(detail: dict[str, Any]) -> dict[str, Any]:
    return {key.strip(): value for key, value in detail.items()}


def _dicts(items: Any) -> list[dict[str, Any]]:
    if not isinstance(items, list):
        return []
    return [item for item in items if isinstance(item, dict)]


# ------------------------------------------------------------------ tolerant JSON

_STRAY_COMMA = re.compile(
    r'("(?:[^"\\]|\\.)*"?)|(?<=[\[{])\s*,|,(?=\s*[,\]}])|,\s*\Z', re.DOTALL
)


def _loads(text: str) -> Any:
    for attempt in (text, _mended(text)):
        try:
            return loads(attempt)
        except ValueError:
            continue
    return None


def _mended(text: str) -> str:
    spaced = text.replace("\u00a0", " ").strip().removeprefix("\ufeff")
    return _STRAY_COMMA.sub(lambda found: found[1] or "", spaced)


# ------------------------------------------------------------------ words for people

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_SECRETS = (
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[account]"),
    (re.compile(r"(projects/)[\w:.-]+"), r"\1[project]"),
    (re.compile(r"(\bproject '?)(?=[\w:.-]*[\d-])[\w:.-]+"), r"\1[project]"),
    (re.compile(r"(project_number:|api_key:|\bkey=)[\w-]+"), r"\1[hidden]"),
)


def scrub(message: str) -> str:
    """A message without the account, project or key it may name."""
    for pattern, replacement in _SECRETS:
        message = pattern.sub(replacement, message)
    return message


def _plain(text: str) -> str:
    title = _TITLE.search(text)
    if title:
        return title[1].strip()
    return "" if "<html" in text[:500].lower() else _short(text)


def _short(text: str) -> str:
    return text.replace("\u00a0", " ").strip()[:_MESSAGE_LIMIT]
