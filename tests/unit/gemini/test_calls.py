"""Function calls get ids of our own."""

import re

from gswarm.gemini.calls import bare_id, label_calls, new_call_id


def call(name: str, **members) -> dict:
    return {"functionCall": {"name": name, **members}}


def chunk_of(*parts: dict) -> dict:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}}]}


def test_an_id_fits_every_client():
    assert re.fullmatch(r"call_[0-9a-f]{24}", new_call_id())
    assert new_call_id() != new_call_id()


def test_calls_are_labelled_in_place_and_noted():
    first = call("get_weather", args={"city": "Oslo"}, id="abc12345")
    chunk = chunk_of({"text": "x"}, first | {"thoughtSignature": "c2ln"}, call("now"))
    notes = label_calls(chunk, 0, iter(["call_1", "call_2"]).__next__)
    ids = [
        part["functionCall"]["id"]
        for part in chunk["candidates"][0]["content"]["parts"][1:]
    ]
    assert ids == ["call_1", "call_2"]
    assert [(n.call_id, n.native_id, n.name, n.args) for n in notes] == [
        ("call_1", "abc12345", "get_weather", {"city": "Oslo"}),
        ("call_2", None, "now", {}),
    ]
    assert [(n.signature, n.is_first) for n in notes] == [("c2ln", True), (None, False)]


def test_a_call_in_a_later_chunk_is_not_the_first():
    assert not label_calls(chunk_of(call("now")), seen=1)[0].is_first


def test_the_older_spelling_of_a_signature_is_read():
    chunk = chunk_of(call("now") | {"thought_signature": "c2ln"})
    assert label_calls(chunk, 0)[0].signature == "c2ln"


def test_a_chunk_without_calls_is_left_alone():
    for chunk in ({}, {"candidates": []}, chunk_of({"text": "x"})):
        before = repr(chunk)
        assert label_calls(chunk, 0) == []
        assert repr(chunk) == before


def test_an_id_is_the_same_whatever_its_dialect_begins_it_with():
    mine = "0123456789abcdef01234567"
    assert bare_id(f"call_{mine}") == bare_id(f"toolu_{mine}") == mine
    for foreign in ("toolu_01A", "call_1", f"a_call_{mine}", f"call_{mine}0", mine):
        assert bare_id(foreign) == foreign
