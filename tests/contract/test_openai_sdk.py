"""The official Python SDK, as its users use it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from tests.contract.asking import until_minute_is_young
from tests.contract.conftest import MAX_BODY_MB
from tests.gateway_process import Gateway

MODEL = "gemini-3-flash-preview"
OLDER = "gemini-2.5-flash"
SENTINEL = "skip_thought_signature_validator"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)


@pytest.fixture
def client(gateway: Gateway) -> Iterator[OpenAI]:
    with connect(gateway) as client:
        yield client


def connect(gateway: Gateway, key: str | None = None, **options: Any) -> OpenAI:
    options = {"max_retries": 0, "timeout": 30} | options
    return OpenAI(base_url=f"{gateway.url}/v1", api_key=key or gateway.key, **options)


def said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def tool(name: str, *parameters: str, **options: Any) -> Any:
    function = {
        "name": name,
        "description": f"Does what {name} says.",
        "parameters": {
            "type": "object",
            "properties": {parameter: {"type": "string"} for parameter in parameters},
            "required": list(parameters),
        },
        **options,
    }
    return {"type": "function", "function": function}


# ---------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    "base", ["", "/", "/v1/", "/v1/v1", "/v1beta/openai", "/v1beta/openai/"]
)
def test_every_base_that_people_paste_works(gateway, base):
    with OpenAI(
        base_url=gateway.url + base, api_key=gateway.key, max_retries=0
    ) as client:
        reply = client.chat.completions.create(model=MODEL, messages=said("Hello"))

        assert reply.choices[0].finish_reason == "stop"
        assert MODEL in {model.id for model in client.models.list()}


def test_a_plain_answer(client):
    reply = client.chat.completions.create(model=MODEL, messages=said("Hello Ember"))

    assert reply.object == "chat.completion"
    assert reply.model == MODEL
    [choice] = reply.choices
    assert choice.message.role == "assistant"
    assert f"Simulated {MODEL} heard: Hello Ember" in choice.message.content
    assert choice.finish_reason == "stop"
    usage = reply.usage
    assert usage.prompt_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens_details.reasoning_tokens > 0


def test_the_route_is_in_the_headers(client):
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=said("Hello")
    )

    assert raw.headers["x-request-id"].startswith("req_")
    assert len(raw.headers["x-gswarm-project"]) == 8
    assert raw.headers["x-gswarm-attempts"] == "1"
    assert raw.headers["x-gswarm-cache"] == "bypass"


def test_the_time_an_answer_took_is_in_the_headers(client):
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=said("Hello")
    )

    assert int(raw.headers["openai-processing-ms"]) > 0
    assert raw.headers["openai-version"] == "2020-10-01"


def test_the_whole_conversation_goes_upstream(client, google):
    client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "My name is Ada."},
            {"role": "assistant", "content": "Hello Ada."},
            {"role": "user", "content": [{"type": "text", "text": "Who am I?"}]},
        ],
    )

    [call] = google.calls(method="generateContent") or google.calls(
        method="streamGenerateContent"
    )
    assert call["model"] == MODEL
    request = call["request"]["request"]
    assert request["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert [content["role"] for content in request["contents"]] == [
        "user",
        "model",
        "user",
    ]
    assert request["contents"][2]["parts"] == [{"text": "Who am I?"}]


def test_a_stream(client):
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=said("Tell me a long story"), stream=True
        )
    )

    assert chunks[0].choices[0].delta.role == "assistant"
    assert all(c.choices[0].delta.role is None for c in chunks[1:])
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].choices[0].finish_reason == "stop"
    texts = [c.choices[0].delta.content for c in chunks if c.choices[0].delta.content]
    assert len(texts) > 3
    assert "".join(texts).startswith(f"Simulated {MODEL} heard: Tell me a long story")
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_in_a_stream_comes_once_and_last(client):
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=said("Hello"),
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert [bool(chunk.usage) for chunk in chunks[:-1]] == [False] * (len(chunks) - 1)
    assert chunks[-1].choices == []
    usage = chunks[-1].usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_the_stream_helper(client):
    with client.chat.completions.stream(
        model=MODEL,
        messages=said("Call get_weather('Oslo')"),
        tools=[tool("get_weather", "city", strict=True)],
    ) as stream:
        kinds = {event.type for event in stream}
        completion = stream.get_final_completion()

    assert "tool_calls.function.arguments.done" in kinds
    [call] = completion.choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Oslo"}
    assert completion.choices[0].finish_reason == "tool_calls"


class Person(BaseModel):
    name: str
    age: int
    hobbies: list[str]


def test_parse_with_a_pydantic_model(client):
    reply = client.chat.completions.parse(
        model=MODEL,
        messages=said("Grace is 36 and likes 'chess'."),
        response_format=Person,
    )

    assert isinstance(reply.choices[0].message.parsed, Person)
    assert reply.choices[0].message.parsed.age == 36


def test_parse_in_a_stream(client):
    with client.chat.completions.stream(
        model=MODEL, messages=said("Grace is 36."), response_format=Person
    ) as stream:
        parsed = stream.get_final_completion().choices[0].message.parsed

    assert isinstance(parsed, Person)


def test_json_mode(client):
    reply = client.chat.completions.create(
        model=MODEL,
        messages=said("Give me JSON with 'city' and 'country'"),
        response_format={"type": "json_object"},
    )

    assert set(json.loads(reply.choices[0].message.content)) == {"city", "country"}


def test_stop_ends_the_answer(client):
    reply = client.chat.completions.create(
        model=MODEL, messages=said("[[say:one two three four]]"), stop=["three"]
    )

    assert reply.choices[0].message.content.strip() == "one two"
    assert reply.choices[0].finish_reason == "stop"


def test_length_is_told(client):
    reply = client.chat.completions.create(
        model=OLDER,
        messages=said("[[words:500]]"),
        max_completion_tokens=40,
        reasoning_effort="none",
    )

    assert reply.choices[0].finish_reason == "length"
    assert reply.usage.completion_tokens <= 40


@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high"])
def test_reasoning_effort_reaches_the_model(client, google, effort):
    reply = client.chat.completions.create(
        model=MODEL, messages=said("Hello"), reasoning_effort=effort
    )

    config = google.calls()[-1]["request"]["request"]["generationConfig"]
    assert config["thinkingConfig"]["thinkingLevel"].lower() == effort
    tokens = {"minimal": 8, "low": 24, "medium": 48, "high": 96}[effort]
    assert reply.usage.completion_tokens_details.reasoning_tokens == tokens


def test_thoughts_are_shown_apart(client):
    reply = client.chat.completions.create(model=MODEL, messages=said("Hello"))

    message = reply.choices[0].message
    assert "Reading the question" in message.reasoning_content
    assert "Reading the question" not in message.content


def test_a_filtered_answer_says_so(client):
    reply = client.chat.completions.create(
        model=MODEL, messages=said("[[finish:SAFETY]] Something bad")
    )

    assert reply.choices[0].finish_reason == "content_filter"


@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_prompt_is_a_filtered_answer(client, google, stream):
    asked: Any = {"model": MODEL, "messages": said("[[block:SAFETY]] Hello")}
    if stream:
        chunks = list(client.chat.completions.create(**asked, stream=True))
        finish = chunks[-1].choices[0].finish_reason
    else:
        reply = client.chat.completions.create(**asked)
        finish = reply.choices[0].finish_reason

    assert finish == "content_filter"
    assert len(google.calls(model=MODEL)) == 1


# ------------------------------------------------------------------------ media


def data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def test_an_image(client):
    url = f"data:image/png;base64,{PNG}"
    content: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
    ]
    reply = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": content}]
    )

    assert "image/png of 70 bytes, 1x1 pixels" in reply.choices[0].message.content


def test_audio(client):
    sound = base64.b64encode(b"RIFF____WAVE" + bytes(84)).decode()
    content: Any = [
        {"type": "text", "text": "What do you hear?"},
        {"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}},
    ]
    reply = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": content}]
    )

    assert "audio/wav of 96 bytes" in reply.choices[0].message.content


def test_a_pdf(client):
    document = data_url("application/pdf", b"%PDF-1.7 nothing in it")
    content: Any = [
        {"type": "text", "text": "Sum it up"},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": document}},
    ]
    reply = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": content}]
    )

    assert "application/pdf of 22 bytes" in reply.choices[0].message.content


# ------------------------------------------------------------------------ tools

STEPS = "First call find_city('Norway'), then get_weather('Oslo'), then book('Oslo')."
TOOLS = [tool("find_city", "country"), tool("get_weather", "city"), tool("book", "to")]


def as_sent(message: Any) -> Any:
    """The SDK's own message object, with whatever it kept."""
    return message


