"""Odd chunks made regular, and regular ones left alone."""

import base64
import copy

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.gemini.normalize import Normalizer
from gswarm.gemini.reply import Fold, carries_content, is_final

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n...").decode()


def chunk(*parts, finish=None):
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})]}


def call(**members):
    return {"functionCall": members}


def parts_after(*chunks):
    """The parts of each chunk, once they have gone through."""
    normal = Normalizer()
    return [
        (each.get("candidates") or [{}])[0].get("content", {}).get("parts", [])
        for each in map(normal, chunks)
    ]


@pytest.mark.parametrize(
    "regular",
    [
        chunk({"text": "Hi"}),
        chunk({"text": "Hm", "thought": True}),
        chunk({"text": ""}, finish="STOP"),
        chunk({"text": "Hi"})
        | {
            "usageMetadata": {
                "promptTokenCount": 1,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
            },
            "modelVersion": "m",
            "responseId": "r",
        },
        chunk({"text": "Hi"})
        | {
            "usageMetadata": {"promptTokenCount": 1, "serviceTier": "standard"},
            "createTime": "2026-11-28T00:00:00Z",
            "modelStatus": {"modelStage": "STABLE"},
        },
        {
            "candidates": [
                {
                    "content": {"role": "model", "parts": [{"text": "Hi"}]},
                    "finishReason": "STOP",
                    "avgLogprobs": -0.1,
                    "safetyRatings": [],
                }
            ],
            "usageMetadata": {"trafficType": "ON_DEMAND"},
        },
    ],
)
def test_a_regular_chunk_is_passed_on_as_it_is(regular):
    before = copy.deepcopy(regular)
    assert Normalizer()(regular) is regular
    assert regular == before


def test_a_call_waits_for_its_arguments():
    first, second, end = parts_after(
        chunk({**call(name="f", args={}, id="x"), "thoughtSignature": "s"}),
        chunk(call(args={"a": 1})),
        chunk(finish="STOP"),
    )
    assert (first, second) == ([], [])
    assert end == [
        {**call(name="f", args={"a": 1}, id="x"), "thoughtSignature": "s"},
    ]


def test_a_call_without_arguments_comes_with_what_follows():
    assert parts_after(
        chunk(call(name="f")),
        chunk({"text": "x"}),
        chunk(call(name="g"), finish="STOP"),
    ) == [[], [call(name="f", args={}), {"text": "x"}], [call(name="g", args={})]]


def test_arguments_go_to_the_call_before_them():
    assert parts_after(
        chunk(call(name="f"), call(args={"a": 1}), call(args={"b": 2})),
        chunk(call(name="g"), call(args={"c": 3}), finish="STOP"),
    ) == [[], [call(name="f", args={"a": 1, "b": 2}), call(name="g", args={"c": 3})]]


def test_a_whole_call_is_passed_on_at_once():
    whole = call(name="f", args={"a": 1})
    assert parts_after(chunk(whole)) == [[whole]]


def test_a_usage_chunk_between_two_halves_of_a_call_parts_nothing():
    *_, end = parts_after(
        chunk(call(name="f")),
        {"usageMetadata": {"promptTokenCount": 1}},
        chunk(call(args={"a": 1}), finish="STOP"),
    )
    assert end == [call(name="f", args={"a": 1})]


