from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from gswarm.gemini.contents import Conversation
from gswarm.gemini.models import find
from gswarm.gemini.request import GenerateRequest, PastCall
from gswarm.gemini.thoughts import (
    SENTINEL,
    KnownCall,
    id_of_text,
    with_sentinels,
    with_signatures,
)

ISSUED = "SXNzdWVk"
ECHOED = "RWNob2Vk"


def two_turns(model: str, signature: str | None = None) -> GenerateRequest:
    """An older turn with one call; a current one with two parallel calls, then one."""
    told = Conversation()
    told.user([{"text": "a"}])
    told.call("old", "f", {})
    told.result("old", None, {"n": 0}, [], "")
    told.model([{"text": "b"}])
    told.user([{"text": "c"}])
    told.model([{"text": "let me see"}])
    told.call("first", "f", {"n": 1}, signature)
    told.call("second", "g", {"n": 2})
    told.result("second", None, {"n": 2}, [], "")
    told.result("first", None, {"n": 1}, [], "")
    told.call("third", "f", {"n": 3})
    told.result("third", None, {"n": 3}, [], "")
    contents, calls = told.contents(find(model))
    return GenerateRequest(model, {"contents": contents}, calls)


def signatures(body: dict[str, Any]) -> list[str | None]:
    return [
        part.get("thoughtSignature")
        for content in body["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]


def ids(body: dict[str, Any], kind: str) -> list[str | None]:
    return [
        part[kind].get("id")
        for content in body["contents"]
        for part in content["parts"]
        if kind in part
    ]


def known(**of: str | None) -> dict[str, KnownCall]:
    return {
        call_id: KnownCall(f"native-{call_id}", signature, "m", "a")
        for call_id, signature in of.items()
    }


def test_past_calls_say_where_they_stand():
    calls = two_turns("gemini-3.5-flash").past_calls

    assert [(call.content, call.part) for call in calls] == [
        (1, 0),
        (5, 1),
        (5, 2),
        (7, 0),
    ]
    assert [call.is_first for call in calls] == [True, True, False, True]
    assert [call.is_current for call in calls] == [False, True, True, True]


def test_unknown_first_calls_of_the_current_turn_get_the_sentinel():
    body = with_signatures(two_turns("gemini-3.5-flash"), {})

    assert signatures(body) == [None, SENTINEL, None, SENTINEL]


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "gemini-3-pro-image"])
def test_models_that_check_nothing_get_no_sentinel(model):
    assert signatures(with_signatures(two_turns(model), {})) == [None] * 4
    assert signatures(with_sentinels(two_turns(model))) == [None] * 4


def test_what_we_remember_beats_what_the_client_echoes():
    request = two_turns("gemini-3.5-flash", signature=ECHOED)

    assert signatures(with_signatures(request, {}))[1] == ECHOED
    assert signatures(with_signatures(request, known(first=ISSUED)))[1] == ISSUED


def test_remembered_signatures_go_to_older_turns_and_siblings_too():
    body = with_signatures(
        two_turns("gemini-3.5-flash"), known(old=ISSUED, second=ISSUED)
    )

    assert signatures(body) == [ISSUED, SENTINEL, ISSUED, SENTINEL]


def test_a_first_call_remembered_without_signature_needs_the_sentinel():
    """Its signed sibling was in front of it when Gemini made it."""
    body = with_signatures(two_turns("gemini-3.5-flash"), known(first=None, third=None))

    assert signatures(body) == [None, SENTINEL, None, SENTINEL]


def test_native_ids_stand_on_calls_and_results():
    body = with_signatures(two_turns("gemini-3.5-flash"), known(first=None))

    expected = ["old", "native-first", "second", "third"]
    assert ids(body, "functionCall") == expected
    assert ids(body, "functionResponse") == expected


def test_a_call_gemini_gave_no_id_has_none():
    remembered = {"third": KnownCall(None, ISSUED, "m", "a")}

    body = with_signatures(two_turns("gemini-3.5-flash"), remembered)

    assert ids(body, "functionCall")[-1] is None
    assert ids(body, "functionResponse")[-1] is None


def test_models_before_gemini_3_get_no_ids():
    body = with_signatures(two_turns("gemini-2.5-pro"), known(first=ISSUED))

    assert ids(body, "functionCall") == ids(body, "functionResponse") == [None] * 4


def test_a_repair_has_sentinels_only():
    request = two_turns("gemini-3.5-flash", signature=ECHOED)

    assert signatures(with_sentinels(request)) == [None, SENTINEL, None, SENTINEL]


def test_a_repair_keeps_native_ids_where_they_are_known():
    request = two_turns("gemini-3.5-flash")

    repaired = with_sentinels(request, known(first=ISSUED))

    assert ids(repaired, "functionCall")[1] == "native-first"
    assert signatures(repaired)[1] == SENTINEL


def test_the_request_is_left_as_it_was():
    request = two_turns("gemini-3.5-flash")
    before = copy.deepcopy(request.body)

    with_signatures(request, known(old=ISSUED, first=ISSUED))
    with_sentinels(request)

    assert request.body == before


def test_a_turns_text_is_signed_on_its_last_part():
    request = two_turns("gemini-3.5-flash")
    before = copy.deepcopy(request.body)
    turn = KnownCall(None, ISSUED, "gemini-3.5-flash", "a@example.com")

    body = with_signatures(request, {id_of_text("let me see"): turn})

    signed = [
        part
        for content in body["contents"]
        for part in content["parts"]
        if "text" in part and "thoughtSignature" in part
    ]
    assert signed == [{"text": "let me see", "thoughtSignature": ISSUED}]
    assert request.body == before