def rebuilt(message: Any) -> Any:
    """What clients keep that only know the fields of the API reference."""
    return {
        "role": "assistant",
        "content": message.content,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.function.name,
                    "arguments": call.function.arguments,
                },
            }
            for call in message.tool_calls
        ],
    }


def loop(
    client: OpenAI, prompt: str, keep: Callable[[Any], Any], **options: Any
) -> tuple[list[str], Any]:
    """Call tools until the model has nothing left to call."""
    messages, called = said(prompt), list[str]()
    for _ in range(6):
        reply = client.chat.completions.create(
            model=MODEL, messages=messages, tools=TOOLS, **options
        )
        message = reply.choices[0].message
        if not message.tool_calls:
            return called, message
        messages.append(keep(message))
        for call in message.tool_calls:
            called.append(call.function.name)
            result = f"result of {call.function.name}"
            messages.append(
                {"role": "tool", "tool_call_id": call.id, "content": result}
            )
    raise AssertionError(f"It never ended: {called}")


@pytest.mark.parametrize("keep", [as_sent, rebuilt])
def test_a_loop_of_three_steps_keeps_its_signatures(client, google, keep):
    called, message = loop(client, STEPS, keep)

    assert called == ["find_city", "get_weather", "book"]
    assert "book said result of book" in message.content
    calls = google.calls(model=MODEL)
    assert [call["status"] for call in calls] == [200] * 4
    signatures = [
        part["thoughtSignature"]
        for content in calls[-1]["request"]["request"]["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]
    assert len(signatures) == 3
    assert SENTINEL not in signatures


def test_parallel_calls(client, google):
    called, message = loop(
        client, "Call get_weather for both Oslo and Rome in parallel", rebuilt
    )

    assert called == ["get_weather", "get_weather"]
    assert message.content
    assert [call["status"] for call in google.calls(model=MODEL)] == [200, 200]


def test_one_call_at_most_when_asked(client):
    reply = client.chat.completions.create(
        model=MODEL,
        messages=said("Call get_weather for both Oslo and Rome"),
        tools=TOOLS,
        parallel_tool_calls=False,
    )

    assert len(reply.choices[0].message.tool_calls) == 1


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("none", []),
        ("required", ["find_city"]),
        ({"type": "function", "function": {"name": "book"}}, ["book"]),
    ],
)
def test_tool_choice(client, choice, names):
    reply = client.chat.completions.create(
        model=MODEL, messages=said("Good morning!"), tools=TOOLS, tool_choice=choice
    )

    calls = reply.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls] == names
    assert reply.choices[0].finish_reason == ("tool_calls" if names else "stop")


