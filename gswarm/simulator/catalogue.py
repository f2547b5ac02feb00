"""Every error body Google has been seen to send, one small function each."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from .durations import go_text, proto_text, timestamp, to_seconds, whole_text

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

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Facts:
        """Pick the facts among ``params``, leaving the rest alone."""
        known = {f.name: params[f.name] for f in fields(cls) if f.name in params}
        if known.get("reset_after") is not None:
            known["reset_after"] = to_seconds(known["reset_after"])
        return cls(**known)


def finished(body: dict[str, Any], status: int, facts: Facts) -> dict[str, Any]:
    """Apply the facts every body shares: another status, message, order, legacy."""
    error = dict(body["error"], code=status)
    if status != body["error"]["code"]:
        error["status"] = CANONICAL.get(status, "UNKNOWN")
    error["message"] = facts.message or error["message"]
    if facts.legacy is False:
        error.pop("errors", None)
    elif facts.legacy and "errors" not in error:
        error["errors"] = _legacy(error["message"], status)
    if facts.shuffle is not None and "details" in error:
        error["details"] = _shuffled(error["details"], random.Random(facts.shuffle))
    return {"error": error}


def invalid_argument(message: str, field: str | None = None) -> dict[str, Any]:
    """The body of a 400, with the offending field spelt as Google's protos do."""
    if field is None:
        return _error(400, message)
    violation = {"field": field, "description": message}
    return _error(400, message, _detail("BadRequest", fieldViolations=[violation]))


# ------------------------------------------------------------------ 429 Code Assist


def _rate_limit(facts: Facts) -> Raw:
    return _exhausted(facts, "RATE_LIMIT_EXCEEDED", 0.539477544, _CAPACITY_TEXT)


def _daily_quota(facts: Facts) -> Raw:
    return _exhausted(facts, "QUOTA_EXHAUSTED", 15722.874982605, _CAPACITY_TEXT)


def _individual_quota(facts: Facts) -> Raw:
    return _exhausted(facts, "QUOTA_EXHAUSTED", 103705.991228095, _INDIVIDUAL_TEXT)


_CAPACITY_TEXT = (
    "You have exhausted your capacity on this model. Your quota will reset after {}."
)
_INDIVIDUAL_TEXT = (
    "Individual quota reached. Please upgrade your subscription to increase your "
    "limits. Resets in {}."
)


def _exhausted(facts: Facts, reason: str, usual: float, text: str) -> Raw:
    seconds = usual if facts.reset_after is None else facts.reset_after
    metadata = {
        "uiMessage": "true",
        "model": facts.model,
        "quotaResetDelay": go_text(seconds),
        "quotaResetTimeStamp": timestamp(facts.now + seconds),
    }
    details = [_info(reason, CLOUDCODE, metadata)]
    if facts.retry_info is not False:
        details.append(_retry(seconds))
    return 429, _error(429, text.format(whole_text(seconds)), *details), {}


def _capacity(facts: Facts) -> Raw:
    return _no_capacity(429, facts)


def _capacity_503(facts: Facts) -> Raw:
    return _no_capacity(503, facts)


def _no_capacity(status: int, facts: Facts) -> Raw:
    message = f"No capacity available for model {facts.model} on the server"
    details = [_info("MODEL_CAPACITY_EXHAUSTED", CLOUDCODE, {"model": facts.model})]
    if facts.retry_info or (facts.reset_after is not None and facts.retry_info is None):
        details.append(_retry(9 if facts.reset_after is None else facts.reset_after))
    body = _error(status, message, *details)
    body["error"]["errors"] = _legacy(message, 429)
    return status, body, {}


def _bare_429(facts: Facts) -> Raw:
    return 429, _error(429, "Resource has been exhausted (e.g. check quota)."), {}


def _detail_free_429(facts: Facts) -> Raw:
    message = (
        "Resource exhausted. Please try again later. Please refer to "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 "
        "for more details."
    )
    body = _error(429, message)
    body["error"]["errors"] = _legacy(message, 429)
    return 429, body, {}


def _credits(facts: Facts) -> Raw:
    detail = _detail("ErrorInfo", reason="INSUFFICIENT_G1_CREDITS_BALANCE")
    message = "Resource has been exhausted (e.g. check quota)."
    return 429, _error(429, message, detail), {}


# ------------------------------------------------------------------- 429 Gemini API


def _gemini_rate(facts: Facts) -> Raw:
    return _gemini_quota(facts, facts.window, 56.185908122)


def _gemini_daily(facts: Facts) -> Raw:
    return _gemini_quota(facts, "Day", 43844.185908122)


