"""Scripts as bytes, and what faults make of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from gswarm.simulator import faults, wire
from gswarm.simulator.answers import Framing, Script
from gswarm.simulator.errors import GoogleError
from gswarm.simulator.wire import Cut, Event, Pause, RawTail

from .asking import answered, request, text_of, user

HELLO = answered(request(user("Héllo")))


def written(events: Iterable[Event]) -> bytes:
    return b"".join(event for event in events if isinstance(event, bytes))


def stream(script: Script, *, wrap: bool = False) -> list[Event]:
    return list(wire.sse_events(script, wrap=wrap))


def decoded(content: bytes) -> list[dict[str, Any]]:
    found = []
    for event in content.split(b"\r\n\r\n"):
        lines = [line for line in event.split(b"\r\n") if line.startswith(b"data: ")]
        if lines:
            found.append(json.loads(b"\n".join(line[6:] for line in lines)))
    return found


# ------------------------------------------------------------------------------ wire


def test_events_hold_the_chunks_in_order_and_nothing_marks_the_end() -> None:
    content = written(stream(HELLO))
    assert decoded(content) == list(HELLO.chunks)
    assert content.count(b"\r\n\r\n") == len(HELLO.chunks)
    assert content.endswith(b"\r\n\r\n")
    assert b"[DONE]" not in content


def test_code_assist_wraps_each_chunk() -> None:
    for event, chunk in zip(
        decoded(written(stream(HELLO, wrap=True))), HELLO.chunks, strict=True
    ):
        assert event["response"] == chunk
        assert event["traceId"] == HELLO.trace_id
        assert event["metadata"] == {}


@pytest.mark.parametrize(
    "framing",
    [
        Framing(multiline=True),
        Framing(comments=True),
        Framing(unterminated=True),
        Framing(split_writes=True),
        Framing(split_writes=True, multiline=True, comments=True, unterminated=True),
    ],
)
def test_odd_framing_says_the_same(framing: Framing) -> None:
    script = Script(HELLO.chunks, framing=framing)
    events = stream(script)
    content = written(events)
    assert decoded(content) == list(HELLO.chunks)
    assert content.endswith(b"\r\n\r\n") is not framing.unterminated
    assert (b": simulated" in content) is framing.comments
    assert (content.count(b"data: ") > 20) is framing.multiline
    writes = sum(isinstance(event, bytes) for event in events)
    assert (writes > 3 * len(HELLO.chunks)) is framing.split_writes


def test_split_writes_cut_characters_and_line_ends() -> None:
    pieces = [
        event
        for event in stream(Script(HELLO.chunks, framing=Framing(split_writes=True)))
        if isinstance(event, bytes)
    ]
    assert any(piece.endswith(b"\r\n\r"[:1]) for piece in pieces)
    with pytest.raises(UnicodeDecodeError):
        for piece in pieces:
            piece.decode()


def test_without_sse_the_stream_is_one_array() -> None:
    events = list(wire.json_array(HELLO, wrap=False))
    assert json.loads(written(events)) == list(HELLO.chunks)
    assert len(events) > len(HELLO.chunks)


def test_a_unary_reply_is_the_whole_stream() -> None:
    body = json.loads(written(wire.unary_events(HELLO, wrap=True)))
    (candidate,) = body["response"]["candidates"]
    assert candidate["content"] == {
        "role": "model",
        "parts": [{"text": text_of(HELLO)}],
    }
    assert candidate["finishReason"] == "STOP"
    assert body["response"]["usageMetadata"] == HELLO.chunks[-1]["usageMetadata"]


def test_a_blocked_prompt_has_no_candidates_in_a_unary_reply_either() -> None:
    body = wire.unary(answered(request(user("[[block:SAFETY]]"))), wrap=False)
    assert "candidates" not in body
    assert body["promptFeedback"]["blockReason"] == "SAFETY"


# ---------------------------------------------------------------------------- faults


def test_nothing_to_do_changes_nothing() -> None:
    assert faults.apply({}, HELLO) == HELLO


def test_parts_replace_the_answer_within_its_frame() -> None:
    do = {"parts": [[{"text": "a"}], [{"text": "bc"}]], "finish": "SAFETY"}
    first, last = faults.apply(do, HELLO).chunks
    assert first["candidates"][0]["content"]["parts"] == [{"text": "a"}]
    assert "finishReason" not in first["candidates"][0]
    assert last["candidates"][0]["finishReason"] == "SAFETY"
    assert last["modelVersion"] == "gemini-3.5-flash"
    usage = last["usageMetadata"]
    assert (
        usage["promptTokenCount"]
        == HELLO.chunks[0]["usageMetadata"]["promptTokenCount"]
    )
    counted = faults.apply({**do, "usage": {"promptTokenCount": 7}}, HELLO).chunks
    assert counted[-1]["usageMetadata"] == {"promptTokenCount": 7}


def test_raw_chunks_are_sent_as_they_are() -> None:
    raw = [{"candidates": []}, {"anything": 1}]
    assert faults.apply({"chunks": raw}, HELLO).chunks == tuple(raw)


@pytest.mark.parametrize(
    ("before", "place"), [("first_chunk", 0), ("0", 0), (2, 2), ("2", 2)]
)
def test_a_stall_is_a_pause_before_a_chunk(before: str | int, place: int) -> None:
    do = {"stall": {"before": before, "seconds": 9}}
    events = stream(faults.apply(do, HELLO))
    assert events[place] == Pause(9.0)
    assert len(events) == len(HELLO.chunks) + 1


def test_a_stall_before_the_headers_is_left_to_the_frame() -> None:
    do = {"stall": {"before": "headers", "seconds": 9}}
    assert faults.apply(do, HELLO) == HELLO


def test_a_slow_stream_has_as_many_chunks_as_wanted() -> None:
    script = faults.apply({"slow": {"chunk_seconds": 0.5, "chunks": 20}}, HELLO)
    assert len(script.chunks) == 20
    assert script.pauses == dict.fromkeys(range(1, 20), 0.5)
    assert text_of(script).startswith("Simulated")
    assert "finishReason" in script.chunks[-1]["candidates"][0]


@pytest.mark.parametrize("how", ["eof", "rst"])
def test_a_cut_comes_after_so_many_chunks(how: str) -> None:
    events = stream(faults.apply({"cut": {"after": 2, "how": how}}, HELLO))
    assert events[-1] == Cut(how)
    assert decoded(written(events)) == list(HELLO.chunks[:2])


def test_an_error_may_come_as_an_event() -> None:
    do = {"midstream_error": {"after": 1, "how": "event", "error": "high_demand"}}
    events = stream(faults.apply(do, HELLO), wrap=True)
    *before, last = decoded(written(events))
    assert len(before) == 1
    assert last["error"]["code"] == 503
    assert "response" not in last


def test_an_error_may_come_as_a_raw_tail() -> None:
    do = {"midstream_error": {"after": 1, "how": "raw", "error": "internal"}}
    *_, tail = stream(faults.apply(do, HELLO))
    assert isinstance(tail, RawTail)
    assert json.loads(tail.content)["error"]["status"] == "INTERNAL"
    array = list(wire.json_array(faults.apply(do, HELLO), wrap=False))
    content = written(array) + array[-1].content
    assert json.loads(content)[-1]["error"]["status"] == "INTERNAL"


def test_an_error_in_the_middle_is_the_answer_of_a_unary_call() -> None:
    do = {"midstream_error": {"error": "rate_limit", "reset_after": "7s"}}
    with pytest.raises(GoogleError, match="reset after 7s"):
        list(wire.unary_events(faults.apply(do, HELLO), wrap=True))


def test_a_cut_unary_reply_stops_in_its_middle() -> None:
    script = faults.apply({"cut": {"how": "rst"}}, HELLO)
    body, end = list(wire.unary_events(script, wrap=True))
    assert end == Cut("rst")
    assert isinstance(body, bytes)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_speed_fills_the_silences_a_script_has_not() -> None:
    stalled = faults.apply({"stall": {"before": 1, "seconds": 9}}, HELLO)
    script = faults.paced(stalled, ttft_seconds=0.5, chunk_seconds=0.1)
    assert script.pauses[0] == 0.5
    assert script.pauses[1] == 9.0
    assert script.pauses[2] == 0.1
    assert faults.paced(HELLO, 0, 0) == HELLO


def test_a_break_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="does not break by"):
        faults.apply({"cut": {"how": "politely"}}, HELLO)
