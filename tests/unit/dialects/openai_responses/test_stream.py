"""What a stream does besides answering: silence, breaking off, being told again."""

import json
import re

import pytest

from gswarm.dialects.openai_responses.replay import replay
from gswarm.errors import (
    InsufficientQuota,
    InvalidRequest,
    RateLimitExceeded,
    Unavailable,
    UpstreamError,
)
from gswarm.gemini.reply import Fold

from .cases import DIGITS, FakeMemory, events_of, load, names, read, streamed, whole

TEXT = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Half"}]}}]}
END = {"candidates": [{"finishReason": "STOP"}]}
ASK = {"model": "gemini-3.5-flash", "input": "hi", "stream": True}


def test_R71_silence_is_broken_by_an_event_that_counts():
    writer = read(ASK).writer(Fold(), lambda: None)
    [*_, keepalive] = events_of(writer.open() + writer.silence())
    assert keepalive == {"type": "keepalive", "sequence_number": 2}
    assert events_of(writer.chunk(TEXT))[0]["sequence_number"] == 3


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (UpstreamError("It broke."), "server_error"),
        (Unavailable("Full.", code="overloaded"), "server_is_overloaded"),
        (RateLimitExceeded("Slowly.", retry_after=3), "rate_limit_exceeded"),
        (InsufficientQuota("Used up."), "insufficient_quota"),
        (InvalidRequest("Wrong."), "invalid_prompt"),
        (
            InvalidRequest("Too long.", code="context_length_exceeded"),
            "context_length_exceeded",
        ),
    ],
)
def test_R69_a_broken_stream_says_so_twice_and_keeps_what_was_said(refusal, code):
    fold, memory = Fold(), FakeMemory()
    writer = read(ASK, memory).writer(fold, lambda: None)
    fold.feed(TEXT)
    stream = events_of(writer.open() + writer.chunk(TEXT) + writer.fail(refusal))

    error, failed = stream[-2:]
    assert error["type"] == "error"
    assert (error["code"], error["message"]) == (code, refusal.message)
    response = failed["response"]
    assert response["status"] == "failed"
    assert response["error"] == {"code": code, "message": refusal.message}
    [message] = response["output"]
    assert (message["status"], message["content"][0]["text"]) == ("incomplete", "Half")
    assert [event["sequence_number"] for event in stream] == list(range(len(stream)))
    assert memory.records == {}, "half a response was stored"
    assert response["store"] is False


def test_a_response_is_stored_as_the_client_got_it_before_its_last_event():
    memory = FakeMemory()
    fold = Fold()
    writer = read({**ASK, "metadata": {"a": "b"}}, memory).writer(fold, lambda: None)
    for chunk in (TEXT, END):
        fold.feed(chunk)
        writer.chunk(chunk)
    assert memory.records == {}
    [*_, last] = events_of(writer.close())

    [(id, record)] = memory.records.items()
    assert id == last["response"]["id"] == f"resp_{DIGITS}"
    assert record["response"] == last["response"]
    [asked] = record["input"]
    assert (asked["role"], asked["content"]) == ("user", "hi")
    assert re.fullmatch(f"msg_{DIGITS}[0-9a-f]{{5}}", asked["id"])


class Full(FakeMemory):
    """A memory that takes nothing more."""

    def keep(self, id, record):
        return False


class Off(FakeMemory):
    is_on = False


@pytest.mark.parametrize("memory", [Full(), Off()])
@pytest.mark.parametrize("store", [None, True, False])
def test_a_response_that_is_not_stored_says_so(memory, store):
    answer = whole({**ASK, "store": store}, [TEXT, END], memory)
    assert answer["store"] is False
    assert memory.records == {}


def test_a_response_that_is_not_to_be_stored_is_not():
    memory = FakeMemory()
    [*_, last] = events_of(streamed({**ASK, "store": False}, [TEXT, END], memory))
    assert last["response"]["store"] is False
    assert memory.records == {}


@pytest.mark.parametrize("name", names("replies"))
def test_R80_a_response_can_be_told_again(name):
    case = load(name)
    stream = events_of(streamed({**case["request"], "stream": True}, case["chunks"]))
    response = stream[-1]["response"]
    if response["status"] == "failed":
        return
    again = events_of(b"".join(replay(response)))

    def kinds(events):
        """What happens, deltas of one text being one."""
        told = []
        for event in events:
            kind = (event["type"], event.get("output_index"))
            if not (event["type"].endswith(".delta") and told[-1] == kind):
                told.append(kind)
        return told

    assert kinds(again) == kinds(stream)
    assert again[-1] == {**stream[-1], "sequence_number": len(again) - 1}
    done = "response.output_item.done"
    items = [e["item"] for e in again if e["type"] == done]
    assert items == response["output"]
    assert b"".join(list(replay(response, after=1))) == b"".join(
        list(replay(response))[2:]
    )


def test_the_input_is_never_changed_by_storing_it():
    body = {**ASK, "input": [{"role": "user", "content": "hi"}]}
    before = json.dumps(body)
    whole(body, [TEXT, END], FakeMemory())
    assert json.dumps(body) == before


WORDS = (
    "id object created_at completed_at status background error incomplete_details"
    " instructions max_output_tokens max_tool_calls model output parallel_tool_calls"
    " previous_response_id conversation prompt_cache_key safety_identifier user"
    " reasoning service_tier store temperature top_p presence_penalty"
    " frequency_penalty top_logprobs text tool_choice tools truncation usage metadata"
    " prompt"
)
NUMBERS = "created_at completed_at temperature top_p presence_penalty top_logprobs"


@pytest.mark.parametrize("name", names("replies"))
def test_R46_every_response_holds_every_member_all_along(name):
    case = load(name)
    stream = events_of(streamed({**case["request"], "stream": True}, case["chunks"]))
    for event in stream:
        if "response" in event:
            assert event["response"].keys() == set(WORDS.split())
            assert isinstance(event["response"]["output"], list)
    if stream[-1]["response"]["status"] == "completed":
        answer = whole(case["request"], case["chunks"])
        assert answer.keys() == set(WORDS.split())
        assert all(isinstance(answer[each], int | float) for each in NUMBERS.split())
        assert isinstance(answer["store"], bool)
        assert isinstance(answer["service_tier"], str)
