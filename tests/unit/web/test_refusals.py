"""Errors of every kind, in the words of the path they came to."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gswarm.errors import (
    ClientGone,
    InvalidFields,
    InvalidRequest,
    RateLimitExceeded,
    SettingsError,
    StoreUnavailable,
    UpstreamError,
)
from gswarm.settings import Settings
from gswarm.web import headers
from gswarm.web.refusals import answer_exception
from gswarm.web.server import logs

OPENAI, OURS = "/v1/fail", "/api/fail"


def client_raising(error: Exception) -> FlaskClient:
    """A client of an app whose every path raises ``error``."""
    app = Flask("test")
    app.register_error_handler(Exception, answer_exception)
    headers.init_app(app, Settings())

    @app.get(OPENAI)
    @app.get(OURS)
    def fail() -> None:
        raise error

    return app.test_client()


def body_at(path: str, error: Exception) -> Any:
    return client_raising(error).get(path).get_json()


def test_an_openai_path_has_all_four_members() -> None:
    refusal = InvalidRequest(
        "Bad role.", param="messages[0].role", code="invalid_value"
    )

    assert body_at(OPENAI, refusal) == {
        "error": {
            "message": "Bad role.",
            "type": "invalid_request_error",
            "param": "messages[0].role",
            "code": "invalid_value",
        }
    }


def test_a_wrong_setting_is_told_the_log_once_and_a_client_without_a_name(
    caplog,
) -> None:
    client = client_raising(SettingsError("GSWARM_THING: it lacks the other one."))

    answers = [client.get(path) for path in (OPENAI, OURS, OURS)]

    assert caplog.messages == ["GSWARM_THING: it lacks the other one."]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.get_json()["error"]["code"] == "misconfigured"
        assert "GSWARM" not in answer.text


def test_another_path_has_code_and_message() -> None:
    assert body_at(OURS, UpstreamError("It failed.")) == {
        "error": {"code": "upstream_error", "message": "It failed."}
    }


def test_a_bad_body_is_explained_by_field() -> None:
    error = body_at(OURS, InvalidFields({"prompt": ["Missing."]}))["error"]

    assert error["code"] == "validation"
    assert error["details"] == {"prompt": ["Missing."]}


def test_a_refusal_with_a_field_has_details_too() -> None:
    error = body_at(OURS, InvalidRequest("No such scope.", param="scopes"))["error"]

    assert error == {
        "code": "validation",
        "message": "No such scope.",
        "details": {"scopes": ["No such scope."]},
    }


def test_retry_after_is_whole_seconds_rounded_up() -> None:
    refusal = RateLimitExceeded("Slow down.", retry_after=6.2)

    reply = client_raising(refusal).get(OPENAI)

    assert reply.status_code == 429
    assert reply.headers["Retry-After"] == "7"


@pytest.mark.parametrize("path", [OPENAI, OURS])
def test_a_limit_says_once_when_to_try_again(path: str) -> None:
    error = body_at(path, RateLimitExceeded("Slow down.", retry_after=6.2))["error"]

    assert error["message"] == "Slow down. Please try again in 7s."


def test_clients_are_told_not_to_retry_what_was_retried() -> None:
    reply = client_raising(UpstreamError("It failed.")).get(OPENAI)

    assert reply.headers["x-should-retry"] == "false"


def test_a_store_that_is_down_is_503_and_named_in_general_terms() -> None:
    error = StoreUnavailable("The store does not answer: /var/secret/redis.sock")

    reply = client_raising(error).get(OPENAI)

    assert reply.status_code == 503
    assert reply.get_json()["error"]["code"] == "store_unavailable"
    assert "redis.sock" not in reply.text


@pytest.mark.parametrize("path", [OPENAI, OURS])
def test_the_unforeseen_is_500_and_tells_nothing(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reply = client_raising(ValueError("hunter2 in /srv/app.py")).get(path)

    assert reply.status_code == 500
    assert reply.get_json()["error"]["code"] == "internal_error"
    assert "hunter2" not in reply.text
    [record] = caplog.records
    assert record.fields["request_id"] == reply.headers["x-request-id"]  # type: ignore[attr-defined]
    line = logs.TextLine().format(record)
    assert "ValueError" in line and "test_refusals.py" in line
    assert "hunter2" not in line


def test_nobody_is_left_to_read_what_a_leaver_is_told() -> None:
    assert client_raising(ClientGone()).get(OPENAI).status_code == 499


def test_a_program_that_posts_to_nowhere_is_given_no_page() -> None:
    reply = client_raising(ValueError()).post("/v2/chat/completions", json={})

    assert reply.status_code == 404
    assert reply.json["error"]["code"] == "unknown_url"


@pytest.mark.parametrize("path", ["/v1/nothing", "/api/nothing"])
def test_an_unknown_path_is_a_json_404(path: str) -> None:
    reply = client_raising(ValueError()).get(path)

    assert reply.status_code == 404
    assert reply.get_json()["error"]["code"] == "unknown_url"


def test_a_browsers_unknown_path_is_a_page() -> None:
    reply = client_raising(ValueError()).get("/nothing")

    assert reply.status_code == 404
    assert reply.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "code"), [(OPENAI, None), (OURS, "method_not_allowed")]
)
def test_a_wrong_method_is_a_json_405(path: str, code: str | None) -> None:
    reply = client_raising(ValueError()).post(path)

    assert reply.status_code == 405
    assert reply.get_json()["error"]["code"] == code
    assert "GET" in reply.headers["Allow"]


def test_openais_clients_hear_how_long_it_took_and_which_version_it_is() -> None:
    client = client_raising(UpstreamError("It failed."))

    found = client.get(OPENAI).headers
    assert int(found["openai-processing-ms"]) >= 0
    assert found["openai-version"] == "2020-10-01"
    assert "openai-version" in found["Access-Control-Expose-Headers"]
    assert "openai-version" not in client.get(OURS).headers


@pytest.mark.parametrize("path", [OPENAI, OURS, "/v1/nothing", "/nothing"])
def test_every_answer_has_an_id_and_guards(path: str) -> None:
    reply = client_raising(ValueError()).get(path)

    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_a_refusal_that_somebody_keeps_keeps_nothing_else() -> None:
    refusal = InvalidRequest("No.")
    try:
        try:
            raise ValueError("inner")
        except ValueError:
            raise refusal from None
    except InvalidRequest as error:
        body_at(OURS, error)
        assert error.__traceback__ is None
        assert error.__context__ and error.__context__.__traceback__ is None