def _gemini_quota(facts: Facts, window: str, usual: float) -> Raw:
    seconds = usual if facts.reset_after is None else facts.reset_after
    metric = f"{GENERATIVE}/generate_content_free_tier_requests"
    violation = {
        "quotaMetric": metric,
        "quotaId": f"GenerateRequestsPer{window}PerProjectPerModel-FreeTier",
        "quotaDimensions": {"location": "global", "model": facts.model},
        "quotaValue": str(facts.limit),
    }
    help_url = "https://ai.google.dev/gemini-api/docs/rate-limits"
    details = [
        _detail("QuotaFailure", violations=[violation]),
        _help(("Learn more about Gemini API quotas", help_url)),
    ]
    if facts.retry_info is not False:
        details.append(_retry(float(int(seconds))))
    message = (
        "You exceeded your current quota, please check your plan and billing details. "
        f"For more information on this error, head to: {help_url}. \n"
        f"* Quota exceeded for metric: {metric}, limit: {facts.limit}\n"
        f"Please retry in {proto_text(seconds)}."
    )
    return 429, _error(429, message, *details), {}


# --------------------------------------------------------------------------- 403 401


def _iam(facts: Facts) -> Raw:
    permission = f"{COMPANION.split('.', 1)[0]}.companions.generateChat"
    resource = f"projects/{facts.project}/locations/global"
    message = (
        f"Permission '{permission}' denied on resource '//{COMPANION}/{resource}' "
        "(or it may not exist)."
    )
    metadata = {"resource": resource, "permission": permission}
    detail = _info("IAM_PERMISSION_DENIED", COMPANION, metadata)
    body = _error(403, message, detail)
    body["error"]["errors"] = _legacy(message, 403)
    return 403, body, {}


def _api_disabled(facts: Facts) -> Raw:
    return _disabled(facts.project, COMPANION, "Gemini for Google Cloud API")


def _private_api(facts: Facts) -> Raw:
    return _disabled(facts.project, CLOUDCODE, "Cloud Code Private API")


def _gemini_api_disabled(facts: Facts) -> Raw:
    return _disabled(facts.project, GENERATIVE, "Generative Language API")


def _disabled(project: str, service: str, title: str) -> Raw:
    url = (
        "https://console.developers.google.com/apis/api/"
        f"{service}/overview?project={project}"
    )
    message = (
        f"{title} has not been used in project {project} before or it is disabled. "
        f"Enable it by visiting {url} then retry. If you enabled this API recently, "
        "wait a few minutes for the action to propagate to our systems and retry."
    )
    metadata = {
        "serviceTitle": title,
        "consumer": f"projects/{project}",
        "containerInfo": project,
        "service": service,
        "activationUrl": url,
    }
    details = [
        _info("SERVICE_DISABLED", "googleapis.com", metadata),
        _localized(message),
        _help(("Google developers console API activation", url)),
    ]
    legacy = {
        "message": message,
        "domain": "usageLimits",
        "reason": "accessNotConfigured",
        "extendedHelp": "https://console.developers.google.com",
    }
    body = _error(403, message, *details)
    body["error"]["errors"] = [legacy]
    return 403, body, {}


def _validation(facts: Facts) -> Raw:
    message = "Verify your account to continue."
    learn_more = "https://support.google.com/accounts?p=al_alert"
    metadata = {
        "validation_error_message": message,
        "validation_url_link_text": "Verify your account",
        "validation_url": facts.url,
        "validation_learn_more_link_text": "Learn more",
        "validation_learn_more_url": learn_more,
    }
    links = _help(("Verify your account", facts.url), ("Learn more", learn_more))
    info = _info("VALIDATION_REQUIRED", CLOUDCODE, metadata)
    return 403, _error(403, message, info, links), {}


def _suspended(facts: Facts) -> Raw:
    message = (
        f"{_SUSPENDED_TEXT} Please submit an appeal to continue using this product."
    )
    metadata = {
        "appeal_url_link_text": "Submit Appeal",
        "appeal_url": "https://forms.gle/simulated-appeal",
        "uiMessage": "true",
    }
    return 403, _error(403, message, _info("TOS_VIOLATION", CLOUDCODE, metadata)), {}


def _suspended_old(facts: Facts) -> Raw:
    message = (
        f"{_SUSPENDED_TEXT} If you believe this is an error, contact "
        "gemini-code-assist-user-feedback@google.com."
    )
    body = _error(403, message)
    body["error"]["errors"] = _legacy(message, 403)
    return 403, body, {}


_SUSPENDED_TEXT = (
    "This service has been disabled in this account for violation of Terms of Service."
)