def test_legacy_functions(client):
    messages = said("Call get_weather('Oslo')")
    functions = [tool["function"] for tool in TOOLS]
    reply = client.chat.completions.create(
        model=MODEL, messages=messages, functions=functions
    )

    [choice] = reply.choices
    assert choice.finish_reason == "function_call"
    call = choice.message.function_call
    assert json.loads(call.arguments) == {"city": "Oslo"}
    messages += [
        {"role": "assistant", "content": None, "function_call": call.model_dump()},
        {"role": "function", "name": call.name, "content": "sunny"},
    ]
    reply = client.chat.completions.create(
        model=MODEL, messages=messages, functions=functions
    )
    assert "get_weather said sunny" in reply.choices[0].message.content


# ----------------------------------------------------------------------- models


def test_models_are_listed_and_found(client):
    models = {model.id for model in client.models.list()}

    assert {MODEL, OLDER} <= models
    assert client.models.retrieve(OLDER).id == OLDER
    assert client.models.retrieve("gpt-4o").id == "gpt-4o"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("llama-3")


def test_an_alias_is_answered_under_its_own_name(client, google):
    reply = client.chat.completions.create(model="gpt-4o", messages=said("Hello"))

    assert reply.model == "gpt-4o"
    assert google.calls()[-1]["model"].startswith("gemini-")


# ----------------------------------------------------------------------- errors


def ask(client: OpenAI, **fields: Any) -> Any:
    asked: Any = {"model": MODEL, "messages": said("Hello")} | fields
    return client.chat.completions.create(**asked)


