"""Google's official Python SDK, as its users use it: /v1 paths, key in a header."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from tests.contract.asking import until_minute_is_young
from tests.gateway_process import Gateway, wait_for

MODEL = "gemini-3-flash-preview"
OLDER = "gemini-2.5-flash"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)
PDF = b"%PDF-1.7\n\xff\xfe\xfb\xef"
"""Some of its bytes are spelled with - and _ in the SDK's base64."""


def connect(gateway: Gateway, key: str | None = None, **options: Any) -> genai.Client:
    where = types.HttpOptions(base_url=gateway.url, timeout=30_000, **options)
    return genai.Client(api_key=key or gateway.key, http_options=where)


@pytest.fixture
def client(gateway: Gateway) -> Iterator[genai.Client]:
    client = connect(gateway)
    yield client
    client.close()


def sent(google: Any) -> list[dict[str, Any]]:
    """The requests that reached Google, without their envelope."""
    calls = google.calls(method="streamGenerateContent")
    return [call["request"].get("request", call["request"]) for call in calls]


def get_weather(city: str) -> dict[str, str]:
    """Tell the weather in a city."""
    return {"weather": f"rain in {city}"}


def get_time(city: str) -> dict[str, str]:
    """Tell the time in a city."""
    return {"time": f"noon in {city}"}


# ---------------------------------------------------------------------- answers


def test_a_plain_answer(client):
    reply = client.models.generate_content(model=MODEL, contents="Hello Ember")

    assert f"Simulated {MODEL} heard: Hello Ember" in reply.text
    assert reply.candidates[0].finish_reason == types.FinishReason.STOP
    assert reply.model_version == MODEL
    assert reply.response_id
    usage = reply.usage_metadata
    assert usage.prompt_token_count > 0
    assert usage.total_token_count > usage.prompt_token_count


def test_the_route_is_in_the_headers(client):
    reply = client.models.generate_content(model=MODEL, contents="Hello")

    headers = reply.sdk_http_response.headers
    assert headers["x-request-id"].startswith("req_")
    assert len(headers["x-gswarm-project"]) == 8
    assert headers["x-gswarm-attempts"] == "1"


def test_a_stream(client):
    chunks = list(
        client.models.generate_content_stream(model=MODEL, contents="Hello Ember")
    )

    text = "".join(chunk.text or "" for chunk in chunks)
    assert len(chunks) > 2
    assert f"Simulated {MODEL} heard: Hello Ember" in text
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.total_token_count > 0


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_every_version_is_one(gateway, version):
    client = connect(gateway, api_version=version)

    assert client.models.generate_content(model=MODEL, contents="Hello").text


@pytest.mark.parametrize("base", ["/", "/v1beta", "/gemini", "/gemini/v1beta/"])
def test_bases_that_people_paste(gateway, base):
    where = types.HttpOptions(base_url=gateway.url + base)
    client = genai.Client(api_key=gateway.key, http_options=where)

    assert client.models.generate_content(model=MODEL, contents="Hello").text


def test_thoughts_are_shown_to_those_who_ask(client):
    asked = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(
            thinking_level=types.ThinkingLevel.LOW, include_thoughts=True
        )
    )

    shown = client.models.generate_content(model=MODEL, contents="Hi", config=asked)
    plain = client.models.generate_content(model=MODEL, contents="Hi")

    def thoughts(reply):
        return [part for part in reply.candidates[0].content.parts if part.thought]

    assert thoughts(shown)
    assert not thoughts(plain)
    assert plain.usage_metadata.thoughts_token_count > 0


def test_settings_reach_google(client, google):
    config = types.GenerateContentConfig(
        system_instruction="Be brief.",
        temperature=0.5,
        max_output_tokens=500,
        stop_sequences=["END"],
        thinking_config=types.ThinkingConfig(thinking_budget=512),
        safety_settings=[
            types.SafetySetting(
                category=types.HarmCategory.HARM_CATEGORY_HATE_SPEECH,
                threshold=types.HarmBlockThreshold.BLOCK_NONE,
            )
        ],
    )

    client.models.generate_content(model=OLDER, contents="Hello", config=config)

    [request] = sent(google)
    assert request == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
        "safetySettings": [
            {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"}
        ],
        "generationConfig": {
            "temperature": 0.5,
            "maxOutputTokens": 500,
            "stopSequences": ["END"],
            "thinkingConfig": {"thinkingBudget": 512},
        },
    }


