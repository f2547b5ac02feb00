"""Golden cases, by their numbers: what Gemini is asked, and what the client is told."""

import json

import pytest

from gswarm.errors import Refusal
from gswarm.gemini.models import find
from gswarm.gemini.thoughts import with_sentinels
from gswarm.simulator import models
from gswarm.simulator.signatures import Scope, Signer
from gswarm.simulator.validation import validate

from .cases import (
    FakeMemory,
    brief,
    check,
    events_of,
    load,
    names,
    read,
    streamed,
    told,
    whole,
)


@pytest.mark.parametrize("name", names("requests", "state"))
def test_a_request_becomes_this(name):
    case = load(name)
    memory = FakeMemory(case.get("stored"))
    try:
        asked = read(case["request"], memory)
    except Refusal as refusal:
        check(name, {"refusal": told(refusal)})
        return
    got = {"model": asked.request.model, "body": asked.request.body}
    got |= {"remote": dict(asked.remote)} if asked.remote else {}
    got |= {"ignored": list(asked.ignored)} if asked.ignored else {}
    signed = {call.call_id: call.signature for call in asked.request.past_calls}
    got |= {"signed": signed} if any(signed.values()) else {}
    check(name, got)
    assert load(name)["request"] == case["request"], "the client's body was changed"


@pytest.mark.parametrize("name", names("requests", "state"))
def test_google_takes_what_is_asked(name):
    case = load(name)
    if "refusal" in case["expect"] or "remote" in case["expect"]:
        return
    request = read(case["request"], FakeMemory(case.get("stored"))).request
    model = models.find(find(request.model).name_on("gemini_api"), "gemini_api")
    body = with_sentinels(request)
    validate(body, model, dialect="gemini_api", signer=Signer(), scope=Scope())


@pytest.mark.parametrize("name", names("replies"))
def test_a_reply_is_streamed(name):
    case = load(name)
    request = {**case["request"], "stream": True}
    stream = events_of(streamed(request, case["chunks"]))
    case = load(name)
    try:
        answer = whole(case["request"], case["chunks"])
        answer = brief({"response": answer}, case["request"])["response"]
    except Refusal as refusal:
        answer = {"refusal": told(refusal)}
    got = {"stream": [brief(event, request) for event in stream], "whole": answer}
    check(name, got)


@pytest.mark.parametrize("name", names("replies"))
def test_a_stream_keeps_the_rules_clients_are_strict_about(name):
    case = load(name)
    stream = events_of(streamed({**case["request"], "stream": True}, case["chunks"]))
    kinds = [event["type"] for event in stream]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert [event["sequence_number"] for event in stream] == list(range(len(stream)))
    endings = ("response.completed", "response.incomplete", "response.failed")
    assert [kind for kind in kinds if kind in endings] == kinds[-1:]
    response = stream[-1]["response"]
    identities = {e["response"]["id"] for e in stream if "response" in e}
    assert identities == {response["id"]}
    announced = [e for e in stream if e["type"] == "response.output_item.added"]
    done = [e for e in stream if e["type"] == "response.output_item.done"]
    assert [e["output_index"] for e in announced] == list(range(len(announced)))
    if kinds[-1] != "response.failed":
        assert response["output"] == [event["item"] for event in done]
        assert [e["item"]["id"] for e in announced] == [e["item"]["id"] for e in done]
    assert len({item["id"] for item in response["output"]}) == len(response["output"])
    assert all(len(item["id"]) <= 64 for item in response["output"])


@pytest.mark.parametrize("name", names("replies"))
def test_a_stream_and_a_whole_reply_say_the_same(name):
    case = load(name)
    if "refusal" in case["expect"]["whole"]:
        assert case["expect"]["stream"][-1]["type"] == "response.failed"
        return

    def said(output):
        """A search is told of first where all is known at once."""
        items = [json.loads(json.dumps(item)) for item in output]
        for item in items:
            item.pop("id")
        return sorted(items, key=lambda item: item["type"] == "web_search_call")

    streamed_output = case["expect"]["stream"][-1]["response"]["output"]
    if case.get("whole_differs"):
        return
    assert said(case["expect"]["whole"]["output"]) == said(streamed_output)
