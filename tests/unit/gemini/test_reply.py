"""What a reply says, how it ended, and what it used."""

import pytest

from gswarm.gemini.reply import (
    BLOCKED,
    BROKEN,
    CUT,
    Fold,
    carries_content,
    is_final,
    read_usage,
)


def chunk_of(*parts: dict, **candidate) -> dict:
    return {"candidates": [{"content": {"parts": list(parts)}, **candidate}]}


def fold_of(*chunks: dict) -> Fold:
    fold = Fold()
    for chunk in chunks:
        fold.feed(chunk)
    return fold


CALL = {"functionCall": {"name": "now"}}
IMAGE = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}


@pytest.mark.parametrize(
    ("chunk", "carries"),
    [
        (chunk_of({"text": "x"}), True),
        (chunk_of({"text": "x", "thought": True}), True),
        (chunk_of({"text": ""}, CALL), True),
        (chunk_of(IMAGE), True),
        (chunk_of({"executableCode": {"code": "1"}}), True),
        (chunk_of({"text": ""}), False),
        (chunk_of({"text": "", "thoughtSignature": "c2ln"}), False),
        (chunk_of(), False),
        ({"candidates": [{"finishReason": "STOP"}]}, False),
        ({"candidates": [{"content": {}}]}, False),
        ({"candidates": [None]}, False),
        ({"usageMetadata": {"promptTokenCount": 3}}, False),
        ({}, False),
    ],
)
def test_what_counts_as_content(chunk, carries):
    assert carries_content(chunk) is carries


@pytest.mark.parametrize(
    ("chunk", "final"),
    [
        (chunk_of(finishReason="STOP"), True),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, True),
        ({"promptFeedback": {"safetyRatings": []}}, False),
        (chunk_of({"text": "x"}), False),
        ({"usageMetadata": {}}, False),
    ],
)
def test_when_a_chunk_is_the_last(chunk, final):
    assert is_final(chunk) is final


@pytest.mark.parametrize(
    ("reason", "parts", "ending"),
    [
        ("STOP", [{"text": "x"}], "stop"),
        ("STOP", [CALL], "calls"),
        ("SOMETHING_NEW", [CALL], "calls"),
        ("SOMETHING_NEW", [], "stop"),
        (None, [{"text": "x"}], "broken"),
        *((reason, [CALL], "length") for reason in sorted(CUT)),
        *((reason, [{"text": "x"}], "blocked") for reason in sorted(BLOCKED)),
        *((reason, [], "broken") for reason in sorted(BROKEN)),
    ],
)
def test_how_a_reply_ended(reason, parts, ending):
    assert fold_of(chunk_of(*parts), chunk_of(finishReason=reason)).ending == ending


def test_a_blocked_prompt_is_blocked():
    fold = fold_of({"promptFeedback": {"blockReason": "SAFETY"}})
    assert (fold.ending, fold.block_reason) == ("blocked", "SAFETY")


def test_a_finish_reason_says_more_than_a_block_reason():
    blocked = {"promptFeedback": {"blockReason": "OTHER"}}
    assert fold_of(chunk_of({"text": "x"}, finishReason="STOP") | blocked).ending == (
        "stop"
    )


def test_pieces_are_joined_in_order():
    thought = {"text": "hm", "thought": True}
    signed = {"text": "", "thoughtSignature": "c2ln"}
    fold = fold_of(
        chunk_of(thought, thought, {"text": "a"}),
        chunk_of({"text": "b"}, CALL, {"text": "c"}),
        chunk_of(signed, IMAGE, finishReason="STOP"),
    )
    assert fold.parts == [
        {"text": "hmhm", "thought": True},
        {"text": "ab"},
        CALL,
        {"text": "c"},
        signed,
        IMAGE,
    ]
    assert (fold.text, fold.thoughts) == ("abc", "hmhm")
    assert (fold.calls, fold.media) == ([CALL], [IMAGE["inlineData"]])


def test_reading_half_way_changes_nothing():
    fold = fold_of(chunk_of({"text": "a"}))
    assert fold.text == "a"
    fold.feed(chunk_of({"text": "b"}))
    assert fold.text == "ab"


def test_thoughts_alone_are_nothing():
    assert fold_of(chunk_of({"text": "hm", "thought": True})).is_empty
    assert not fold_of(chunk_of({"text": "x"})).is_empty
    assert not fold_of(chunk_of(CALL)).is_empty