def test_structured_output(client):
    class City(BaseModel):
        name: str
        people: int

    reply = client.models.generate_content(
        model=MODEL,
        contents="Describe the city 'Oslo' with 700000 people.",
        config=types.GenerateContentConfig(
            response_mime_type="application/json", response_schema=City
        ),
    )

    assert isinstance(reply.parsed, City)
    assert reply.parsed.people == 700_000


def test_a_picture_and_a_pdf(client, google):
    reply = client.models.generate_content(
        model=MODEL,
        contents=[
            types.Part.from_bytes(data=PNG, mime_type="image/png"),
            types.Part.from_bytes(data=PDF, mime_type="application/pdf"),
            "What is this?",
        ],
    )

    assert reply.text
    [request] = sent(google)
    picture, pdf, _ = request["contents"][0]["parts"]
    assert picture["inlineData"] == {
        "mimeType": "image/png",
        "data": base64.b64encode(PNG).decode(),
    }
    assert base64.b64decode(pdf["inlineData"]["data"], validate=True) == PDF


def test_a_blocked_prompt(client):
    reply = client.models.generate_content(model=MODEL, contents="[[block:SAFETY]]")

    assert reply.prompt_feedback.block_reason == types.BlockedReason.SAFETY
    assert not reply.candidates


# ------------------------------------------------------------------------ chats


def test_a_chat_session(client, google):
    chat = client.chats.create(model=MODEL)

    chat.send_message("My name is Ada.")
    for _ in chat.send_message_stream("[[signed-text]] Who am I?"):
        pass
    chat.send_message("And now?")

    third = sent(google)[-1]
    roles = [content["role"] for content in third["contents"]]
    assert roles == ["user", "model", "user", "model", "user"]
    assert third["contents"][0]["parts"] == [{"text": "My name is Ada."}]
    signed = [
        part for part in third["contents"][3]["parts"] if "thoughtSignature" in part
    ]
    assert signed


# ------------------------------------------------------------------------ tools


def test_functions_are_called_in_three_steps(client, google):
    """On a model that checks signatures, which the SDK keeps and echoes."""
    reply = client.models.generate_content(
        model=MODEL,
        contents="First get_weather, then get_time, then get_weather for 'Oslo'",
        config=types.GenerateContentConfig(tools=[get_weather, get_time]),
    )

    assert reply.text
    called = [
        part.function_call.name
        for content in reply.automatic_function_calling_history
        for part in content.parts
        if part.function_call
    ]
    assert called == ["get_weather", "get_time"]
    assert all(call["status"] == 200 for call in google.calls())


def test_streamed_functions_are_called_too(client, google):
    chunks = client.models.generate_content_stream(
        model=MODEL,
        contents="[[agent]] What is the weather in 'Oslo'?",
        config=types.GenerateContentConfig(tools=[get_weather]),
    )

    assert "".join(chunk.text or "" for chunk in chunks)
    assert [call["status"] for call in google.calls()] == [200, 200]


def parallel_calls(client: genai.Client) -> tuple[list[Any], Any]:
    """A question, and the answer that calls two functions at once."""
    asked = [
        types.Content(
            role="user",
            parts=[
                types.Part(
                    text='[[call:get_weather {"city": "Oslo"}]]'
                    ' [[call:get_time {"city": "Rome"}]]'
                )
            ],
        )
    ]
    reply = client.models.generate_content(
        model=MODEL, contents=asked, config=by_hand()
    )
    return asked, reply.candidates[0].content


def by_hand() -> types.GenerateContentConfig:
    return types.GenerateContentConfig(
        tools=[get_weather, get_time],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


@pytest.mark.parametrize("with_ids", [True, False])
def test_results_of_parallel_calls_in_any_order(client, google, with_ids):
    asked, answer = parallel_calls(client)
    calls = [part.function_call for part in answer.parts if part.function_call]
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.id for call in calls}) == 2
    results = [
        types.Content(
            role="user",
            parts=[
                types.Part(
                    function_response=types.FunctionResponse(
                        id=call.id if with_ids else None,
                        name=call.name,
                        response={"output": call.name},
                    )
                )
            ],
        )
        for call in reversed(calls)
    ]

    reply = client.models.generate_content(
        model=MODEL, contents=[*asked, answer, *results], config=by_hand()
    )

    assert reply.text
    last = sent(google)[-1]["contents"][-1]
    answered = [part["functionResponse"]["name"] for part in last["parts"]]
    assert answered == ["get_weather", "get_time"]