def _unlicensed(facts: Facts) -> Raw:
    message = (
        "You do not have a valid license of this product. Please contact your "
        "administrator to request a license. If you are not an enterprise user and "
        "believe you are receiving this message as an error, please try using the "
        "latest version and logging in again. (#3501)"
    )
    return 403, _error(403, message, _info("SUBSCRIPTION_REQUIRED", CLOUDCODE)), {}


def _vpc(facts: Facts) -> Raw:
    message = "Request is prohibited by organization's policy."
    metadata = {"uid": "simulated", "service": CLOUDCODE}
    info = _info("SECURITY_POLICY_VIOLATED", "googleapis.com", metadata)
    return 403, _error(403, message, info), {}


def _terms(facts: Facts) -> Raw:
    return 403, _error(403, "Callers must accept Terms of Service"), {}


def _expired(facts: Facts) -> Raw:
    return _unauthenticated("ACCESS_TOKEN_EXPIRED")


def _credentials_missing(facts: Facts) -> Raw:
    return _unauthenticated("CREDENTIALS_MISSING")


def _token_type(facts: Facts) -> Raw:
    return _unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED")


def _unauthenticated(reason: str) -> Raw:
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access "
        "token, login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    method = "google.internal.cloud.code.v1internal.CloudCode.GenerateContent"
    metadata = {"service": CLOUDCODE, "method": method}
    challenge = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    body = _error(401, message, _info(reason, "googleapis.com", metadata))
    return 401, body, {"WWW-Authenticate": challenge}


# --------------------------------------------------------------------- 400 404 413


def _invalid_argument(facts: Facts) -> Raw:
    return 400, _error(400, "Request contains an invalid argument."), {}


def _unknown_name(facts: Facts) -> Raw:
    message = (
        'Invalid JSON payload received. Unknown name "metadata": Cannot find field.'
    )
    return 400, invalid_argument(message, "request.generation_config"), {}


def _signature_missing(facts: Facts) -> Raw:
    message = (
        "Function call is missing a thought_signature in functionCall parts. This is "
        "required for tools to work correctly, and missing thought_signature may lead "
        "to degraded model performance. Additional data, function call "
        f"`default_api:{facts.function}` , position {facts.position}. Please refer to "
        "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
    )
    return 400, _error(400, message), {}


def _signature_missing_vertex(facts: Facts) -> Raw:
    message = (
        f"Unable to submit request because function call `{facts.function}` in the "
        f"{facts.position}. content block is missing a `thought_signature`. Learn "
        "more: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/"
        "thought-signatures"
    )
    return 400, _error(400, message), {}


def _signature_corrupted(facts: Facts) -> Raw:
    return 400, _error(400, "Invalid/Corrupted thought signature."), {}


def _too_long(facts: Facts) -> Raw:
    message = (
        f"The input token count ({facts.tokens}) exceeds the maximum number of tokens "
        f"allowed ({facts.max_tokens})."
    )
    return 400, _error(400, message), {}


def _location(facts: Facts) -> Raw:
    message = "User location is not supported for the API use."
    return 400, _failed_precondition(message), {}


def _precondition(facts: Facts) -> Raw:
    return 400, _failed_precondition("Precondition check failed."), {}


def _bad_api_key(facts: Facts) -> Raw:
    message = "API key not valid. Please pass a valid API key."
    info = _info("API_KEY_INVALID", "googleapis.com", {"service": GENERATIVE})
    return 400, _error(400, message, info, _localized(message)), {}


def _too_large(facts: Facts) -> Raw:
    message = "Request payload size exceeds the limit: 20971520 bytes."
    body = _error(413, message)
    body["error"]["status"] = "INVALID_ARGUMENT"
    return 413, body, {}


def _not_found(facts: Facts) -> Raw:
    message = "Requested entity was not found."
    body = _error(404, message)
    body["error"]["errors"] = _legacy(message, 404)
    return 404, body, {}


def _gemini_not_found(facts: Facts) -> Raw:
    message = (
        f"models/{facts.model} is not found for API version v1beta, or is not "
        "supported for generateContent. Call ListModels to see the list of available "
        "models and their supported methods."
    )
    return 404, _error(404, message), {}


def _not_found_html(facts: Facts) -> Raw:
    return _page(404, "Not Found", "The requested URL was not found on this server.")


# ------------------------------------------------------------------------- 499 5xx


def _cancelled(facts: Facts) -> Raw:
    message = "The operation was cancelled."
    body = _error(499, message)
    body["error"]["errors"] = _legacy(message, 499)
    return 499, body, {}


def _internal(facts: Facts) -> Raw:
    return 500, _error(500, "Internal error encountered."), {}


