"""Google's odd replies are understood or passed over: 200, one call, nothing held."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from tests.contract.asking import FLASH, SIGNING, events, question
from tests.contract.test_callers_words import is_untouched

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n final").decode()
DRAFT = base64.b64encode(b"\x89PNG\r\n\x1a\n draft").decode()


def chunk(*parts: Any, finish: str | None = None, **members: Any) -> dict[str, Any]:
    candidate = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate | members.pop("beside", {})], **members}


END = chunk(finish="STOP", usageMetadata={"promptTokenCount": 3, "totalTokenCount": 5})


def call(**members: Any) -> dict[str, Any]:
    return {"functionCall": members}


WEATHER = {"name": "get_weather", "arguments": {"city": "Oslo"}}
ODD: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "a call in two chunks": (
        [chunk(call(name="get_weather", args={})), chunk(call(args={"city": "Oslo"}))],
        {"calls": [WEATHER], "finish": "tool_calls"},
    ),
    "a call in two parts": (
        [chunk(call(name="get_weather"), call(args={"city": "Oslo"}))],
        {"calls": [WEATHER], "finish": "tool_calls"},
    ),
    "two calls without arguments": (
        [chunk(call(name="look")), chunk(call(name="look", args=None))],
        {
            "calls": [{"name": "look", "arguments": {}}] * 2,
            "finish": "tool_calls",
        },
    ),
    "arguments of no call": (
        [chunk({"text": "Hi"}), chunk(call(args={"city": "Oslo"}))],
        {"text": "Hi"},
    ),
    "null parts": ([chunk(None, {"text": "Hi"}, None, {"text": None})], {"text": "Hi"}),
    "a null call": ([chunk({"functionCall": None}, {"text": "Hi"})], {"text": "Hi"}),
    "parts as an object": (
        [{"candidates": [{"content": {"parts": {"text": "Hi"}}}]}],
        {"text": "Hi"},
    ),
    "no content": (
        [{"candidates": [{"content": None}]}, chunk({"text": "Hi"})],
        {"text": "Hi"},
    ),
    "candidates as an object": (
        [{"candidates": {"content": {"parts": [{"text": "Hi"}]}}}],
        {"text": "Hi"},
    ),
    "null candidates": ([{"candidates": None}, chunk({"text": "Hi"})], {"text": "Hi"}),
    "counts as text": (
        [chunk({"text": "Hi"}, usageMetadata={"promptTokenCount": "7"})],
        {"text": "Hi"},
    ),
    "counts of nothing": (
        [chunk({"text": "Hi"}, usageMetadata={"promptTokenCount": {}, "x": None})],
        {"text": "Hi"},
    ),
    "usage as a list": ([chunk({"text": "Hi"}, usageMetadata=[1])], {"text": "Hi"}),
    "media without data": (
        [chunk({"inlineData": {"mimeType": "image/png"}}, {"text": "Hi"})],
        {"text": "Hi"},
    ),
    "media of nonsense": (
        [chunk({"inlineData": {"mimeType": "audio/wav", "data": "%"}}, {"text": "Hi"})],
        {"text": "Hi"},
    ),
    "null media": ([chunk({"inlineData": None}, {"text": "Hi"})], {"text": "Hi"}),
    "code of nothing": (
        [chunk({"executableCode": None}, {"text": "Hi"})],
        {"text": "Hi"},
    ),
    "grounding of nothing": (
        [
            chunk(
                {"text": "Hi"},
                beside={
                    "groundingMetadata": {
                        "groundingChunks": [None, 7, {"web": None}],
                        "groundingSupports": [None, {"segment": None}, "x"],
                    },
                    "citationMetadata": None,
                    "logprobsResult": [],
                },
            )
        ],
        {"text": "Hi"},
    ),
    "interim pictures": (
        [
            chunk(
                {
                    "inlineData": {"mimeType": "image/png", "data": DRAFT},
                    "thought": True,
                }
            ),
            chunk({"inlineData": {"mimeType": "image/png", "data": PNG}}),
        ],
        {"pictures": [PNG]},
    ),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_reply_is_understood(gateway, google, odd, stream):
    google.forget_calls()
    chunks, expected = ODD[odd]
    google.script({"chunks": [*chunks, END]}, model=FLASH)

    reply = gateway.post(
        "/v1/chat/completions", question(stream=stream), stream=stream, timeout=30
    )

    assert reply.status_code == 200
    found = streamed(reply) if stream else whole(reply.json())
    assert found == {
        "text": "",
        "calls": [],
        "pictures": [],
        "finish": "stop",
        **expected,
    }
    assert len(google.calls(brief=True)) == 1
    assert is_untouched(gateway)


def whole(answer: dict[str, Any]) -> dict[str, Any]:
    [choice] = answer["choices"]
    return told(choice["message"], choice["finish_reason"])


def streamed(reply: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"content": "", "tool_calls": [], "images": []}
    finish = None
    for event in events(reply):
        if event in ("[DONE]", ":"):
            continue
        [choice] = event["choices"]
        message["content"] += choice["delta"].get("content") or ""
        message["tool_calls"] += choice["delta"].get("tool_calls", [])
        message["images"] += choice["delta"].get("images", [])
        finish = choice["finish_reason"] or finish
    return told(message, finish)


def told(message: dict[str, Any], finish: str | None) -> dict[str, Any]:
    calls = [each["function"] for each in message.get("tool_calls") or ()]
    return {
        "text": message["content"] or "",
        "calls": [
            {"name": each["name"], "arguments": json.loads(each["arguments"])}
            for each in calls
        ],
        "pictures": [
            each["image_url"]["url"].partition(",")[2]
            for each in message.get("images") or ()
        ],
        "finish": finish,
    }


SAID = {"role": "user", "content": "Hello"}
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]
OTHERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "generate": (
        "/api/gswarm/generate",
        "/api/gswarm/generate",
        {"prompt": "Hello", "model": FLASH},
    ),
    "anthropic": (
        "/v1/messages",
        "/v1/messages",
        {"messages": [SAID], "max_tokens": 100, "model": FLASH},
    ),
    "responses": (
        "/v1/responses",
        "/v1/responses",
        {"input": "Hello", "model": FLASH, "store": False},
    ),
    "gemini": (
        f"/v1beta/models/{FLASH}:generateContent",
        f"/v1beta/models/{FLASH}:streamGenerateContent?alt=sse",
        {"contents": CONTENTS},
    ),
}
"""Where one answer is asked for, where a stream, and how."""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("dialect", OTHERS)
def test_other_dialects_understand_it_as_well(gateway, google, dialect, odd, stream):
    whole, streaming, body = OTHERS[dialect]
    google.script({"chunks": [*ODD[odd][0], END]}, model=FLASH)
    asked = body if dialect == "gemini" else {**body, "stream": stream}

    reply = gateway.post(streaming if stream else whole, asked, timeout=30)

    assert reply.status_code == 200
    assert ODD[odd][1].get("text", "") in reply.text
    assert not re.search(r'"error": ?[{"]', reply.text)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("part", [{}, {"partIndex": 1}], ids=["untold", "told"])
def test_a_citation_stands_where_its_words_are(gateway, google, part, stream):
    segment = {"endIndex": 14, "text": "Oslo är kall.", **part}
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://example.org", "title": "Väder"}}],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}],
    }
    said = chunk({"text": "Rom är varm. "}, {"text": "Oslo är kall."})
    end = chunk(finish="STOP", beside={"groundingMetadata": grounding})
    google.script({"chunks": [said, end]}, model=FLASH)

    reply = gateway.post("/v1/chat/completions", question(stream=stream), timeout=30)

    found = (
        [
            annotation
            for event in events(reply)
            if event not in ("[DONE]", ":")
            for annotation in event["choices"][0]["delta"].get("annotations", ())
        ]
        if stream
        else reply.json()["choices"][0]["message"]["annotations"]
    )
    [citation] = [each["url_citation"] for each in found]
    assert (citation["start_index"], citation["end_index"]) == (13, 26)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("broken", "mended"),
    [(rb"\ud83d", "\ufffd"), (b"\x01", "\x01")],
    ids=["half a pair", "a control character"],
)
def test_broken_characters_become_the_one_for_broken_ones(
    gateway, google, stream, broken, mended
):
    google.forget_calls()
    first = json.dumps({"response": chunk({"text": "<>"})}).encode()
    args = json.dumps({"response": chunk(call(name="f", args={"<>": "<>"}))}).encode()
    last = json.dumps({"response": END}).encode()
    raw = b"".join(b"data: %s\r\n\r\n" % event for event in (first, args, last))
    body = raw.replace(b"<>", broken).decode()
    google.script({"status": 200, "body": body}, model=FLASH)

    reply = gateway.post(
        "/v1/chat/completions", question(stream=stream), stream=stream, timeout=30
    )

    found = streamed(reply) if stream else whole(reply.json())
    assert found["text"] == mended
    assert found["calls"] == [{"name": "f", "arguments": {mended: mended}}]
    assert len(google.calls(brief=True)) == 1
    assert is_untouched(gateway)


def test_our_own_answer_is_taken_back(gateway, google):
    """What came in two parts is sent back as one call, with a name."""
    google.script({"chunks": [*ODD["a call in two chunks"][0], END]}, model=FLASH)
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {}}}
    asked = question(tools=[tool])
    message = gateway.post("/v1/chat/completions", asked).json()["choices"][0][
        "message"
    ]
    result = {
        "role": "tool",
        "tool_call_id": message["tool_calls"][0]["id"],
        "content": "4 °C",
    }
    history = [*asked["messages"], message, result]

    reply = gateway.post("/v1/chat/completions", asked | {"messages": history})

    assert reply.status_code == 200


SIZES = {
    "type": "object",
    "properties": {"size": {"type": "integer", "enum": [30, 60]}},
}


def test_a_number_of_an_enum_comes_back_as_one(gateway, google):
    """Google's older schemas have enums of text only."""
    said = [chunk(call(name="resize", args={"size": "60"})), END]
    google.script({"chunks": said}, model=FLASH, times=2)
    function = {"name": "resize", "parameters": SIZES}
    chat = gateway.post(
        "/v1/chat/completions",
        question(tools=[{"type": "function", "function": function}]),
    ).json()
    path, _, body = OTHERS["anthropic"]
    tool = {"name": "resize", "input_schema": SIZES}
    messages = gateway.post(path, body | {"tools": [tool]}).json()

    [called] = chat["choices"][0]["message"]["tool_calls"]
    assert json.loads(called["function"]["arguments"]) == {"size": 60}
    inputs = [each["input"] for each in messages["content"] if "input" in each]
    assert inputs == [{"size": 60}]


