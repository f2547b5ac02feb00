"""What each answer of Google's means; one file of verdicts/ is one case."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm import errors
from gswarm.google.error_body import parse_body
from gswarm.google.verdict import read_error, read_event_error

CASES = sorted((Path(__file__).parent / "verdicts").glob("*.json"))
NOW = 1781655516.0  # 2026-06-17T00:18:36Z, where a case names no other


def body_of(case: dict) -> bytes:
    return (case["text"] if "text" in case else json.dumps(case["body"])).encode()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_answer_is_judged(path):
    case = json.loads(path.read_text())
    expected = dict(case["expect"])
    verdict = read_error(
        case["status"], case.get("headers", {}), body_of(case), case.get("now", NOW)
    )
    assert type(verdict) is getattr(errors, expected.pop("verdict"))
    assert {name: getattr(verdict, name) for name in expected} == {
        name: pytest.approx(value, rel=0, abs=1e-4)
        if isinstance(value, float | int)
        else value
        for name, value in expected.items()
    }


def test_cases_are_found():
    assert len(CASES) > 80


@pytest.mark.parametrize(
    ("payload", "verdict", "status"),
    [
        ({"error": {"code": 503, "message": "x"}}, errors.ServerFailure, 503),
        ({"error": {"status": "RESOURCE_EXHAUSTED"}}, errors.RateLimited, 429),
        (
            {"error": {"code": 503, "message": "The model is overloaded."}},
            errors.CapacityExhausted,
            503,
        ),
        ({"error": {"message": "x"}}, errors.ServerFailure, 502),
        ({"error": "it broke"}, errors.ServerFailure, 502),
        ({"error": '{"error":{"code":429,"message":"x",}}'}, errors.RateLimited, 429),
        ([{"error": {"code": 500}}], errors.ServerFailure, 500),
        ({"error": {"code": 8, "message": "x"}}, errors.ServerFailure, 502),
        ({"error": {"code": 200, "message": "x"}}, errors.ServerFailure, 502),
        ({}, errors.ServerFailure, 502),
        (None, errors.ServerFailure, 502),
        (7, errors.ServerFailure, 502),
    ],
)
def test_an_error_inside_a_stream_is_judged(payload, verdict, status):
    judged = read_event_error(payload, NOW)
    assert (type(judged), judged.status) == (verdict, status)


def test_a_delay_is_told_as_an_instant_too():
    body = b'{"error":{"message":"Spent. Please retry in 4s."}}'
    verdict = read_error(429, {}, body, NOW)
    assert (verdict.seconds, verdict.reset_at) == (4.0, NOW + 4)


def test_a_deeply_wrapped_error_does_not_go_on_for_ever():
    body = '{"error":{"message":"end"}}'
    for _ in range(12):
        body = json.dumps({"error": {"message": body}})
    assert parse_body(body.encode()).message


@given(st.binary(max_size=300))
def test_no_body_is_too_odd(body):
    for status in (400, 403, 404, 429, 500):
        assert isinstance(read_error(status, {}, body, NOW), errors.Verdict)


MEMBERS = ["error", "code", "message", "status", "details", "errors", "@type"]
MEMBERS += ["reason", "metadata", "links", "violations", "retryDelay"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=5)
    ),
    max_leaves=15,
)


@given(json_values)
def test_no_payload_is_too_odd(payload):
    assert isinstance(read_event_error(payload, NOW), errors.Verdict)
    body = json.dumps(payload).encode()
    assert isinstance(read_error(429, {}, body, NOW), errors.Verdict)


# ------------------------------------------------------------- what Google quotes

PHRASES = [
    "API key not valid. Please pass a valid API key.",
    "API_KEY_INVALID",
    "API key expired.",
    "User location is not supported for the API use.",
    "is not available in your country",
    "Your project has been denied access.",
    "violation of Terms of Service",
    "You do not have a valid license of this product. (#3501)",
    "has been suspended",
    "Your API key was reported as leaked",
    'Invalid JSON payload received. Unknown name "parametersJsonSchema": Cannot find '
    "field.",
    '{"error":{"code":403,"details":[{"reason":"API_KEY_INVALID"}]}}',
    '[{"error":{"code":400,"details":[{"reason":"API_KEY_INVALID"}]}}]',
    "Function call is missing a thought_signature",
    "thought_signature",
]
QUOTING = [
    "Invalid value at 'safety_settings[0].category' (type.googleapis.com/x), \"{}\"",
    "Invalid JSON payload received. Unknown name \"{}\" at 'x': Cannot find field.",
    'Invalid JSON payload received. Unknown name "{}": Cannot find field.',
    "Duplicate function declaration found: {}",
    "Unsupported MIME type: {}",
    "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes "
    "are ['text/plain'], got {}.",
    "Allowed function name '{}' is not among the function declarations.",
    "Unsupported safety category for this model: {}.",
    "Unable to submit request because `{}` functionDeclaration is not valid.",
    "models/{} is not found for API version v1beta, or is not supported.",
    "The File {} is not in an ACTIVE state and usage is not allowed.",
    "Cannot fetch content from the provided URL {}.",
]
quoted = st.lists(
    st.sampled_from(PHRASES) | st.text(max_size=5) | st.sampled_from("\"'`\n{}[]"),
    min_size=1,
    max_size=6,
).map("".join)


@given(st.sampled_from(QUOTING), quoted, st.sampled_from([400, 403, 404]))
def test_what_google_quotes_decides_nothing(template, words, status):
    message = template.replace("{}", words)
    statuses = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
    error = {"code": status, "message": message, "status": statuses[status]}
    body = json.dumps({"error": error}).encode()
    verdict = read_error(status, {}, body, NOW)
    assert not verdict.is_grave and not verdict.is_lasting
    if status == 400:
        assert verdict.rests == "nothing"
        assert not isinstance(verdict, errors.JsonSchemaUnknown)
    else:
        assert verdict.may_be_callers


def test_an_answer_without_a_word_has_words_of_ours():
    verdict = read_error(502, {}, b"", NOW)
    assert verdict.message == "Google answered 502 without a word."