@pytest.mark.parametrize(
    ("args", "read"),
    [
        (None, {}),
        ('{"a": 1}', {"a": 1}),
        ("nonsense", {}),
        ([1], {}),
    ],
)
def test_arguments_are_an_object(args, read):
    [[part]] = parts_after(chunk(call(name="f", args=args), finish="STOP"))
    assert part["functionCall"]["args"] == read


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, []),
        ({"text": None}, []),
        ({"text": 7}, [{"text": "7"}]),
        ("bare", [{"text": "bare"}]),
        ({"functionCall": None}, []),
        ({"functionCall": "f"}, []),
        ({"inlineData": {"mimeType": "image/png"}}, []),
        ({"inlineData": {"data": "%%%"}}, []),
        (
            {"inlineData": {"mimeType": "application/octet-stream", "data": PNG}},
            [{"inlineData": {"mimeType": "image/png", "data": PNG}}],
        ),
        ({"inlineData": {"mimeType": "image/png", "data": PNG}, "thought": True}, []),
        (
            {"executableCode": {"language": 1, "code": "x"}},
            [{"executableCode": {"code": "x"}}],
        ),
        ({"thoughtSignature": "s"}, [{"text": "", "thoughtSignature": "s"}]),
        ({"text": "x", "thoughtSignature": 7}, [{"text": "x"}]),
        ({"text": "x", "thought": False}, [{"text": "x"}]),
        ({"functionCall": None, "thoughtSignature": None}, []),
    ],
)
def test_a_part_is_what_it_should_be_or_nothing(given, kept):
    assert parts_after(chunk(given)) == [kept]


def test_counts_are_counts():
    usage = {
        "promptTokenCount": "7",
        "candidatesTokenCount": 3.0,
        "thoughtsTokenCount": None,
        "totalTokenCount": {},
        "promptTokensDetails": {"modality": "AUDIO", "tokenCount": "4"},
    }
    fold = Fold()
    fold.feed(Normalizer()(chunk({"text": "x"}) | {"usageMetadata": usage}))
    assert (fold.usage.prompt, fold.usage.completion) == (7, 3)
    assert fold.usage.prompt_audio == 4


NAMES = ["candidates", "content", "parts", "text", "thought", "functionCall", "args"]
NAMES += ["inlineData", "data", "usageMetadata", "promptTokenCount", "finishReason"]
NAMES += ["promptFeedback", "blockReason", "groundingMetadata", "groundingSupports"]
NAMES += ["name", "promptTokensDetails", "executableCode", "modelVersion", "segment"]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=3)
    | st.floats(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), values, max_size=5), max_size=4)
)
def test_no_chunk_is_too_odd_for_those_who_read_it(chunks):
    normal, fold = Normalizer(), Fold()
    for each in map(normal, chunks):
        carries_content(each)
        is_final(each)
        fold.feed(each)
    orjson.dumps(fold.chunk())
    assert fold.usage.total >= 0
    assert all(part["functionCall"]["name"] for part in fold.calls)
    assert isinstance(fold.text + fold.thoughts, str)


def pieces(*given, **members):
    partial = [{"jsonPath": path, **value} for path, value in given]
    return call(partialArgs=partial, **members)


def text(value):
    return {"stringValue": value}


def test_arguments_in_pieces_are_put_together():
    *early, end = parts_after(
        chunk(call(name="f", willContinue=True)),
        chunk(pieces(("$.city", text("Os")), willContinue=True)),
        chunk(pieces(("$.city", text("lo")), ("$.days", {"numberValue": 2}))),
        chunk(pieces(("$.stops[1].at", text("x")), ("$.ok", {"boolValue": True}))),
        chunk(pieces(("$['odd name']", {"nullValue": None}))),
        chunk(finish="STOP"),
    )
    assert early == [[]] * 5
    assert end == [
        call(
            name="f",
            args={
                "city": "Oslo",
                "days": 2,
                "stops": [None, {"at": "x"}],
                "ok": True,
                "odd name": None,
            },
        )
    ]


@pytest.mark.parametrize(
    "odd",
    [
        pieces(("$", text("x"))),
        pieces(("city", text("x"))),
        pieces(("$.a[99999].b", text("x"))),
        pieces(("$.b[0]", text("x"))),
        call(partialArgs=[None, 7, {}, {"jsonPath": 7, "stringValue": "x"}]),
        call(partialArgs={"jsonPath": "$.c"}),
    ],
)
def test_pieces_without_a_place_are_passed_over(odd):
    _, end = parts_after(
        chunk(pieces(("$.b", text("y")), name="f", willContinue=True)),
        chunk(odd, finish="STOP"),
    )
    assert end[-1]["functionCall"]["name"] == "f"
    orjson.dumps(end)