def test_calls_that_google_gives_one_id_are_told_apart(gateway, google):
    """What goes back up has an id for each, and each result the id of its call."""
    twins = [
        {**call(name="look", args={"n": 1}, id="same"), "thoughtSignature": "c2ln"},
        call(name="look", args={"n": 2}, id="same"),
    ]
    google.script({"chunks": [chunk(*twins), END]}, model=SIGNING)
    function = {"name": "look", "parameters": {"type": "object"}}
    asked = question(tools=[{"type": "function", "function": function}], model=SIGNING)
    message = gateway.post("/v1/chat/completions", asked).json()["choices"][0][
        "message"
    ]
    one, two = message["tool_calls"]
    assert one["id"] != two["id"]
    results = [
        {"role": "tool", "tool_call_id": each["id"], "content": f"result of {n}"}
        for n, each in ((2, two), (1, one))
    ]

    google.forget_calls()
    history = [*asked["messages"], message, *results]
    gateway.post("/v1/chat/completions", asked | {"messages": history})

    [*_, sent] = google.calls(model=SIGNING)
    parts = [
        part
        for content in sent["request"]["request"]["contents"]
        for part in content["parts"]
    ]
    called = [part["functionCall"] for part in parts if "functionCall" in part]
    answered = [
        part["functionResponse"] for part in parts if "functionResponse" in part
    ]
    assert len({each["id"] for each in called}) == 2
    assert [each["id"] for each in called] == [each["id"] for each in answered]
    for each, result in zip(called, answered, strict=True):
        assert result["response"] == {"result": f"result of {each['args']['n']}"}
