"""Gemini's signatures on their way through a client and back."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from gswarm.dialects.anthropic_messages.signatures import MARK, unwrap, wrap
from gswarm.gemini.thoughts import SENTINEL, KnownCall, with_signatures

from .golden import message_of, read

MODEL = "gemini-3-flash-preview"
OLDER = "gemini-2.5-flash"
REAL = "UmVhbA=="
TOOL = {"name": "get_weather", "input_schema": {"type": "object"}}
THINKING = {"type": "adaptive"}


def asked(*messages: Any, model: str = MODEL) -> dict[str, Any]:
    return {
        "model": model,
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "hi"}, *messages],
        "tools": [TOOL],
        "thinking": THINKING,
    }


def answer(*parts: dict[str, Any]) -> dict[str, Any]:
    """What a client sends back of an answer made of these parts."""
    chunk = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    content = message_of(read(asked()), [chunk])["content"]
    return {"role": "assistant", "content": content}


def call(city: str, signature: str | None = None) -> dict[str, Any]:
    part: dict[str, Any] = {
        "functionCall": {"name": "get_weather", "args": {"city": city}}
    }
    return {**part, "thoughtSignature": signature} if signature else part


def results_of(*said: dict[str, Any]) -> dict[str, Any]:
    ids = [b["id"] for s in said for b in s["content"] if b["type"] == "tool_use"]
    blocks = [{"type": "tool_result", "tool_use_id": i, "content": "x"} for i in ids]
    return {"role": "user", "content": blocks}


def sent(
    *messages: Any, model: str = MODEL, known: dict[str, KnownCall] | None = None
) -> list[str | None]:
    """The signatures that go upstream with the calls of a conversation."""
    request = read(asked(*messages, model=model)).request
    contents = with_signatures(request, known or {})["contents"]
    parts = [part for content in contents for part in content["parts"]]
    return [p.get("thoughtSignature") for p in parts if "functionCall" in p]


THOUGHT = {"text": "Hm", "thought": True}


def test_s01_what_is_remembered_comes_first():
    said = answer(THOUGHT, call("Oslo", REAL), call("Rome"))
    [first, _] = [b["id"] for b in said["content"] if b["type"] == "tool_use"]
    known = {first: KnownCall(None, "S2VwdA==", MODEL, "a@example.com")}
    assert sent(said, results_of(said), known=known) == ["S2VwdA==", None]


@pytest.mark.parametrize("parts", [(THOUGHT,), (), (THOUGHT, {"text": "So"})])
def test_s02_without_memory_the_thinking_block_brings_it_back(parts):
    said = answer(*parts, call("Oslo", REAL), call("Rome"))
    assert sent(said, results_of(said)) == [REAL, None]


def test_s03_without_thinking_either_the_first_call_passes_by_the_sentinel():
    said = answer(THOUGHT, call("Oslo", REAL), call("Rome"))
    said["content"] = [b for b in said["content"] if b["type"] != "thinking"]
    assert sent(said, results_of(said)) == [SENTINEL, None]


@pytest.mark.parametrize(
    "foreign", ["EpUBCkYICRgCKkA" + "x" * 80, "", "ümlaut", 5, None, "x" * 70_000]
)
def test_s04_signatures_of_others_stay_out(foreign):
    said = answer(THOUGHT, call("Oslo", REAL))
    said["content"][0]["signature"] = foreign
    assert sent(said, results_of(said)) == [SENTINEL]


def test_s05_a_damaged_signature_is_none():
    wrapped = wrap(MODEL, REAL)
    raw = base64.urlsafe_b64decode(wrapped + "=" * (-len(wrapped) % 4))
    assert unwrap(wrapped, MODEL) == REAL
    for at, byte in enumerate(raw):
        flipped = raw[:at] + bytes([byte ^ 1]) + raw[at + 1 :]
        assert unwrap(base64.urlsafe_b64encode(flipped).decode(), MODEL) is None


@pytest.mark.parametrize(
    "carried",
    [
        MARK + b"\0" + MODEL.encode() + b"\0\xff\xfe",
        MARK + b"\0" + MODEL.encode() + b"\0<script>",
        MARK + b"\0\xff\0" + REAL.encode(),
        MARK,
        b"",
    ],
)
def test_s05_a_forged_signature_of_odd_bytes_is_none(carried):
    forged = base64.urlsafe_b64encode(hashlib.sha256(carried).digest()[:8] + carried)
    assert unwrap(forged.decode(), MODEL) is None


def test_s06_another_model_gets_the_sentinel():
    said = answer(THOUGHT, call("Oslo", REAL))
    assert sent(said, results_of(said), model="gemini-3.5-flash") == [SENTINEL]


def test_s07_models_that_do_not_check_get_none():
    said = answer(THOUGHT, call("Oslo", REAL))
    assert sent(said, results_of(said), model=OLDER) == [None]


def test_s08_older_turns_need_none():
    said = answer(call("Oslo"))
    done = {"role": "assistant", "content": "Done."}
    more = {"role": "user", "content": "more"}
    assert sent(said, results_of(said), done, more) == [None]


def test_s09_each_step_of_a_turn_is_signed():
    first, second = answer(THOUGHT, call("Oslo", REAL)), answer(call("Rome", "QQ=="))
    second["content"][-1]["id"] = "toolu_2"
    steps = [first, results_of(first), second, results_of(second)]
    assert sent(*steps) == [REAL, "QQ=="]


def test_s09_steps_that_a_client_merged_keep_their_signatures():
    said = answer(THOUGHT, call("Oslo", REAL), THOUGHT, call("Rome", "QQ=="))
    assert sent(said, results_of(said)) == [REAL, "QQ=="]


def test_extra_members_of_a_call_bring_a_signature_too():
    said = answer(call("Oslo"))
    said["content"][-1]["extra_content"] = {"google": {"thought_signature": REAL}}
    assert sent(said, results_of(said)) == [REAL]


def test_every_thinking_block_has_a_signature_though_it_carries_none():
    [block, *_] = answer(THOUGHT, {"text": "Hello"})["content"]
    assert block["signature"]
    assert unwrap(block["signature"], MODEL) is None
