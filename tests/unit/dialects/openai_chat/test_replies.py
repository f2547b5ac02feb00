"""Each golden reply, streamed and whole; and what must hold for all of them."""

import json

import pytest

from gswarm.dialects.dialect import KEEP_ALIVE
from gswarm.dialects.openai_chat.stream import StreamWriter
from gswarm.errors import UpstreamError
from gswarm.gemini.reply import Fold

from .golden_replies import (
    CREATED,
    ID,
    NAMES,
    chunks_of,
    expected_of,
    reply_of,
    shape_of,
    stream_of,
    written,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_is_streamed(name):
    stream = stream_of(name).decode().splitlines(keepends=True)
    assert stream == expected_of(name, "stream", stream)


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_is_written_whole(name):
    reply = reply_of(name)
    assert reply == expected_of(name, "reply", reply)


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_kept_as_one_chunk_reads_the_same(name):
    fold, again = Fold(), Fold()
    for chunk in chunks_of(name):
        fold.feed(chunk)
    again.feed(json.loads(json.dumps(fold.chunk())))
    replayed = written([fold.chunk()], shape_of(name))
    assert whole_text(replayed) == whole_text(stream_of(name))
    assert replayed.splitlines()[-2:] == stream_of(name).splitlines()[-2:]
    assert again.chunk() == fold.chunk()


def events_of(stream: bytes) -> list[dict]:
    events = stream.decode().removesuffix("data: [DONE]\n\n").split("\n\n")
    return [json.loads(event.removeprefix("data: ")) for event in events if event]


def deltas_of(stream: bytes) -> list[dict]:
    choices = [choice for event in events_of(stream) for choice in event["choices"]]
    return [choice["delta"] for choice in choices]


def whole_text(stream: bytes) -> str:
    events = [event for event in events_of(stream) if event.get("choices")]
    deltas = [event["choices"][0]["delta"] for event in events]
    return "".join(delta.get("content") or "" for delta in deltas)


GOOD = [name for name in NAMES if "error" not in reply_of(name)]


@pytest.mark.parametrize("name", GOOD)
def test_a_stream_keeps_the_rules_clients_are_strict_about(name):
    stream = stream_of(name)
    deltas = deltas_of(stream)
    assert [at for at, delta in enumerate(deltas) if "role" in delta] == [0]
    assert all(len(delta) <= 1 for delta in deltas[1:]), "one kind to a chunk"
    assert deltas[-1] == {}
    finishes = [
        choice["finish_reason"]
        for event in events_of(stream)
        for choice in event["choices"]
    ]
    assert [bool(finish) for finish in finishes] == [False] * (len(finishes) - 1) + [
        True
    ]
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert [call["index"] for call in calls] == list(range(len(calls)))
    assert len({call["id"] for call in calls}) == len(calls)
    usages = [event for event in events_of(stream) if "usage" in event]
    assert len(usages) == shape_of(name).include_usage
    assert stream.endswith(b"data: [DONE]\n\n")
    assert all(line.startswith(b"data: ") for line in stream.split(b"\n") if line)


@pytest.mark.parametrize("name", GOOD)
def test_a_stream_and_a_whole_reply_say_the_same(name):
    message = reply_of(name)["choices"][0]["message"]
    deltas = deltas_of(stream_of(name))
    assert whole_text(stream_of(name)) == (message["content"] or "")
    streamed_calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    for call in streamed_calls:
        del call["index"]
    assert streamed_calls == message.get("tool_calls", [])
    thoughts = "".join(delta.get("reasoning_content", "") for delta in deltas)
    assert thoughts == message.get("reasoning_content", "")


def test_a_failed_stream_ends_with_an_error_and_no_done():
    writer = StreamWriter(Fold(), shape_of("text"), ID, CREATED)
    writer.open()
    ending = writer.fail(UpstreamError("It broke."))
    assert json.loads(ending.removeprefix(b"data: ")) == {
        "error": {
            "message": "It broke.",
            "type": "server_error",
            "param": None,
            "code": "upstream_error",
        }
    }
    assert ending.endswith(b"\n\n")


def test_the_keep_alive_is_a_comment():
    assert KEEP_ALIVE.startswith(b":")
    assert KEEP_ALIVE.endswith(b"\n\n")


def test_a_chunk_with_nothing_to_show_writes_nothing():
    writer = StreamWriter(Fold(), shape_of("text"), ID, CREATED)
    assert writer.chunk({"usageMetadata": {"promptTokenCount": 3}}) == b""
