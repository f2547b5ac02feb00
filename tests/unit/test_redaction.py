"""Credentials inside words that are not ours."""

from __future__ import annotations

import time

import pytest

from gswarm.errors import AuthFailure, Verdict
from gswarm.redaction import redacted

A, B = "a1B2-c3_D4" * 4, "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "secret",
    [
        f"ya29.{A}",
        f"1//{A}",
        f"4/0{A}",
        f"AIza{A}",
        f"AQ.{A}",
        f"GOCSPX-{A}",
        f"sk-gswarm-{B}",
        f"sk-ant-api03-{A}",
        f"eyJhbGciOiJSUzI1NiJ9.{A}.{A}",
        f"-----BEGIN RSA PRIVATE KEY-----\nMII{A}\n-----END RSA PRIVATE KEY-----",
    ],
)
@pytest.mark.parametrize(
    "words", ["Invalid: {}", '{{"token": "{}"}}', "what is {}, please?", "({})"]
)
def test_what_looks_like_a_credential_is_hidden(secret, words):
    said = redacted(words.format(secret))

    assert A not in said and B not in said
    assert said.startswith(words.split("{")[0])


@pytest.mark.parametrize(
    "words",
    [
        "Authorization: Bearer abc123def456",
        "access_token=abc123def456&x=1",
        '"refresh_token": "abc123def456"',
        "client_secret abc123def456 is wrong",
        "x-goog-api-key: abc123def456",
    ],
)
def test_what_is_named_as_a_credential_is_hidden(words):
    assert "abc123def456" not in redacted(words)


@pytest.mark.parametrize(
    "words",
    [
        "Request had invalid authentication. Expected OAuth 2 access token.",
        "API key not valid. Please pass a valid API key.",
        "The bearer authentication scheme is required.",
        "Quota exceeded for quota metric 'generate' and limit 'per minute' of project.",
        "invalid_grant: Token has been expired or revoked.",
        'Unknown name "password": Cannot find field.',
        "https://accounts.google.com/signin/continue?sarp=1&scc=1",
    ],
)
def test_other_words_stay(words):
    assert redacted(words) == words


def test_a_credential_that_is_known_is_hidden_whatever_it_looks_like():
    assert redacted("for plainlooking", ["plainlooking"]) == "for [hidden]"
    assert redacted("for a", ["a", ""]) == "for a"


def test_no_verdict_quotes_one():
    verdict = AuthFailure(f"Bad token ya29.{A}", action_url=f"https://x/?t=ya29.{A}")
    assert A not in verdict.message + str(verdict) + str(verdict.action_url)

    verdict = Verdict("for plainlooking")
    verdict.hide(["plainlooking"])
    assert "plainlooking" not in verdict.message + str(verdict) + repr(verdict)


@pytest.mark.parametrize(
    "piece", ["ya29.", "eyJ", "bearer ", "a", "-----BEGIN ", "1//"]
)
def test_long_words_take_no_longer_than_they_are(piece):
    began = time.process_time()
    redacted(piece * (1_000_000 // len(piece)))

    assert time.process_time() - began < 1.0
