"""Judge what one failed answer means: for the project, the account, the request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import errors
from ..gemini.durations import find_delay, read_instant, read_retry_after, read_seconds
from .error_body import GoogleError, parse_body, parse_payload, scrub

LONG_WAIT_SECONDS = 300.0
"""A limit that lasts longer than this is a quota, not a rate."""

# Google quotes what the caller sent, so that words decide only where a message begins
# with them: nothing of the caller's ever stands there.
_CAPACITY = re.compile(
    r"No capacity available for|The model is overloaded"
    r"|This model is currently experiencing high demand",
    re.I,
)
_INDIVIDUAL = re.compile(r"Individual quota", re.I)
_DAILY_ID = re.compile(r"per_?day|daily", re.I)
_DAILY_WORDS = re.compile(r"\bper day\b|\bdaily (?:limit|quota)\b", re.I)
_ZERO_LIMIT = re.compile(r"\blimit: 0(?![\d.])")
_NAMED_MODEL = re.compile(r"\bmodel:? .*")
_SIGNATURE = re.compile(
    r"(?:Function call is missing a"
    r"|Unable to submit request because function call `.{1,300}?` in the \d+\. content"
    r" block is missing a"
    r"|(?:Invalid/?)?(?:Corrupted)?|Unable to submit request because)"
    r" ?`?thought[_ ]signature"
    r"|Invalid value at '[\w.\[\]]{0,200}\.thought_signature' ",
    re.I,
)
_SCHEMA = re.compile(r"json_?schema|\bschemas?\b|Proto field is not repeating", re.I)
_QUOTED = re.compile(r"\".*\"|`.*`", re.S)
_UNKNOWN_FORM = re.compile(
    r"(?:(?:Invalid JSON payload received\. )?Unknown name"
    r' "(?:parameters|response)_?json_?schema"'
    r"(?: at '(?:request\.)?(?:tools\[\d+\]\.function_declarations\[\d+\]"
    r"|generation_config)')?: Cannot find field\.\s*)+",
    re.I,
)
_BAD_KEY = re.compile(r"API key (?:not valid|not found|expired)\.", re.I)
_LOCATION = re.compile(
    r"User location is not supported"
    r"|(?:Gemini API free tier|This (?:API|service|model)) is not available in your",
    re.I,
)
_TOO_LONG = re.compile(
    r"The input token count.{0,40}exceeds the maximum number", re.I | re.S
)
_BLOCKED = re.compile(
    r"This service has been disabled in this account for violation of Terms of Service"
    r"|You do not have a valid license of this product"
    r"|Your account has been suspended"
    r"|Permission denied: Consumer '[\w:.-]{1,200}' has been suspended",
    re.I,
)
_LEAKED_KEY = re.compile(r"Your API key was reported as leaked", re.I)
_DENIED_PROJECT = re.compile(r"(?:Your|The|This) project has been denied access", re.I)

_THING = re.compile(
    r"You do not have permission to access (?:the )?(?:file|cache|tunedmodel|corpora)"
    r"|(?:The |This )?(?:requested )?(?:specified )?"
    r"(?:cached ?content|cache|file|object|bucket|tuned ?model|corpus)\b"
    r"|\S{1,200} does not have storage\.\S{1,60} access",
    re.I,
)

_CAPACITY_REASONS = {"MODEL_CAPACITY_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED"}
_BLOCKED_REASONS = {
    "TOS_VIOLATION",
    "SUBSCRIPTION_REQUIRED",
    "SECURITY_POLICY_VIOLATED",
    "CONSUMER_SUSPENDED",
}
_PROJECT_REASONS = {"BILLING_DISABLED", "CONSUMER_INVALID"}
_QUOTA_REASONS = {"QUOTA_EXHAUSTED", "INSUFFICIENT_G1_CREDITS_BALANCE"}
_PRIVATE_SERVICE = "cloudcode-pa.googleapis.com"
_SERVICES = {
    "cloudaicompanion.googleapis.com",
    "generativelanguage.googleapis.com",
    "aiplatform.googleapis.com",
}
_PERMISSIONS = ("cloudaicompanion.", "aiplatform.endpoints.", "serviceusage.")
"""What a project has to allow for anything to be asked of it."""
_URL_NAMES = ("validation_url", "validation_link", "appeal_url", "activationUrl")


def read_error(
    status: int, headers: Mapping[str, str], body: bytes, now: float
) -> errors.Verdict:
    """The verdict on an HTTP answer other than a good one.

    ``now`` is epoch seconds: reset instants are measured from it.
    """
    error = parse_body(body)
    if status < 400:
        status = error.code or 502
    asked = next(
        (headers[name] for name in headers if name.lower() == "retry-after"), ""
    )
    return _judge(status, error, _read_delay(error, asked, now))


def read_event_error(payload: Any, now: float) -> errors.Verdict:
    """The verdict on an ``{"error": …}`` in the middle of a stream.

    Its text may be an error body that did not parse (`gemini.sse`)."""
    text = payload.get("error") if isinstance(payload, dict) else None
    error = (
        parse_body(text.encode()) if isinstance(text, str) else parse_payload(payload)
    )
    return _judge(error.code or 502, error, _read_delay(error, "", now))


@dataclass(frozen=True, slots=True)
class _Delay:
    """How long an answer asks to be left alone; ``seconds`` is None if it does not say.

    ``reset_at`` is the end of that, ``text`` the words people read it in; ``is_reset``
    says that it is given as the reset of a quota, not as a time to retry.
    """

    seconds: float | None
    reset_at: float | None
    text: str | None
    is_reset: bool


def _read_delay(error: GoogleError, retry_after: str, now: float) -> _Delay:
    """The first source that lies ahead; one that is past or zero says nothing."""
    stamp = read_instant(error.metadata.get("quotaResetTimeStamp"))
    named = error.metadata.get("quotaResetDelay")
    in_message = find_delay(error.message)
    reset = _until_reset(None if stamp is None else stamp - now, read_seconds(named))
    retry_sources = (
        read_seconds(error.retry_delay),
        read_retry_after(retry_after, now),
        read_seconds(in_message),
    )
    retry = next((length for length in retry_sources if length and length > 0), None)
    seconds = retry if reset is None else reset
    return _Delay(
        seconds=seconds,
        reset_at=None if seconds is None else now + seconds,
        text=in_message or (str(named) if named else error.retry_delay),
        is_reset=reset is not None,
    )


def _until_reset(stamped: float | None, named: float | None) -> float | None:
    """The stamp, unless it is the delay beside it cut to whole seconds."""
    named = named or None
    if stamped is None or stamped <= 0 or (named and 0 < named - stamped < 1):
        return named
    return stamped


def _judge(status: int, error: GoogleError, delay: _Delay) -> errors.Verdict:
    if not error.message:
        error = replace(error, message=f"Google answered {status} without a word.")
    if status in (429, 503) and _is_capacity(error):
        return errors.CapacityExhausted(
            error.message, status=status, seconds=delay.seconds
        )
    if status == 429 or (status == 403 and error.status == "RESOURCE_EXHAUSTED"):
        return _judge_limit(status, error, delay)
    if status == 400:
        return _judge_400(error)
    if status == 401:
        return errors.AccessExpired(error.message, status=status)
    if status == 403:
        return _judge_403(error)
    if status == 404:
        return _judge_404(error)
    if status >= 499 or status in (408, 409, 425):
        return errors.ServerFailure(error.message, status=status)
    return errors.CallersMistake(scrub(error.message), status=status)


def _judge_400(error: GoogleError) -> errors.Verdict:
    message = error.message
    if error.reason == "API_KEY_INVALID" or _BAD_KEY.match(message):
        return errors.CredentialRejected(message, status=400)
    if error.status in ("", "FAILED_PRECONDITION") and _LOCATION.match(message):
        return errors.LocationUnsupported(message, status=400)
    return _mistake(message)(scrub(message), status=400)


def _mistake(message: str) -> type[errors.CallersMistake]:
    if _SIGNATURE.match(message):
        return errors.SignatureRejected
    if _TOO_LONG.match(message):
        return errors.ContextTooLong
    if _UNKNOWN_FORM.fullmatch(message):
        return errors.JsonSchemaUnknown
    if _SCHEMA.search(_QUOTED.sub("", message)):
        return errors.SchemaRejected
    return errors.CallersMistake


def _judge_403(error: GoogleError) -> errors.Verdict:
    verdict = _by_reason(error) if error.reason else _by_words(error.message)
    if verdict is errors.ClientDenied:
        return verdict(_about_client(error), status=403)
    return verdict(error.message, status=403, action_url=_action_url(error))


def _by_reason(error: GoogleError) -> type[errors.AuthFailure]:
    if error.reason == "VALIDATION_REQUIRED":
        return errors.VerificationRequired
    if error.reason in _BLOCKED_REASONS:
        return errors.AccountBlocked
    if error.reason.startswith("API_KEY_"):
        return errors.CredentialRejected
    if error.reason == "SERVICE_DISABLED":
        service = error.metadata.get("service")
        if service == _PRIVATE_SERVICE:
            return errors.ClientDenied
        return errors.ProjectDenied if service in _SERVICES else errors.UnclearDenial
    if error.reason == "IAM_PERMISSION_DENIED":
        permission = str(error.metadata.get("permission", ""))
        if permission.startswith(_PERMISSIONS):
            return errors.ProjectDenied
        return _by_words(error.message)
    is_ours = error.reason in _PROJECT_REASONS
    return errors.ProjectDenied if is_ours else _by_words(error.message)


def _by_words(message: str) -> type[errors.AuthFailure]:
    if _BLOCKED.match(message):
        return errors.AccountBlocked
    if _LEAKED_KEY.match(message):
        return errors.CredentialRejected
    if _LOCATION.match(message):
        return errors.LocationUnsupported
    if _DENIED_PROJECT.match(message):
        return errors.ProjectBlocked
    return errors.ThingDenied if _THING.match(message) else errors.UnclearDenial


def _about_client(error: GoogleError) -> str:
    """Google's own words tell people to enable what cannot be enabled."""
    consumer = str(error.metadata.get("consumer", "")).removeprefix("projects/")
    which = f" ({consumer})" if consumer else ""
    return (
        f"The OAuth client's own project{which} has no access to Google's private "
        "Cloud Code API, and nobody but Google can give it: sign in with another "
        "OAuth client."
    )