def _internal_long(facts: Facts) -> Raw:
    message = (
        "An internal error has occurred. Please retry or report in "
        "https://developers.generativeai.google/guide/troubleshooting"
    )
    return 500, _error(500, message), {}


def _overloaded(facts: Facts) -> Raw:
    message = "The model is overloaded. Please try again later."
    return 503, _error(503, message), {}


def _high_demand(facts: Facts) -> Raw:
    message = (
        "This model is currently experiencing high demand. Spikes in demand are "
        "usually temporary. Please try again later."
    )
    return 503, _error(503, message), {}


def _deadline(facts: Facts) -> Raw:
    message = "Deadline expired before operation could complete."
    return 504, _error(504, message), {}


def _bad_gateway(facts: Facts) -> Raw:
    return _page(502, "Server Error", "The server encountered a temporary error.")


def _unavailable_page(facts: Facts) -> Raw:
    return _page(503, "Service Unavailable", "The service is temporarily unavailable.")


NAMED: dict[str, Callable[[Facts], Raw]] = {
    "rate_limit": _rate_limit,
    "daily_quota": _daily_quota,
    "individual_quota": _individual_quota,
    "capacity": _capacity,
    "capacity_503": _capacity_503,
    "bare_429": _bare_429,
    "detail_free_429": _detail_free_429,
    "credits": _credits,
    "gemini_rate": _gemini_rate,
    "gemini_daily": _gemini_daily,
    "iam": _iam,
    "api_disabled": _api_disabled,
    "private_api": _private_api,
    "gemini_api_disabled": _gemini_api_disabled,
    "validation": _validation,
    "suspended": _suspended,
    "suspended_old": _suspended_old,
    "unlicensed": _unlicensed,
    "vpc": _vpc,
    "terms": _terms,
    "expired": _expired,
    "credentials_missing": _credentials_missing,
    "token_type": _token_type,
    "invalid_argument": _invalid_argument,
    "unknown_name": _unknown_name,
    "signature_missing": _signature_missing,
    "signature_missing_vertex": _signature_missing_vertex,
    "signature_corrupted": _signature_corrupted,
    "too_long": _too_long,
    "too_large": _too_large,
    "location": _location,
    "precondition": _precondition,
    "bad_api_key": _bad_api_key,
    "not_found": _not_found,
    "gemini_not_found": _gemini_not_found,
    "not_found_html": _not_found_html,
    "cancelled_499": _cancelled,
    "internal": _internal,
    "internal_long": _internal_long,
    "overloaded": _overloaded,
    "high_demand": _high_demand,
    "deadline": _deadline,
    "bad_gateway_html": _bad_gateway,
    "unavailable_html": _unavailable_page,
}


# ------------------------------------------------------------------------ the pieces


def _error(status: int, message: str, *details: Detail) -> dict[str, Any]:
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "status": CANONICAL.get(status, "UNKNOWN"),
    }
    if details:
        error["details"] = list(details)
    return {"error": error}


def _failed_precondition(message: str) -> dict[str, Any]:
    body = _error(400, message)
    body["error"]["status"] = "FAILED_PRECONDITION"
    return body


def _detail(kind: str, **members: Any) -> Detail:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **members}


def _info(reason: str, domain: str, metadata: dict[str, str] | None = None) -> Detail:
    detail = _detail("ErrorInfo", reason=reason, domain=domain)
    return detail | {"metadata": metadata} if metadata else detail


def _retry(seconds: float) -> Detail:
    return _detail("RetryInfo", retryDelay=proto_text(seconds))


def _help(*links: tuple[str, str]) -> Detail:
    return _detail("Help", links=[{"description": d, "url": u} for d, u in links])


def _localized(message: str) -> Detail:
    return _detail("LocalizedMessage", locale="en-US", message=message)


def _legacy(message: str, status: int) -> list[dict[str, str]]:
    reason = LEGACY_REASONS.get(status, "backendError")
    return [{"message": message, "domain": "global", "reason": reason}]


def _shuffled(details: list[Detail], dice: random.Random) -> list[Detail]:
    mixed = [dict(detail) for detail in details]
    for detail in mixed:
        if "metadata" in detail:
            pairs = list(detail["metadata"].items())
            dice.shuffle(pairs)
            detail["metadata"] = dict(pairs)
    dice.shuffle(mixed)
    return mixed


def _page(status: int, title: str, sentence: str) -> Raw:
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n"
        f"  <title>Error {status} ({title})!!1</title>\n"
        f"  <p><b>{status}.</b> <ins>That's an error.</ins>\n"
        f"  <p>{sentence} <ins>That's all we know.</ins>\n</html>\n"
    )
    return status, page, {}