def test_words_in_several_parts_are_one_text():
    told = Conversation()
    told.user([{"text": "a"}])
    told.model([{"text": "Hello "}, {"text": "there"}])
    told.user([{"text": "b"}])
    contents, calls = told.contents(find("gemini-3.5-flash"))
    request = GenerateRequest("gemini-3.5-flash", {"contents": contents}, calls)
    turn = KnownCall(None, ISSUED, request.model, "a@example.com")

    body = with_signatures(request, {id_of_text("Hello there"): turn})

    parts = body["contents"][1]["parts"]
    assert parts == [{"text": "Hello "}, {"text": "there", "thoughtSignature": ISSUED}]


def native(*parts: dict[str, Any], **past: Any) -> GenerateRequest:
    """A turn of the model's as a native client tells it: with what else it knows."""
    contents = [
        {"role": "user", "parts": [{"text": "a"}]},
        {"role": "model", "parts": list(parts)},
    ]
    call = PastCall(1, 0, "unnamed_1", "f", {}, None, True, True, **past)
    return GenerateRequest("gemini-3.5-flash", {"contents": contents}, (call,))


def test_an_id_of_ours_does_not_leave_unless_it_is_known():
    call = {"functionCall": {"name": "f", "args": {}, "id": "unnamed_1"}}
    request = native(call, is_made_up=True)

    assert ids(with_signatures(request, {}), "functionCall") == [None]
    sent = with_signatures(request, known(unnamed_1=ISSUED))
    assert ids(sent, "functionCall") == ["native-unnamed_1"]


def test_what_stands_beside_a_call_stays_there():
    call = {
        "functionCall": {"name": "f", "args": {}, "id": "c"},
        "thoughtSignature": ECHOED,
        "partMetadata": {"a": 1},
    }

    [part] = with_sentinels(native(call))["contents"][1]["parts"]

    assert part["partMetadata"] == {"a": 1}
    assert part["thoughtSignature"] == SENTINEL


def test_thoughts_are_no_text_to_be_signed():
    request = native({"text": "hm", "thought": True}, {"text": "Hello"})
    request = replace(request, past_calls=())
    turn = KnownCall(None, ISSUED, "gemini-3.5-flash", "alice@example.com")

    sent = with_signatures(request, {id_of_text("Hello"): turn})

    assert sent["contents"][1]["parts"] == [
        {"text": "hm", "thought": True},
        {"text": "Hello", "thoughtSignature": ISSUED},
    ]


def test_a_client_that_keeps_the_signatures_of_its_text_knows_best():
    request = native({"text": "Hello"}, {"text": "", "thoughtSignature": ECHOED})
    request = replace(request, past_calls=())
    turn = KnownCall(None, ISSUED, "gemini-3.5-flash", "alice@example.com")

    sent = with_signatures(request, {id_of_text("Hello"): turn})

    assert sent["contents"] == request.body["contents"]


def test_a_repair_leaves_no_text_signed():
    request = native({"text": "Hello"}, {"text": "", "thoughtSignature": ECHOED})
    request = replace(request, past_calls=())

    assert with_sentinels(request)["contents"][1]["parts"] == [{"text": "Hello"}]


def pairs(body: dict[str, Any]) -> list[tuple[str | None, str | None, Any, Any]]:
    """Ids of calls and of their results, in order, with arguments and results."""
    called = [
        part["functionCall"]
        for content in body["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]
    answered = [
        part["functionResponse"]
        for content in body["contents"]
        for part in content["parts"]
        if "functionResponse" in part
    ]
    return [
        (call.get("id"), result.get("id"), call["args"], result["response"])
        for call, result in zip(called, answered, strict=True)
    ]


@pytest.mark.parametrize(
    ("called", "remembered"),
    [
        (["a", "b", "c"], {"a": "same", "b": "same", "c": "same"}),
        (["a", "a", "a"], {}),
        (["a", "a", "a_2"], {}),
        (["a", "a_2", "a"], {}),
        (["a", "b", "c"], {"a": "b"}),
        (["a", "a", "a"], {"a": "native", "a_2": "native"}),
    ],
)
def test_no_id_leaves_twice_and_results_match(called, remembered):
    told = Conversation()
    told.user([{"text": "a"}])
    for n, call_id in enumerate(called):
        told.call(call_id, "f", {"n": n})
    for n, call_id in enumerate(called):
        told.result(call_id, None, {"n": n}, [], "")
    contents, calls = told.contents(find("gemini-3.5-flash"))
    request = GenerateRequest("gemini-3.5-flash", {"contents": contents}, calls)
    known = {
        call_id: KnownCall(native, ISSUED, "m", "a")
        for call_id, native in remembered.items()
    }

    for body in (with_signatures(request, known), with_sentinels(request, known)):
        found = pairs(body)
        assert len({call_id for call_id, *_ in found}) == 3
        for call_id, answered_id, args, response in found:
            assert call_id == answered_id
            assert args == response


def test_ids_that_contents_repeat_are_told_apart():
    """Contents in Gemini's own language may hold one id twice."""
    part, result = (
        {"functionCall": {"name": "f", "args": {}, "id": "x"}},
        "functionResponse",
    )
    contents = [
        {"role": "user", "parts": [{"text": "a"}]},
        {"role": "model", "parts": [part, copy.deepcopy(part)]},
        {
            "role": "user",
            "parts": [
                {result: {"name": "f", "id": "x", "response": {"n": n}}} for n in (0, 1)
            ],
        },
    ]
    calls = tuple(PastCall(1, n, "x", "f", {}, None, n == 0, True) for n in range(2))
    request = GenerateRequest("gemini-3.5-flash", {"contents": contents}, calls)
    body = with_signatures(request, {})
    assert ids(body, "functionCall") == ids(body, result) == ["x", "x_2"]
