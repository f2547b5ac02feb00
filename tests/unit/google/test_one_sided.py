"""What one of Google's wires knows and another does not."""

from __future__ import annotations

import copy

import pytest

from gswarm.google.one_sided import for_code_assist, for_gemini_api

CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]


def asked(**members):
    return {"contents": CONTENTS, **members}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"labels": {"a": "b"}, "session_id": "x", "sessionId": "x"}, {}),
        (
            {"modelArmorConfig": {"a": 1}, "serviceTier": "FLEX"},
            {"serviceTier": "FLEX"},
        ),
        (
            {
                "generationConfig": {
                    "audioTimestamp": True,
                    "routingConfig": {},
                    "topK": 1,
                }
            },
            {"generationConfig": {"topK": 1}},
        ),
        (
            {
                "toolConfig": {
                    "functionCallingConfig": {
                        "mode": "ANY",
                        "streamFunctionCallArguments": True,
                    }
                }
            },
            {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
        ),
        (
            {"safetySettings": [{"category": "C", "threshold": "T", "method": "M"}]},
            {"safetySettings": [{"category": "C", "threshold": "T"}]},
        ),
        ({"frobnicate": 1}, {"frobnicate": 1}),
    ],
)
def test_the_public_api_hears_nothing_of_vertex_alone(given, sent):
    body = asked(**given)
    before = copy.deepcopy(body)

    assert for_gemini_api(body) == asked(**sent)
    assert body == before


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"labels": {"a": "b"}}, {"labels": {"a": "b"}}),
        ({"serviceTier": "FLEX", "store": True, "continuationToken": "t"}, {}),
        (
            {"generationConfig": {"enableEnhancedCivicAnswers": True, "topK": 1}},
            {"generationConfig": {"topK": 1}},
        ),
        (
            {"toolConfig": {"includeServerSideToolInvocations": True}},
            {"toolConfig": {}},
        ),
        ({"frobnicate": 1}, {"frobnicate": 1}),
    ],
)
def test_code_assist_hears_nothing_of_the_public_api_alone(given, sent):
    body = asked(**given)
    before = copy.deepcopy(body)

    assert for_code_assist(body) == asked(**sent)
    assert body == before


def test_code_assist_hears_of_no_tool_that_ran_elsewhere():
    parts = [
        {"toolCall": {"id": "a"}, "thoughtSignature": "QUJD"},
        {"text": "Hello", "partMetadata": {"a": 1}},
        {"toolResponse": {"id": "a"}},
    ]
    contents = [*CONTENTS, {"role": "model", "parts": parts}]

    sent = for_code_assist({"contents": contents})

    assert sent["contents"] == [
        *CONTENTS,
        {"role": "model", "parts": [{"text": "Hello"}]},
    ]


def test_a_body_that_all_know_is_the_same_object():
    body = asked(generationConfig={"topK": 1}, tools=[{"googleSearch": {}}])

    assert for_gemini_api(body) is body
    assert for_code_assist(body) is body
