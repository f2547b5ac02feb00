"""What a client hears of a reply, whole and streamed, case by case."""

from __future__ import annotations

import json

import pytest

from gswarm.dialects.anthropic_messages.stream import StreamWriter
from gswarm.errors import UpstreamError
from gswarm.gemini.reply import Fold

from .golden import (
    agrees,
    cases,
    events_of,
    load,
    message_of,
    number_ids,
    read,
    served,
    stream_of,
)
from .strict import message_of_events


@pytest.fixture(autouse=True)
def _ids(monkeypatch):
    number_ids(monkeypatch)


@pytest.mark.parametrize("name", cases("replies"))
def test_a_reply_is_written_whole(name):
    case = load("replies", name)
    asked = read(case["request"])
    assert agrees("replies", name, message_of(asked, case["chunks"]))


@pytest.mark.parametrize("name", cases("streams"))
def test_a_reply_is_streamed(name):
    case = load("streams", name)
    stream = stream_of(read(case["request"]), case["chunks"])
    assert agrees("streams", name, events_of(stream))


def is_good(folder: str, name: str) -> bool:
    case = load(folder, name)
    return "content" in message_of(read(case["request"]), case["chunks"])


EVERY = [(folder, name) for folder in ("replies", "streams") for name in cases(folder)]
GOOD = [pair for pair in EVERY if is_good(*pair)]


@pytest.mark.parametrize(("folder", "name"), GOOD)
def test_a_stream_keeps_the_rules_and_adds_up_to_the_whole(folder, name, monkeypatch):
    case = load(folder, name)
    asked = read(case["request"])
    streamed = message_of_events(events_of(stream_of(asked, case["chunks"])))
    number_ids(monkeypatch)
    whole = message_of(asked, case["chunks"])
    for message in (streamed, whole):
        message.setdefault("stop_details", None)
        for block in message["content"]:
            # What text has closed carries nothing in a stream, see `StreamWriter`.
            block.pop("signature", None)
    assert streamed == whole


BROKEN = [pair for pair in EVERY if pair not in GOOD]


@pytest.mark.parametrize(("folder", "name"), BROKEN)
def test_an_unusable_reply_ends_a_stream_with_an_error(folder, name):
    case = load(folder, name)
    *_, (last, data) = events_of(stream_of(read(case["request"]), case["chunks"]))
    assert last == "error"
    assert data["error"]["type"] == "api_error"


def test_a_broken_stream_ends_with_an_error_and_nothing_else():
    asked = read({"max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]})
    writer = asked.writer(Fold(), lambda: served(asked))
    assert isinstance(writer, StreamWriter)
    [(name, data)] = events_of(writer.fail(UpstreamError("It broke.")))
    assert name == "error"
    error = {"type": "api_error", "message": "It broke."}
    assert data == {"type": "error", "error": error}


def test_a_silence_is_a_ping():
    asked = read({"max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]})
    writer = asked.writer(Fold(), lambda: served(asked))
    assert events_of(writer.silence()) == [("ping", {"type": "ping"})]


def test_the_beginning_estimates_what_was_asked():
    asked = read(
        {"max_tokens": 5, "messages": [{"role": "user", "content": "word " * 400}]}
    )
    [(_, start)] = events_of(asked.writer(Fold(), lambda: served(asked)).open())
    usage = start["message"]["usage"]
    assert usage["input_tokens"] == 504
    assert usage["output_tokens"] == 0
    assert json.dumps(start["message"]["content"]) == "[]"