def test_401(gateway):
    unknown = "sk-gswarm-" + "0" * 32
    with (
        connect(gateway, unknown) as client,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        ask(client)

    assert refused.value.status_code == 401
    assert refused.value.code == "invalid_api_key"


def test_403(gateway):
    key = gateway.new_key("watcher", scopes=["monitor"])
    with (
        connect(gateway, key) as client,
        pytest.raises(openai.PermissionDeniedError),
    ):
        ask(client)


def test_404(client):
    with pytest.raises(openai.NotFoundError) as refused:
        ask(client, model="llama-3")

    assert refused.value.code == "model_not_found"


def test_404_of_a_model_that_google_does_not_have(client, google):
    with pytest.raises(openai.NotFoundError) as refused:
        ask(client, model="gemini-9-flash")

    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"n": 2}, "n"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, "messages[0].role"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
    ],
)
def test_400_names_the_field(client, google, fields, param):
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, **fields)

    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"
    assert google.calls() == []


def test_413(client):
    with pytest.raises(openai.APIStatusError) as refused:
        ask(client, messages=said("x" * (MAX_BODY_MB * 2**20)))

    assert refused.value.status_code == 413


def test_429_is_waited_for_as_long_as_it_says(gateway, google):
    key = gateway.new_key("slow", rate_limit=1)
    until_minute_is_young()
    waits: list[float] = []
    announced: list[float] = []
    with connect(gateway, key, max_retries=1) as client:
        ask(client)
        client._sleep_for_retry = _noting(client, waits, announced)
        with pytest.raises(openai.RateLimitError) as refused:
            ask(client)

    last = float(refused.value.response.headers["retry-after"])
    assert all(1 <= each <= 60 for each in (*announced, last))
    assert waits == pytest.approx(announced, abs=1)
    assert len(waits) == 1
    assert refused.value.response.headers["x-ratelimit-limit-requests"] == "1"
    assert refused.value.response.headers["x-ratelimit-remaining-requests"] == "0"
    assert len(google.calls(model=MODEL)) == 1


def test_429_of_every_project_is_waited_for_and_then_answered(gateway, google):
    google.script({"error": "rate_limit", "reset_after": "7s"}, times=12, model=MODEL)
    waits: list[float] = []
    with connect(gateway, max_retries=2) as client:
        client._sleep_for_retry = _noting(client, waits, [], really=True)
        reply = ask(client)

    assert reply.choices[0].finish_reason == "stop"
    assert waits
    assert all(0.5 <= wait <= 8 for wait in waits)


def test_429_without_hope_is_not_retried(gateway, google):
    google.script(
        {"error": "daily_quota", "reset_after": "21h10m20s"}, times=None, model=MODEL
    )
    with connect(gateway, max_retries=2) as client:
        with pytest.raises(openai.RateLimitError) as refused:
            ask(client)
        number = len(google.calls(model=MODEL))
        with pytest.raises(openai.RateLimitError):
            ask(client)

    assert refused.value.code == "insufficient_quota"
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert 76_000 < int(refused.value.response.headers["retry-after"]) <= 76_220
    assert len(google.calls(model=MODEL)) <= number + 3


def test_502_does_not_tell_what_google_said(client, google):
    google.script({"error": "internal"}, times=None, model=MODEL)

    with pytest.raises(openai.InternalServerError) as refused:
        ask(client)

    assert refused.value.status_code == 502
    assert refused.value.code == "upstream_error"
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert "alice" not in refused.value.response.text
    assert "example.com" not in refused.value.response.text


def test_503_without_any_account(client, gateway):
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)

    with pytest.raises(openai.InternalServerError) as refused:
        ask(client)

    assert refused.value.status_code == 503
    assert refused.value.code == "no_available_account"
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_503_of_a_model_without_capacity(client, google):
    google.quota(capacity={MODEL: False})

    with pytest.raises(openai.InternalServerError) as refused:
        ask(client)

    assert refused.value.status_code == 503
    assert refused.value.code == "overloaded"
    assert int(refused.value.response.headers["retry-after"]) >= 1


def _noting(
    client: OpenAI,
    waits: list[float],
    announced: list[float],
    *,
    really: bool = False,
) -> Callable[..., None]:
    """How long the SDK makes up its mind to wait, noted beside what it was told; waited
    for if ``really``."""

    def sleep(
        *, retries_taken: int, max_retries: int, options: Any, response: Any
    ) -> None:
        headers = response.headers if response is not None else None
        left = max_retries - retries_taken
        wait = client._calculate_retry_timeout(left, options, headers)
        waits.append(wait)
        announced.append(float(response.headers["retry-after"]))
        if really:
            time.sleep(wait)

    return sleep