def test_signatures_that_a_client_lost_are_filled_in(client, google):
    asked, answer = parallel_calls(client)
    issued = answer.parts[0].thought_signature
    assert issued
    bare = [
        types.Part(function_call=part.function_call)
        for part in answer.parts
        if part.function_call
    ]
    results = [
        types.Part.from_function_response(
            name=part.function_call.name, response={"output": 1}
        )
        for part in bare
    ]

    client.models.generate_content(
        model=MODEL,
        contents=[
            *asked,
            types.Content(role="model", parts=bare),
            types.Content(role="user", parts=results),
        ],
        config=by_hand(),
    )

    again = sent(google)[-1]["contents"][1]["parts"][0]["thoughtSignature"]
    assert base64.b64decode(again) == issued


def test_a_conversation_goes_on_through_another_door(client, gateway, google):
    """Begun by one of OpenAI's clients, whose calls carry no signatures."""
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
            },
        },
    }
    text = "[[agent]] What is the weather in 'Oslo'?"
    begun = gateway.ask(text, model=MODEL, tools=[tool]).json()
    [call] = begun["choices"][0]["message"]["tool_calls"]

    reply = client.models.generate_content(
        model=MODEL,
        contents=[
            types.Content(role="user", parts=[types.Part(text=text)]),
            types.Content(
                role="model",
                parts=[
                    types.Part(
                        function_call=types.FunctionCall(
                            id=call["id"],
                            name="get_weather",
                            args=json.loads(call["function"]["arguments"]),
                        )
                    )
                ],
            ),
            types.Content(
                role="user",
                parts=[
                    types.Part(
                        function_response=types.FunctionResponse(
                            id=call["id"],
                            name="get_weather",
                            response={"output": "rain"},
                        )
                    )
                ],
            ),
        ],
        config=by_hand(),
    )

    assert reply.text
    part = sent(google)[-1]["contents"][1]["parts"][0]
    assert part["thoughtSignature"] != "skip_thought_signature_validator"


# ----------------------------------------------------------------- models, counts


def test_models_are_listed_and_shown(client):
    names = [model.name for model in client.models.list(config={"page_size": 2})]
    shown = client.models.get(model=MODEL)

    assert f"models/{MODEL}" in names
    assert len(names) == len(set(names)) > 4
    assert shown.name == f"models/{MODEL}"
    assert shown.input_token_limit == 1_048_576
    assert "generateContent" in shown.supported_actions
    assert list(client.models.list(config={"query_base": False})) == []


def test_a_model_that_is_not_there(client):
    with pytest.raises(errors.ClientError) as refused:
        client.models.get(model="gemini-0-zork")

    assert refused.value.code == 404
    assert refused.value.status == "NOT_FOUND"


def test_tokens_are_counted_by_google(client, google):
    counted = client.models.count_tokens(
        model=MODEL,
        contents=[
            types.Content(role="user", parts=[types.Part(text="Hello " * 50)]),
            types.Content(role="model", parts=[types.Part(text="hm", thought=True)]),
            types.Content(role="user", parts=[types.Part(text="Well?")]),
        ],
    )

    assert counted.total_tokens > 20
    [call] = google.calls(method="countTokens")
    request = call["request"]["request"]
    assert request["model"] == f"models/{MODEL}"
    assert [content["role"] for content in request["contents"]] == [
        *("user", "model", "user")
    ]
    assert request["contents"][1]["parts"] == [{"text": "hm"}]


def test_tokens_are_estimated_where_google_does_not_count(client, google):
    google.script({"error": "internal"}, times=None, method="countTokens")

    counted = client.models.count_tokens(model=MODEL, contents="Hello " * 50)

    assert counted.total_tokens > 20


# ----------------------------------------------------------------------- errors


def refusal(client: genai.Client, **asked: Any) -> errors.APIError:
    asked = {"model": MODEL, "contents": "Hello"} | asked
    with pytest.raises(errors.APIError) as refused:
        client.models.generate_content(**asked)
    return refused.value


def details(error: errors.APIError) -> dict[str, Any]:
    """What an error tells, by the last word of its type."""
    told = error.details["error"]["details"]
    return {each["@type"].rpartition(".")[2]: each for each in told}


def test_a_wrong_key(gateway):
    error = refusal(connect(gateway, "sk-gswarm-" + "0" * 32))

    assert (error.code, error.status) == (400, "INVALID_ARGUMENT")
    assert details(error)["ErrorInfo"]["reason"] == "API_KEY_INVALID"


def test_a_key_that_may_not(gateway):
    error = refusal(connect(gateway, gateway.new_key(allowed_models=["gemini-2*"])))

    assert (error.code, error.status) == (403, "PERMISSION_DENIED")


