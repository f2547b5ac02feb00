"""Single odd replies to the methods off the hot path."""

from __future__ import annotations

from contextlib import closing

import pytest
import requests
import responses

from gswarm import __version__
from gswarm.errors import (
    AuthFailure,
    NotLoggedIn,
    ProjectDenied,
    RateLimited,
    ServerFailure,
    UpstreamSilent,
    Verdict,
)
from gswarm.google.code_assist import Bucket, CodeAssist, Tier
from gswarm.google.endpoints import Endpoints
from gswarm.google.json_client import MAX_BYTES, JsonClient
from gswarm.google.oauth import OAuth, OAuthClient
from gswarm.google.operations import Operation, finish, read_operation
from gswarm.google.resource_manager import ResourceManager

GOOGLE = Endpoints.at("http://google.example")
CLIENT = OAuthClient("client", "s3cret")
TOKEN = GOOGLE.token_url


@pytest.fixture
def google():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def rest():
    with closing(JsonClient()) as rest:
        yield rest


@pytest.fixture
def oauth(rest):
    return OAuth(rest, GOOGLE, clock=lambda: 1000.0)


def test_a_refresh_sends_what_oauth_wants(google, oauth):
    google.post(TOKEN, json={"access_token": "a", "expires_in": 3599})

    grant = oauth.refresh(CLIENT, "r")

    assert (grant.access_token, grant.expires_at) == ("a", 4599.0)
    request = google.calls[0].request
    assert request.headers["User-Agent"] == f"gswarm/{__version__}"
    assert set(request.body.split("&")) == {
        "client_id=client",
        "client_secret=s3cret",
        "refresh_token=r",
        "grant_type=refresh_token",
    }


def test_a_token_without_a_length_lives_an_hour(google, oauth):
    google.post(TOKEN, json={"access_token": "a"})

    assert oauth.refresh(CLIENT, "r").expires_at == 4599.0


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (400, {"error": "invalid_grant"}, NotLoggedIn),
        (401, {"error": "invalid_client", "error_description": "…"}, AuthFailure),
        (401, {"error": "unauthorized_client"}, AuthFailure),
        (429, {"error": "rate_limit_exceeded"}, ServerFailure),
        (500, {"error": "internal_failure"}, ServerFailure),
        (503, "<html>", ServerFailure),
        (400, "<html>", ServerFailure),
        (302, "", ServerFailure),
        (200, "<html>", ServerFailure),
        (200, [], ServerFailure),
        (200, {}, ServerFailure),
        (200, {"access_token": 5}, ServerFailure),
    ],
)
def test_every_other_answer_of_the_token_endpoint_has_its_verdict(
    google, oauth, status, body, verdict
):
    text = {"body": body} if isinstance(body, str) else {"json": body}
    google.post(TOKEN, status=status, **text)

    with pytest.raises(Verdict) as caught:
        oauth.refresh(CLIENT, "r")

    assert type(caught.value) is verdict


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        (requests.ConnectionError("http://x?refresh_token=r"), ServerFailure),
        (requests.ReadTimeout("…"), UpstreamSilent),
    ],
)
def test_a_failing_network_tells_no_secret(google, oauth, failure, verdict):
    google.post(TOKEN, body=failure)

    with pytest.raises(verdict, match=r"google\.example") as caught:
        oauth.refresh(CLIENT, "r")

    assert "refresh_token" not in str(caught.value)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (requests.ConnectionError(), "the connection failed"),
        (requests.exceptions.SSLError(), "no secure connection came about"),
        (requests.exceptions.ChunkedEncodingError(), "its reply cannot be read"),
    ],
)
def test_a_failing_network_is_told_in_words_for_people(google, oauth, failure, words):
    google.post(TOKEN, body=failure)

    with pytest.raises(ServerFailure) as caught:
        oauth.refresh(CLIENT, "r")

    assert str(caught.value) == f"google.example cannot be reached: {words}."


def test_no_reply_is_read_without_end(google, rest):
    google.get("http://google.example/", body=b"x" * (MAX_BYTES + 1))

    with pytest.raises(ServerFailure, match="too long"):
        rest.get("http://google.example/", "a")


