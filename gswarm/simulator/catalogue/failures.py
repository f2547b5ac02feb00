"""400, 404 and 413 for mistakes in a request; 499 and 5xx for Google's own."""

from __future__ import annotations

from .pieces import (
    GENERATIVE,
    Facts,
    Maker,
    Raw,
    error,
    failed_precondition,
    info,
    invalid_argument,
    legacy,
    localized,
    page,
)


def _invalid_argument(facts: Facts) -> Raw:
    return 400, error(400, "Request contains an invalid argument."), {}


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
    return 400, error(400, message), {}


def _signature_missing_vertex(facts: Facts) -> Raw:
    message = (
        f"Unable to submit request because function call `{facts.function}` in the "
        f"{facts.position}. content block is missing a `thought_signature`. Learn "
        "more: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/"
        "thought-signatures"
    )
    return 400, error(400, message), {}


def _signature_corrupted(facts: Facts) -> Raw:
    return 400, error(400, "Corrupted thought signature."), {}


def _signature_stale(facts: Facts) -> Raw:
    return 400, error(400, "Invalid thought signature."), {}


def _too_long(facts: Facts) -> Raw:
    message = (
        f"The input token count ({facts.tokens}) exceeds the maximum number of tokens "
        f"allowed ({facts.max_tokens})."
    )
    return 400, error(400, message), {}


def _location(facts: Facts) -> Raw:
    message = "User location is not supported for the API use."
    return 400, failed_precondition(message), {}


def _precondition(facts: Facts) -> Raw:
    return 400, failed_precondition("Precondition check failed."), {}


def _bad_api_key(facts: Facts) -> Raw:
    message = "API key not valid. Please pass a valid API key."
    cause = info("API_KEY_INVALID", "googleapis.com", {"service": GENERATIVE})
    return 400, error(400, message, cause, localized(message)), {}


def _too_large(facts: Facts) -> Raw:
    message = "Request payload size exceeds the limit: 20971520 bytes."
    body = error(413, message)
    body["error"]["status"] = "INVALID_ARGUMENT"
    return 413, body, {}


def _not_found(facts: Facts) -> Raw:
    message = "Requested entity was not found."
    body = error(404, message)
    body["error"]["errors"] = legacy(message, 404)
    return 404, body, {}


def _gemini_not_found(facts: Facts) -> Raw:
    message = (
        f"models/{facts.model} is not found for API version v1beta, or is not "
        "supported for generateContent. Call ListModels to see the list of available "
        "models and their supported methods."
    )
    return 404, error(404, message), {}


def _not_found_html(facts: Facts) -> Raw:
    return page(404, "Not Found", "The requested URL was not found on this server.")


# ------------------------------------------------------------------------- 499 5xx


def _cancelled(facts: Facts) -> Raw:
    message = "The operation was cancelled."
    body = error(499, message)
    body["error"]["errors"] = legacy(message, 499)
    return 499, body, {}


def _internal(facts: Facts) -> Raw:
    return 500, error(500, "Internal error encountered."), {}


def _internal_long(facts: Facts) -> Raw:
    message = (
        "An internal error has occurred. Please retry or report in "
        "https://developers.generativeai.google/guide/troubleshooting"
    )
    return 500, error(500, message), {}


def _overloaded(facts: Facts) -> Raw:
    message = "The model is overloaded. Please try again later."
    return 503, error(503, message), {}


def _high_demand(facts: Facts) -> Raw:
    message = (
        "This model is currently experiencing high demand. Spikes in demand are "
        "usually temporary. Please try again later."
    )
    return 503, error(503, message), {}


def _deadline(facts: Facts) -> Raw:
    message = "Deadline expired before operation could complete."
    return 504, error(504, message), {}


def _bad_gateway(facts: Facts) -> Raw:
    return page(502, "Server Error", "The server encountered a temporary error.")


def _unavailable_page(facts: Facts) -> Raw:
    return page(503, "Service Unavailable", "The service is temporarily unavailable.")


NAMED: dict[str, Maker] = {
    "invalid_argument": _invalid_argument,
    "unknown_name": _unknown_name,
    "signature_missing": _signature_missing,
    "signature_missing_vertex": _signature_missing_vertex,
    "signature_corrupted": _signature_corrupted,
    "signature_stale": _signature_stale,
    "too_long": _too_long,
    "location": _location,
    "precondition": _precondition,
    "bad_api_key": _bad_api_key,
    "too_large": _too_large,
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