def _action_url(error: GoogleError) -> str | None:
    """Where a human can mend it; "learn more" pages mend nothing."""
    for description, url in error.links:
        if "learn more" not in description.lower() and "//support.google" not in url:
            return url
    for name in _URL_NAMES:
        if error.metadata.get(name):
            return str(error.metadata[name])
    return None


def _judge_404(error: GoogleError) -> errors.Verdict:
    # A missing model is told in JSON; the front end's HTML page means a wrong address.
    if not error.is_json:
        return errors.ServerFailure(error.message, status=404)
    is_thing = _THING.match(error.message)
    verdict = errors.ThingMissing if is_thing else errors.ModelMissing
    return verdict(error.message, status=404)


def _judge_limit(status: int, error: GoogleError, delay: _Delay) -> errors.Verdict:
    verdict, seconds = _limit(error, delay)
    is_named = seconds is not None
    return verdict(
        error.message,
        status=status,
        seconds=seconds,
        reset_at=delay.reset_at if is_named else None,
        reset_reason=delay.text if is_named else None,
        quota=_quota(error),
    )


def _limit(
    error: GoogleError, delay: _Delay
) -> tuple[type[errors.Verdict], float | None]:
    """Which limit was hit, and for how long if the answer can be believed."""
    if _INDIVIDUAL.match(error.message):
        return errors.IndividualQuotaExhausted, delay.seconds
    is_long = (delay.seconds or 0) > LONG_WAIT_SECONDS
    if _is_daily(error) or _ZERO_LIMIT.search(_without_model(error.message)):
        # The Gemini API answers a spent daily quota with "retry in 27s", which is not
        # when the quota comes back.
        is_believed = is_long or delay.is_reset
        return errors.QuotaExhausted, delay.seconds if is_believed else None
    if error.reason in _QUOTA_REASONS or is_long:
        return errors.QuotaExhausted, delay.seconds
    return errors.RateLimited, delay.seconds


def _is_capacity(error: GoogleError) -> bool:
    return error.reason in _CAPACITY_REASONS or bool(_CAPACITY.match(error.message))


def _is_daily(error: GoogleError) -> bool:
    if error.quota_ids:
        return any(_DAILY_ID.search(quota_id) for quota_id in error.quota_ids)
    return bool(_DAILY_WORDS.search(_without_model(error.message)))


def _without_model(message: str) -> str:
    """A limit's words without the model's name, which is the caller's."""
    return _NAMED_MODEL.sub("", message)


def _quota(error: GoogleError) -> errors.Quota | None:
    """The longest-lasting of the limits that were hit."""
    daily = [quota_id for quota_id in error.quota_ids if _DAILY_ID.search(quota_id)]
    named = [*daily, *error.quota_ids]
    return errors.Quota(named[0], _requests_in(named[0], error)) if named else None


def _requests_in(quota_id: str, error: GoogleError) -> int | None:
    value = error.quota_values.get(quota_id, "")
    is_known = value.isdecimal() and "request" in quota_id.lower()
    return int(value) if is_known else None
