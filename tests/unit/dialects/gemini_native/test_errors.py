"""Every refusal as a google.rpc.Status."""

from __future__ import annotations

import pytest

from gswarm import errors
from gswarm.dialects.gemini_native.errors import STATUSES, write_error
from gswarm.dialects.gemini_native.model_list import write_model, write_page
from gswarm.gemini.models import CATALOGUE

CODES = {
    *("CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED"),
    *("FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL"),
    *("UNAVAILABLE", "DATA_LOSS"),
}
"""google.rpc.Code."""


def told(refusal: errors.Refusal) -> dict[str, dict]:
    details = write_error(refusal).body["error"]["details"]
    return {each["@type"].rpartition(".")[2]: each for each in details}


@pytest.mark.parametrize(
    ("refusal", "status", "word"),
    [
        (errors.MissingKey(""), 403, "PERMISSION_DENIED"),
        (errors.InvalidKey(""), 400, "INVALID_ARGUMENT"),
        (errors.NotSignedIn(""), 401, "UNAUTHENTICATED"),
        (errors.PermissionDenied(""), 403, "PERMISSION_DENIED"),
        (errors.InvalidRequest(""), 400, "INVALID_ARGUMENT"),
        (errors.ModelNotFound("x"), 404, "NOT_FOUND"),
        (errors.NotFound(""), 404, "NOT_FOUND"),
        (errors.MethodNotAllowed(""), 405, "UNIMPLEMENTED"),
        (errors.RequestTooSlow(""), 408, "DEADLINE_EXCEEDED"),
        (errors.PayloadTooLarge(""), 400, "INVALID_ARGUMENT"),
        (errors.UnknownEncoding(""), 415, "INVALID_ARGUMENT"),
        (errors.RateLimitExceeded("", retry_after=7), 429, "RESOURCE_EXHAUSTED"),
        (errors.InsufficientQuota(""), 429, "RESOURCE_EXHAUSTED"),
        (errors.InternalError(""), 500, "INTERNAL"),
        (errors.UpstreamError(""), 500, "INTERNAL"),
        (errors.NotOffered(""), 501, "UNIMPLEMENTED"),
        (errors.NoUsableAccount(""), 503, "UNAVAILABLE"),
        (errors.UpstreamTimeout(""), 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_each_has_a_status_of_googles(refusal, status, word):
    reply = write_error(refusal)

    error = reply.body["error"]
    assert (reply.status, error["code"], error["status"]) == (status, status, word)
    assert error.keys() == {"code", "message", "status", "details"}
    assert set(STATUSES.values()) <= CODES


def test_a_wrong_key_is_told_as_google_does():
    refusal = errors.InvalidKey("The key is revoked.")

    assert write_error(refusal).body["error"]["message"] == (
        "API key not valid. Please pass a valid API key."
    )
    assert told(refusal)["ErrorInfo"]["reason"] == "API_KEY_INVALID"


def test_a_key_from_elsewhere_is_told_apart():
    assert told(errors.AddressNotAllowed("x"))["ErrorInfo"]["reason"] == (
        "API_KEY_IP_ADDRESS_BLOCKED"
    )
    assert told(errors.PermissionDenied("x"))["ErrorInfo"]["reason"] == (
        "API_KEY_SERVICE_BLOCKED"
    )


def test_clients_hear_how_long_to_wait_and_whether_it_is_worth_it():
    """Gemini CLI waits where it reads PerMinute, and stops where it reads PerDay."""
    soon = errors.RateLimitExceeded("Too many.", retry_after=6.2)
    late = errors.InsufficientQuota("Used up.", retry_after=7200)
    own = errors.KeyLimitExceeded("Too many.", retry_after=6.2)

    assert told(soon)["RetryInfo"]["retryDelay"] == "7s"
    assert told(late)["RetryInfo"]["retryDelay"] == "7200s"
    assert "PerMinutePerPool" in str(told(soon)["QuotaFailure"])
    assert "PerDayPerPool" in str(told(late)["QuotaFailure"])
    assert "PerMinutePerKey" in str(told(own)["QuotaFailure"])
    assert dict(write_error(soon).headers) == {"Retry-After": "7"}


def test_broken_json_is_told_in_googles_words():
    error = write_error(errors.InvalidJson("depth limit exceeded at byte 1025"))

    assert error.body["error"]["message"] == (
        "Invalid JSON payload received. depth limit exceeded at byte 1025."
    )


def test_words_of_other_dialects_are_left_out():
    refusal = errors.ContextTooLong("Too many tokens.").refusal("m")

    error = write_error(refusal).body["error"]
    assert error["message"] == "Too many tokens."
    assert error["details"] == []


def test_models_come_in_pages():
    written = [write_model(model) for model in CATALOGUE]
    names, token = [], None
    while token != "":
        page = write_page(written, "2", token)
        assert len(page["models"]) <= 2
        names += [model["name"] for model in page["models"]]
        token = page.get("nextPageToken", "")

    assert names == [f"models/{model.id}" for model in CATALOGUE]
    assert write_page(written, "9999", None)["models"] == written


@pytest.mark.parametrize("size", ["-1", "x", "²", "1" * 50])
def test_a_page_of_no_size(size):
    with pytest.raises(errors.InvalidRequest):
        write_page([], size, None)