def test_cookies_are_not_kept(google, rest):
    google.get("http://google.example/", json={}, headers={"Set-Cookie": "a=b"})

    for _ in range(2):
        rest.get("http://google.example/", "a")

    assert "Cookie" not in google.calls[1].request.headers


def test_an_account_without_an_email_is_no_account(google, oauth):
    google.get(GOOGLE.userinfo_url, json={"id": "1"})

    with pytest.raises(ServerFailure):
        oauth.person("a")


def test_a_standing_is_read_however_the_project_is_given(google, rest):
    url = f"{GOOGLE.code_assist}/v1internal:loadCodeAssist"
    tier = {"id": "free-tier", "name": "Free"}
    google.post(url, json={"currentTier": tier, "cloudaicompanionProject": {"id": "p"}})
    google.post(url, json={})
    code_assist = CodeAssist(rest, GOOGLE)

    standing = code_assist.load("a")
    assert (standing.tier, standing.project_id) == (Tier("free-tier", "Free"), "p")

    standing = code_assist.load("a")
    assert (standing.tier, standing.project_id, standing.allowed) == (None, None, ())


def test_a_quota_may_say_only_a_fraction(google, rest):
    amount = {"modelId": "m", "remainingAmount": "500", "remainingFraction": 0.5}
    google.post(
        f"{GOOGLE.code_assist}/v1internal:retrieveUserQuota",
        json={
            "buckets": [amount, {"modelId": "n", "resetTime": "2027-01-01T00:00:00Z"}]
        },
    )

    assert CodeAssist(rest, GOOGLE).quota("a", "p") == (
        Bucket("m", 0.5, 500, None),
        Bucket("n", None, None, "2027-01-01T00:00:00Z"),
    )


def test_every_page_of_projects_is_read(google, rest):
    url = f"{GOOGLE.resource_manager}/v1/projects"
    project = {"projectId": "alpha", "lifecycleState": "ACTIVE", "name": "Alpha"}
    google.get(url, json={"projects": [project], "nextPageToken": "2"})
    google.get(url, json={"projects": [project | {"projectId": "beta"}]})

    found = ResourceManager(rest, GOOGLE).projects("a")

    assert [project.id for project in found] == ["alpha", "beta"]
    assert google.calls[1].request.params["pageToken"] == "2"


def test_an_operation_is_polled_until_it_is_done():
    pending = Operation("o", False, {})
    answers = iter([pending, Operation("o", True, {"a": 1})])
    waited = []

    response = finish(pending, lambda name: next(answers), wait=waited.append)

    assert response == {"a": 1}
    assert waited == [5.0, 5.0]


def test_an_operation_is_not_polled_for_ever():
    pending = Operation("o", False, {})

    with pytest.raises(UpstreamSilent):
        finish(pending, lambda name: pending, wait=lambda seconds: None)


@pytest.mark.parametrize(
    ("code", "verdict"), [(7, ProjectDenied), (8, RateLimited), (13, ServerFailure)]
)
def test_a_failed_operation_says_so_in_googles_words(code, verdict):
    error = {"code": code, "message": "In Google's words."}

    with pytest.raises(verdict, match=r"In Google's words\."):
        read_operation({"name": "o", "done": True, "error": error})


def test_what_google_quotes_of_a_credential_is_hidden(google, rest, oauth):
    google.get(
        "http://google.example/x", status=403, json={"error": "no, plainlooking"}
    )
    google.post(
        TOKEN, status=400, json={"error": "r3fresh-token", "detail": "s3cret12"}
    )

    with pytest.raises(Verdict) as refused:
        rest.get("http://google.example/x", "plainlooking")
    with pytest.raises(Verdict) as expired:
        oauth.refresh(OAuthClient("client", "s3cret12"), "r3fresh-token")

    for said in (refused.value, expired.value):
        told = f"{said} {said.message} {said!r}"
        for secret in ("plainlooking", "r3fresh-token", "s3cret12"):
            assert secret not in told