def test_a_whole_reply_is_one_chunk():
    fold = fold_of(
        chunk_of({"text": "a"}) | {"modelVersion": "m", "responseId": "r"},
        chunk_of({"text": "b"}, finishReason="STOP")
        | {"usageMetadata": {"promptTokenCount": 3}},
    )
    assert fold.chunk() == {
        "candidates": [
            {
                "index": 0,
                "content": {"role": "model", "parts": [{"text": "ab"}]},
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 3},
        "modelVersion": "m",
        "responseId": "r",
    }


def test_a_candidate_keeps_its_index_even_when_it_is_zero():
    assert fold_of(chunk_of({"text": "a"})).chunk()["candidates"][0]["index"] == 0


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, (0, 0, 0, 0)),
        (
            {
                "promptTokenCount": 21,
                "candidatesTokenCount": 1,
                "thoughtsTokenCount": 109,
                "totalTokenCount": 131,
            },
            (21, 110, 131, 109),
        ),
        (
            {
                "promptTokenCount": 21,
                "candidatesTokenCount": 110,
                "thoughtsTokenCount": 109,
                "totalTokenCount": 131,
            },
            (21, 110, 131, 109),
        ),
        (
            {
                "promptTokenCount": 21,
                "toolUsePromptTokenCount": 9,
                "candidatesTokenCount": 110,
                "thoughtsTokenCount": 109,
                "totalTokenCount": 140,
            },
            (30, 110, 140, 109),
        ),
        (
            {
                "promptTokenCount": 21,
                "toolUsePromptTokenCount": 9,
                "candidatesTokenCount": 1,
                "thoughtsTokenCount": 109,
                "totalTokenCount": 140,
            },
            (30, 110, 140, 109),
        ),
        (
            {
                "promptTokenCount": 21,
                "toolUsePromptTokenCount": 9,
                "candidatesTokenCount": 110,
                "thoughtsTokenCount": 109,
                "totalTokenCount": 131,
            },
            (30, 110, 140, 109),
        ),
        (
            {
                "promptTokenCount": 5,
                "candidatesTokenCount": 2,
                "thoughtsTokenCount": 4,
                "totalTokenCount": 7,
            },
            (5, 6, 11, 4),
        ),
        (
            {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 99},
            (5, 2, 7, 0),
        ),
        ({"promptTokenCount": 5, "totalTokenCount": 5}, (5, 0, 5, 0)),
        (
            {"promptTokenCount": 5, "thoughtsTokenCount": 4, "totalTokenCount": 9},
            (5, 4, 9, 4),
        ),
    ],
)
def test_usage_adds_up(metadata, expected):
    usage = read_usage(metadata)
    assert (usage.prompt, usage.completion, usage.total, usage.reasoning) == expected


def test_the_last_counters_that_are_not_zero_win():
    fold = fold_of(
        {"usageMetadata": {"promptTokenCount": 0, "candidatesTokenCount": 0}},
        {"usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 2}},
        {"usageMetadata": {"promptTokenCount": 8, "cachedContentTokenCount": 3}},
        {"usageMetadata": {"promptTokenCount": 0, "candidatesTokenCount": 0}},
    )
    assert (fold.usage.prompt, fold.usage.completion, fold.usage.cached) == (8, 2, 3)


def test_a_signature_on_an_empty_part_belongs_to_the_text():
    fold = Fold()
    for part in (
        {"text": "Let me see.", "thought": True, "thoughtSignature": "thought"},
        {"text": "Hello there, "},
        {"text": "answer."},
        {"text": "", "thoughtSignature": "text"},
        {"functionCall": {"name": "f"}, "thoughtSignature": "call"},
    ):
        fold.feed({"candidates": [{"content": {"parts": [part]}}]})

    assert fold.signed_text == ("Hello there, answer.", "text")


def test_text_without_a_signature_is_not_signed():
    fold = Fold()
    fold.feed({"candidates": [{"content": {"parts": [{"text": "Hello"}]}}]})

    assert fold.signed_text is None


def test_what_only_gemini_s_clients_read_is_kept_whole():
    fold = Fold()
    fold.feed(
        {
            "candidates": [
                {
                    "content": {"role": "model", "parts": [{"text": "Oslo "}]},
                    "citationMetadata": {
                        "citationSources": [{"uri": "https://a.example"}]
                    },
                    "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT"}],
                }
            ],
            "createTime": "2026-11-28T09:00:00Z",
        }
    )
    fold.feed(
        {
            "candidates": [
                {
                    "content": {"role": "model", "parts": [{"text": "is cold."}]},
                    "citationMetadata": {
                        "citationSources": [{"uri": "https://b.example"}]
                    },
                    "safetyRatings": [],
                    "avgLogprobs": -0.1,
                    "finishReason": "STOP",
                }
            ],
        }
    )

    assert fold.chunk() == {
        "candidates": [
            {
                "index": 0,
                "content": {"role": "model", "parts": [{"text": "Oslo is cold."}]},
                "finishReason": "STOP",
                "citationMetadata": {
                    "citationSources": [
                        {"uri": "https://a.example"},
                        {"uri": "https://b.example"},
                    ]
                },
                "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT"}],
                "avgLogprobs": -0.1,
            }
        ],
        "createTime": "2026-11-28T09:00:00Z",
    }


def test_a_refused_prompt_keeps_its_ratings():
    fold = Fold()
    feedback = {
        "blockReason": "SAFETY",
        "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "blocked": True}],
    }
    fold.feed({"promptFeedback": feedback})

    assert fold.chunk() == {"promptFeedback": feedback}
