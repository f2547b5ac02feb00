"""Where the stretches are that rest on web pages, wherever Google counts from."""

import pytest

from gswarm.gemini.grounding import located
from gswarm.gemini.reply import Fold

PIECES = ["Det är kallt. ", "Oslo är kall.", " Rom är varm."]
OSLO = {"endIndex": 14, "text": "Oslo är kall."}


def span(segment, pieces=PIECES):
    found = located({"groundingSupports": [{"segment": segment}]}, pieces)
    return [
        "".join(pieces).encode()[s["startIndex"] : s["endIndex"]].decode()
        for support in found["groundingSupports"]
        for s in [support["segment"]]
    ]


@pytest.mark.parametrize(
    "segment",
    [
        OSLO,
        OSLO | {"partIndex": 1},
        OSLO | {"partIndex": 0},
        OSLO | {"partIndex": 7},
        OSLO | {"startIndex": 15, "endIndex": 29},
        OSLO | {"startIndex": 999, "endIndex": 1},
        {"text": "Oslo är kall."},
        {"partIndex": 1, "endIndex": 14},
    ],
)
def test_a_segment_of_another_part_is_found(segment):
    assert span(segment) == ["Oslo är kall."]


def test_of_two_alike_the_one_at_the_offset_is_meant():
    pieces = ["Ja. Ja. ", "Ja."]
    found = located(
        {
            "groundingSupports": [
                {"segment": {"startIndex": 4, "endIndex": 7, "text": "Ja."}},
                {"segment": {"partIndex": 1, "endIndex": 3, "text": "Ja."}},
            ]
        },
        pieces,
    )
    starts = [each["segment"]["startIndex"] for each in found["groundingSupports"]]
    assert starts == [4, 8]


@pytest.mark.parametrize(
    "segment",
    [
        {"text": "Bergen."},
        {"startIndex": 99, "endIndex": 120},
        None,
        "x",
        {"endIndex": 0},
    ],
)
def test_what_is_not_in_the_answer_is_left_out(segment):
    assert span(segment) == []


def test_it_can_be_found_again():
    once = located({"groundingSupports": [{"segment": OSLO}]}, PIECES)
    assert located(once, ["".join(PIECES)]) == once


def test_a_reply_counts_from_its_beginning():
    fold = Fold()
    for part in (
        {"text": "Hm", "thought": True},
        *({"text": piece} for piece in PIECES),
    ):
        fold.feed({"candidates": [{"content": {"parts": [part]}}]})
    grounding = {"groundingSupports": [{"segment": OSLO, "groundingChunkIndices": [0]}]}
    fold.feed({"candidates": [{"groundingMetadata": grounding}]})
    [support] = fold.grounding["groundingSupports"]
    assert (support["segment"]["startIndex"], support["segment"]["endIndex"]) == (
        15,
        29,
    )
    again = Fold()
    again.feed(fold.chunk())
    assert again.grounding == fold.grounding