def test_a_model_of_nobodys(client):
    error = refusal(client, model="zork")

    assert (error.code, error.status) == (404, "NOT_FOUND")
    assert "models/zork is not found" in error.message


def test_what_google_refuses_is_told_in_googles_words(client):
    error = refusal(client, config={"temperature": 9})

    assert (error.code, error.status) == (400, "INVALID_ARGUMENT")
    assert "the supported range is from 0.0" in error.message


def test_a_key_at_its_limit(gateway):
    until_minute_is_young()
    client = connect(gateway, gateway.new_key(rate_limit=1))
    client.models.generate_content(model=MODEL, contents="Hello")

    error = refusal(client)

    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    assert details(error)["RetryInfo"]["retryDelay"].endswith("s")
    [violation] = details(error)["QuotaFailure"]["violations"]
    assert violation["quotaId"] == "GatewayRequestsPerMinutePerKey"


def test_a_pool_whose_day_is_used_up(client, google):
    google.script({"error": "daily_quota", "reset_after": 7200}, times=None)

    error = refusal(client)

    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    assert "PerDay" in details(error)["QuotaFailure"]["violations"][0]["quotaId"]


def test_a_pool_that_fails(client, google):
    google.script({"error": "internal"}, times=None)

    error = refusal(client)

    assert isinstance(error, errors.ServerError)
    assert (error.code, error.status) == (500, "INTERNAL")


def test_a_model_without_capacity(client, google):
    google.script({"error": "overloaded"}, times=None)

    error = refusal(client)

    assert (error.code, error.status) == (503, "UNAVAILABLE")


def test_a_body_too_large(client):
    error = refusal(client, contents="x" * 5_000_000)

    assert (error.code, error.status) == (400, "INVALID_ARGUMENT")


def test_what_a_pool_does_not_hold(client, tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)

    for ask in (
        lambda: client.files.upload(file=picture),
        lambda: client.files.list(),
        lambda: client.caches.create(model=MODEL, config={"contents": "Hello"}),
        lambda: client.models.embed_content(
            model="gemini-embedding-001", contents="Hello"
        ),
    ):
        with pytest.raises(errors.APIError) as refused:
            ask()
        assert (refused.value.code, refused.value.status) == (501, "UNIMPLEMENTED")


def test_a_stream_that_is_refused_at_once(client):
    with pytest.raises(errors.ClientError) as refused:
        list(client.models.generate_content_stream(model="zork", contents="Hello"))

    assert refused.value.code == 404


def test_a_stream_that_breaks_ends_with_an_error(client, google):
    google.script({"cut": {"after": 2, "how": "eof"}}, times=None)
    heard = ""

    with pytest.raises(errors.ServerError) as broken:
        for chunk in client.models.generate_content_stream(
            model=MODEL, contents="[[words:200]]"
        ):
            heard += chunk.text or ""

    assert broken.value.status == "INTERNAL"


# ------------------------------------------------------------------------ leaving


def test_a_client_that_leaves_ends_its_call(client, google):
    google.speed(chunk_seconds=0.5)
    chunks = client.models.generate_content_stream(
        model=MODEL, contents="[[words:500]]"
    )
    next(chunks)

    chunks.close()
    client.close()

    left_at = time.monotonic()
    wait_for(lambda: google.open_calls() == 0, 5)
    assert time.monotonic() - left_at < 2


# -------------------------------------------------------------------------- async


async def test_the_asynchronous_client(gateway):
    client = connect(gateway).aio

    reply, pieces, counted = await asyncio.gather(
        client.models.generate_content(model=MODEL, contents="Hello Ember"),
        streamed(client),
        client.models.count_tokens(model=MODEL, contents="Hello"),
    )
    models = [model.name async for model in await client.models.list()]
    await client.aclose()

    assert "Hello Ember" in reply.text
    assert "Hello Ember" in pieces
    assert counted.total_tokens > 0
    assert f"models/{MODEL}" in models


async def streamed(client: Any) -> str:
    chunks = await client.models.generate_content_stream(
        model=MODEL, contents="Hello Ember"
    )
    return "".join([chunk.text or "" async for chunk in chunks])


async def test_asynchronous_functions_are_called(gateway):
    client = connect(gateway).aio
    chat = client.chats.create(
        model=MODEL, config=types.GenerateContentConfig(tools=[get_weather])
    )

    reply = await chat.send_message("[[agent]] What is the weather in 'Oslo'?")
    await client.aclose()

    assert reply.text
