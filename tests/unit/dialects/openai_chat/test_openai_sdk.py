"""The official SDK reads our streams and replies as they are meant."""

import json

import httpx2
import openai
import pytest

from gswarm.dialects.dialect import KEEP_ALIVE
from gswarm.dialects.openai_chat.errors import write_error
from gswarm.dialects.retrying import error_headers
from gswarm.errors import InsufficientQuota, RateLimitExceeded, UpstreamError

from .golden_replies import NAMES, reply_of, shape_of, stream_of

ASK = {"model": "gemini-3.5-flash", "messages": [{"role": "user", "content": "Hi"}]}
STREAM_TYPE = {"content-type": "text/event-stream; charset=utf-8"}
GOOD = [name for name in NAMES if "error" not in reply_of(name)]
# The SDK itself knows streamed calls of functions only.
FUNCTIONS_ONLY = [name for name in GOOD if not shape_of(name).custom_tools]


def client_for(respond) -> openai.OpenAI:
    transport = httpx2.MockTransport(respond)
    return openai.OpenAI(
        api_key="test",
        base_url="http://gateway.invalid/v1",
        http_client=httpx2.Client(transport=transport),
    )


def client_of_stream(stream: bytes) -> openai.OpenAI:
    return client_for(
        lambda request: httpx2.Response(200, headers=STREAM_TYPE, content=stream)
    )


@pytest.mark.parametrize("name", GOOD)
def test_its_strict_models_accept_a_reply(name):
    reply = reply_of(name)
    with client_for(lambda request: httpx2.Response(200, json=reply)) as client:
        completion = client.chat.completions.create(**ASK)
    openai.types.chat.ChatCompletion.model_validate(reply)
    assert completion.choices[0].message.content == reply_content(reply)
    assert completion.choices[0].finish_reason == reply["choices"][0]["finish_reason"]


@pytest.mark.parametrize("name", FUNCTIONS_ONLY)
def test_its_strict_models_accept_every_chunk(name):
    for event in stream_of(name).decode().split("\n\n"):
        data = event.removeprefix("data: ")
        if data and data != "[DONE]":
            openai.types.chat.ChatCompletionChunk.model_validate(json.loads(data))


@pytest.mark.parametrize("name", FUNCTIONS_ONLY)
def test_its_accumulator_gathers_the_whole_reply(name):
    expected = reply_of(name)["choices"][0]
    stream = stream_of(name).replace(b"\n\n", b"\n\n" + KEEP_ALIVE, 3)
    with client_of_stream(stream) as client:
        try:
            final = accumulated(client, shape_of(name).include_usage)
        except openai.ContentFilterFinishReasonError:
            assert expected["finish_reason"] == "content_filter"
            return
        except openai.LengthFinishReasonError:
            assert expected["finish_reason"] == "length"
            return
    choice, message = final.choices[0], expected["message"]
    assert choice.finish_reason == expected["finish_reason"]
    assert choice.message.role == "assistant"
    assert (choice.message.content or "") == (message["content"] or "")
    assert calls_of(choice.message) == [
        (call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls", ())
    ]
    thoughts = getattr(choice.message, "reasoning_content", None) or ""
    assert thoughts == message.get("reasoning_content", "")
    images = getattr(choice.message, "images", None) or []
    assert images == message.get("images", [])
    assert (final.usage is not None) == shape_of(name).include_usage


def accumulated(client: openai.OpenAI, include_usage: bool):
    options = {"include_usage": True} if include_usage else openai.omit
    with client.chat.completions.stream(**ASK, stream_options=options) as events:
        for _ in events:
            pass
        return events.get_final_completion()


def calls_of(message) -> list[tuple[str, str, str]]:
    return [
        (call.id, call.function.name, call.function.arguments)
        for call in message.tool_calls or ()
    ]


def reply_content(reply: dict) -> str | None:
    return reply["choices"][0]["message"]["content"]


def test_a_broken_stream_raises():
    with client_of_stream(stream_of("malformed_call")) as client:
        events = client.chat.completions.create(**ASK, stream=True)
        with pytest.raises(openai.APIError, match="unusable reply") as caught:
            list(events)
    assert caught.value.code == "upstream_error"
    assert caught.value.type == "server_error"


@pytest.mark.parametrize(
    ("refusal", "expected", "requests"),
    [
        (UpstreamError("It broke."), openai.InternalServerError, 1),
        (InsufficientQuota("Spent.", retry_after=4000), openai.RateLimitError, 1),
        (RateLimitExceeded("Slow.", retry_after=500), openai.RateLimitError, 1),
        (RateLimitExceeded("Slow.", retry_after=1), openai.RateLimitError, 2),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_refusal_is_raised_and_retried_only_where_that_helps(
    refusal, expected, requests, monkeypatch
):
    asked = []

    def respond(request):
        asked.append(request)
        headers = error_headers(refusal)
        return httpx2.Response(
            refusal.status, headers=headers, json=write_error(refusal)
        )

    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client = client_for(respond).with_options(max_retries=1)
    with client, pytest.raises(expected) as caught:
        client.chat.completions.create(**ASK)
    assert (len(asked), caught.value.code) == (requests, refusal.code)
