"""429: limits of Code Assist and of the Gemini API, and models without capacity."""

from __future__ import annotations

from ..durations import go_text, proto_text, timestamp, whole_text
from .pieces import (
    CLOUDCODE,
    GENERATIVE,
    Facts,
    Maker,
    Raw,
    detail,
    error,
    help_links,
    info,
    legacy,
    retry,
)


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
    details = [info(reason, CLOUDCODE, metadata)]
    if facts.retry_info is not False:
        details.append(retry(seconds))
    return 429, error(429, text.format(whole_text(seconds)), *details), {}


def _capacity(facts: Facts) -> Raw:
    return _no_capacity(429, facts)


def _capacity_503(facts: Facts) -> Raw:
    return _no_capacity(503, facts)


def _no_capacity(status: int, facts: Facts) -> Raw:
    message = f"No capacity available for model {facts.model} on the server"
    details = [info("MODEL_CAPACITY_EXHAUSTED", CLOUDCODE, {"model": facts.model})]
    if facts.retry_info or (facts.reset_after is not None and facts.retry_info is None):
        details.append(retry(9 if facts.reset_after is None else facts.reset_after))
    body = error(status, message, *details)
    body["error"]["errors"] = legacy(message, 429)
    return status, body, {}


def _bare_429(facts: Facts) -> Raw:
    return 429, error(429, "Resource has been exhausted (e.g. check quota)."), {}


def _detail_free_429(facts: Facts) -> Raw:
    message = (
        "Resource exhausted. Please try again later. Please refer to "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 "
        "for more details."
    )
    body = error(429, message)
    body["error"]["errors"] = legacy(message, 429)
    return 429, body, {}


def _credits(facts: Facts) -> Raw:
    cause = detail("ErrorInfo", reason="INSUFFICIENT_G1_CREDITS_BALANCE")
    message = "Resource has been exhausted (e.g. check quota)."
    return 429, error(429, message, cause), {}


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
        detail("QuotaFailure", violations=[violation]),
        help_links(("Learn more about Gemini API quotas", help_url)),
    ]
    if facts.retry_info is not False:
        details.append(retry(float(int(seconds))))
    message = (
        "You exceeded your current quota, please check your plan and billing details. "
        f"For more information on this error, head to: {help_url}. \n"
        f"* Quota exceeded for metric: {metric}, limit: {facts.limit}\n"
        f"Please retry in {proto_text(seconds)}."
    )
    return 429, error(429, message, *details), {}


NAMED: dict[str, Maker] = {
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
}
