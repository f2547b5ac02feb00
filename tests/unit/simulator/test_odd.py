"""Odd shapes, and the other wishes of a prompt about how its answer is put."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gswarm.simulator import faults, wire
from gswarm.simulator.answers import Manner, Script
from gswarm.simulator.answers.odd import SHAPES, bent
from gswarm.simulator.scripts import check

from .asking import answered, function, parts_of, request, user

LOOK = function("look", at="string")
THOUGHTS = {"thinkingConfig": {"includeThoughts": True}}
CALL = '[[call:look {"at": "sky"}]]'


def ask(prompt: str, **members: Any) -> Script:
    return answered(request(user(prompt), functions=[LOOK], **members))


def sent(script: Script) -> list[Any]:
    """Every chunk of a stream, as a client reads it."""
    events = [e for e in wire.sse_events(script, wrap=False) if isinstance(e, bytes)]
    return [json.loads(event.removeprefix(b"data: ")) for event in events]


def content_of(chunk: Any) -> Any:
    return chunk["candidates"][0]["content"]


def written_as_one(script: Script) -> Any:
    return wire.unary(script, wrap=False)


def test_a_call_comes_in_two_parts() -> None:
    for chunk in (sent(ask(f"{CALL} [[odd:split-call]]"))[0],):
        first, second = content_of(chunk)["parts"]
        assert (first["functionCall"]["name"], first["functionCall"]["args"]) == (
            "look",
            {},
        )
        assert "thoughtSignature" in first
        assert second == {"functionCall": {"args": {"at": "sky"}}}


def test_the_calls_of_a_content_share_an_id() -> None:
    script = ask(f"{CALL} {CALL} [[odd:same-ids]]")
    calls = content_of(written_as_one(script))["parts"]
    assert [part["functionCall"]["id"] for part in calls] == ["sameid00"] * 2


def test_nothing_stands_where_something_belongs() -> None:
    script = ask("[[say:Hi]] [[odd:null-parts]]")
    nothing = [None, {"functionCall": None, "text": None}]
    assert content_of(written_as_one(script))["parts"] == [*nothing, {"text": "Hi"}]
    script = ask("[[say:Hi]] [[odd:parts-object]]")
    assert content_of(sent(script)[0])["parts"] == {"text": "Hi"}
    *empty, last = sent(ask("[[say:Hi]] [[odd:empty-members]]"))
    assert empty[:3] == [{}, {"candidates": []}, {"candidates": [{}]}]
    assert content_of(last)["parts"] == [{"text": "Hi"}]


def test_counts_come_as_text() -> None:
    usage = written_as_one(ask("[[say:Hi]] [[odd:text-counts]]"))["usageMetadata"]
    assert usage["candidatesTokenCount"] == "1"


def test_pictures_come_without_data_or_with_a_draft_before() -> None:
    picture = content_of(written_as_one(ask("[[image]] [[odd:no-data]]")))["parts"][-1]
    assert picture == {"inlineData": {"mimeType": "image/png"}}
    chunks = sent(ask("[[image]] [[odd:draft-image]]"))
    draft, final = next(
        parts for chunk in chunks if len(parts := content_of(chunk)["parts"]) == 2
    )
    assert draft == final | {"thought": True}


def test_half_a_character_ends_texts_and_arguments() -> None:
    script = ask(f"{CALL} [[odd:surrogates]]")
    assert content_of(sent(script)[0])["parts"][0]["functionCall"]["args"] == {
        "at": "sky\ud83d"
    }
    script = ask("[[say:Hi]] [[odd:surrogates]]")
    assert content_of(sent(script)[0])["parts"] == [{"text": "Hi\ud83d"}]
    whole = b"".join(e for e in wire.unary_events(script, wrap=False) if e)  # type: ignore[misc]
    assert b"Hi\\ud83d" in whole
    array = b"".join(e for e in wire.json_array(script, wrap=False) if e)  # type: ignore[misc]
    assert b"Hi\\ud83d" in array


def test_every_shape_can_be_asked_for_by_a_script_too() -> None:
    script = faults.apply({"odd": ["text-counts"]}, ask("[[say:Hi]]"))
    assert sent(script)[-1]["usageMetadata"]["candidatesTokenCount"] == "1"
    check({"odd": list(SHAPES)})
    with pytest.raises(ValueError, match="no reply is 'round'"):
        check({"odd": ["round"]})
    assert bent([{"a": 1}], ()) == [{"a": 1}]


def test_thoughts_are_the_prompts_own() -> None:
    prompt = "[[thought:**One**]] [[thought:**Two**]] [[say:Hi]]"
    found = parts_of(ask(prompt, generationConfig=THOUGHTS))
    assert found == [{"text": "**One****Two**", "thought": True}, {"text": "Hi"}]
    assert parts_of(ask(prompt)) == [{"text": "Hi"}]


def test_text_stands_around_the_calls() -> None:
    before, call, after = parts_of(ask(f"[[before:Look.]] {CALL} [[after:There.]]"))
    assert (before, after) == ({"text": "Look."}, {"text": "There."})
    assert "thoughtSignature" in call


def test_signatures_stand_where_the_prompt_wants_them() -> None:
    [call] = parts_of(ask(f"{CALL} [[unsigned]] [[ending:signature]]"))
    assert "thoughtSignature" not in call
    chunks = sent(ask("[[words:60]] [[signed-text]]"))
    signed = ["thoughtSignature" in content_of(c)["parts"][0] for c in chunks]
    assert signed == [True] + [False] * (len(chunks) - 1)
    assert len(chunks) > 2


@pytest.mark.parametrize(
    ("ending", "last"), [("bare", None), ("signature", [""]), ("text", ["Hi"])]
)
def test_the_stream_ends_as_the_prompt_wants(ending: str, last: list[str]) -> None:
    script = answered(request(user(f"[[say:Hi]] [[ending:{ending}]]")), manner=Manner())
    parts = content_of(sent(script)[-1]).get("parts")
    assert (parts and [part["text"] for part in parts]) == last
