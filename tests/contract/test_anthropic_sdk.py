"""Anthropic's official Python SDK, as its users use it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import pytest
import requests
from anthropic import Anthropic, beta_tool
from pydantic import BaseModel

from gswarm.store import names
from tests.contract.asking import until_minute_is_young
from tests.contract.conftest import MAX_BODY_MB
from tests.contract.test_streaming import hang_up
from tests.gateway_process import Gateway, wait_for
from tests.unit.dialects.anthropic_messages.golden import events_of
from tests.unit.dialects.anthropic_messages.strict import message_of_events

MODEL = "gemini-3-flash-preview"
OLDER = "gemini-2.5-flash"
SENTINEL = "skip_thought_signature_validator"
SHOWN: Any = {"type": "adaptive"}
HIDDEN: Any = {"type": "adaptive", "display": "omitted"}
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)


@pytest.fixture
def client(gateway: Gateway) -> Iterator[Anthropic]:
    with connect(gateway) as client:
        yield client


def connect(gateway: Gateway, key: str | None = None, **options: Any) -> Anthropic:
    options = {"max_retries": 0, "timeout": 30} | options
    return Anthropic(base_url=gateway.url, api_key=key or gateway.key, **options)


def said(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def asked(content: Any = "Hello", **fields: Any) -> Any:
    """The members of a request."""
    return {"model": MODEL, "max_tokens": 2_000, "messages": said(content)} | fields


def tool(name: str, *parameters: str) -> Any:
    schema = {
        "type": "object",
        "properties": {parameter: {"type": "string"} for parameter in parameters},
        "required": list(parameters),
    }
    return {"name": name, "description": f"Does {name}.", "input_schema": schema}


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def uses_of(message: Any) -> list[Any]:
    return [block for block in message.content if block.type == "tool_use"]


# ---------------------------------------------------------------------- answers


def test_a_plain_answer(client):
    message = client.messages.create(**asked("Hello Ember"))

    assert (message.type, message.role, message.model) == (
        "message",
        "assistant",
        MODEL,
    )
    assert message.id.startswith("msg_")
    [block] = message.content
    assert f"Simulated {MODEL} heard: Hello Ember" in block.text
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0
    assert message.usage.cache_read_input_tokens == 0


def test_the_route_is_in_the_headers(client):
    raw = client.messages.with_raw_response.create(**asked())

    assert raw.headers["request-id"].startswith("req_")
    assert raw.headers["request-id"] == raw.headers["x-request-id"]
    assert raw.parse()._request_id == raw.headers["request-id"]
    assert len(raw.headers["x-gswarm-project"]) == 8
    assert raw.headers["x-gswarm-attempts"] == "1"


def test_the_whole_conversation_goes_upstream(client, google):
    messages = [
        {"role": "user", "content": "My name is Ada."},
        {"role": "system", "content": "The user is in Oslo."},
        {"role": "assistant", "content": "Hello Ada."},
        {"role": "user", "content": [{"type": "text", "text": "Who am I?"}]},
    ]
    client.messages.create(**asked(messages=messages, system="Be brief."))

    [call] = google.calls()
    assert call["model"] == MODEL
    request = call["request"]["request"]
    assert request["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    roles = [content["role"] for content in request["contents"]]
    assert roles == ["user", "model", "user"]
    reminder = "<system-reminder>\nThe user is in Oslo.\n</system-reminder>"
    assert request["contents"][0]["parts"][1] == {"text": reminder}


def test_a_stream(client):
    events = list(client.messages.create(**asked("[[words:80]]"), stream=True))

    assert events[0].type == "message_start"
    assert events[0].message.usage.input_tokens > 0
    assert events[0].message.usage.output_tokens == 0
    kinds = [event.type for event in events]
    assert kinds.count("content_block_delta") > 3
    assert kinds[-2:] == ["message_delta", "message_stop"]
    assert events[-2].usage.output_tokens > 80


def test_the_stream_helper(client):
    prompt = "Call get_weather('Oslo')"
    with client.messages.stream(
        **asked(prompt, tools=[tool("get_weather", "city")])
    ) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_message()

    assert "input_json" in kinds
    [use] = uses_of(message)
    assert (use.name, use.input) == ("get_weather", {"city": "Oslo"})
    assert message.stop_reason == "tool_use"
    assert message.usage.input_tokens > 0


def test_text_as_it_comes(client):
    with client.messages.stream(**asked("Tell me a long story")) as stream:
        pieces = list(stream.text_stream)

    assert len(pieces) > 3
    heard = f"Simulated {MODEL} heard: Tell me a long story"
    assert "".join(pieces).startswith(heard)


STREAMED = {
    "text": {},
    "thoughts": {"thinking": SHOWN},
    "a call": {"tools": [tool("get_weather", "city")], "thinking": SHOWN},
    "calls": {"tools": [tool("get_weather", "city")], "thinking": HIDDEN},
    "search": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
}
PROMPTS = {
    "a call": "Call get_weather('Oslo')",
    "calls": "Call get_weather for both Oslo and Rome in parallel",
}


@pytest.mark.parametrize("kind", STREAMED)
def test_a_stream_keeps_every_rule(gateway, google, kind):
    body = asked(PROMPTS.get(kind, "Hello"), **STREAMED[kind], stream=True)
    with post(gateway, "/v1/messages?beta=true", body) as reply:
        stream = reply.content

    assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["X-Accel-Buffering"] == "no"
    assert reply.headers["request-id"]
    message = message_of_events(events_of(stream))
    assert message["content"]


def test_a_silent_stream_is_kept_alive_by_pings(gateway, google):
    google.script({"stall": {"before": "first_chunk", "seconds": 17}}, model=MODEL)
    with post(gateway, "/v1/messages", asked(stream=True)) as reply:
        kinds = [name for name, _ in events_of(reply.content)]

    assert kinds[:2] == ["message_start", "ping"]
    assert kinds[-1] == "message_stop"


class Person(BaseModel):
    name: str
    age: int


def test_structured_output(client):
    message = client.messages.parse(**asked("Grace is 36."), output_format=Person)

    assert isinstance(message.parsed_output, Person)
    assert message.parsed_output.age == 36


def test_a_stop_sequence_ends_the_answer(client):
    prompt = "[[say:one two three four]]"
    message = client.messages.create(**asked(prompt, stop_sequences=["three"]))

    assert text_of(message).strip() == "one two"
    assert message.stop_reason == "end_turn"


def test_length_is_told(client):
    thinking: Any = {"type": "disabled"}
    message = client.messages.create(
        **asked("[[words:500]]", model=OLDER, max_tokens=40, thinking=thinking)
    )

    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens <= 40


def test_more_tokens_than_the_model_has_are_all_of_them(client, google):
    with client.messages.stream(**asked(max_tokens=128_000)) as stream:
        stream.until_done()

    config = google.calls()[-1]["request"]["request"]["generationConfig"]
    assert config["maxOutputTokens"] == 65_536


def test_thinking_is_shown(client):
    message = client.messages.create(**asked(thinking=SHOWN))

    thought, text = message.content
    assert "Reading the question" in thought.thinking
    assert thought.signature
    assert "Reading the question" not in text.text
    assert message.usage.output_tokens_details.thinking_tokens > 0


def test_thinking_is_left_out_where_it_was_not_asked_for(client):
    assert [b.type for b in client.messages.create(**asked()).content] == ["text"]


@pytest.mark.parametrize(
    ("effort", "level"), [("low", "low"), ("medium", "medium"), ("max", "high")]
)
def test_effort_reaches_the_model(client, google, effort, level):
    client.messages.create(**asked(output_config={"effort": effort}))

    config = google.calls()[-1]["request"]["request"]["generationConfig"]
    assert config["thinkingConfig"]["thinkingLevel"].lower() == level


def test_a_filtered_answer_is_a_refusal(client):
    message = client.messages.create(**asked("[[finish:SAFETY]] Something bad"))

    assert message.stop_reason == "refusal"
    assert message.stop_details.explanation
    assert text_of(message)


def test_a_blocked_prompt_is_a_refusal_in_a_stream_too(client, google):
    for stream in (False, True):
        prompt = f"[[block:SAFETY]] Hello {stream}"
        if stream:
            with client.messages.stream(**asked(prompt)) as flow:
                message = flow.get_final_message()
        else:
            message = client.messages.create(**asked(prompt))
        assert (message.stop_reason, message.content) == ("refusal", [])
    assert len(google.calls(model=MODEL)) == 2


def test_a_web_search_of_its_own(client):
    search: Any = [{"type": "web_search_20250305", "name": "web_search"}]
    message = client.messages.create(**asked("Weather in Oslo?", tools=search))

    use, found, text = message.content
    assert use.type == "server_tool_use"
    assert use.input["query"]
    assert [page.title for page in found.content] == ["example.org", "example.net"]
    assert text.text
    assert message.usage.server_tool_use.web_search_requests == 1


def test_nothing_to_generate_asks_nobody(client, google):
    message = client.messages.create(**asked(max_tokens=0))
    events = list(client.messages.create(**asked(max_tokens=0), stream=True))

    assert (message.content, message.stop_reason) == ([], "max_tokens")
    assert message.usage.output_tokens == 0
    assert [e.type for e in events] == [
        "message_start",
        "message_delta",
        "message_stop",
    ]
    assert google.calls() == []


# ------------------------------------------------------------------------ media


def embedded(kind: str, media_type: str, data: str) -> Any:
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"type": kind, "source": source}


def test_an_image(client):
    image = embedded("image", "image/jpeg", PNG)
    message = client.messages.create(**asked([image, {"type": "text", "text": "?"}]))

    assert "image/png of 70 bytes, 1x1 pixels" in text_of(message)


def test_a_pdf(client):
    data = base64.b64encode(b"%PDF-1.7 nothing in it").decode()
    document = embedded("document", "application/pdf", data)
    message = client.messages.create(**asked([document, {"type": "text", "text": "?"}]))

    assert "application/pdf of 22 bytes" in text_of(message)


def test_an_image_at_a_private_address_is_not_fetched(client, google):
    image = {"type": "image", "source": {"type": "url", "url": "http://127.0.0.1:1/a"}}
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.create(**asked([image]))

    assert "messages.0.content.0.source.url" in refused.value.message
    assert google.calls() == []


# ------------------------------------------------------------------------ tools

STEPS = "First call find_city('Norway'), then get_weather('Oslo'), then book('Oslo')."
TOOLS = [tool("find_city", "country"), tool("get_weather", "city"), tool("book", "to")]


def as_sent(message: Any) -> Any:
    """All blocks, as the SDK has them."""
    return message.content


def without_thinking(message: Any) -> Any:
    """What clients keep that strip thinking."""
    return [b for b in message.content if b.type in ("text", "tool_use")]


def loop(
    client: Anthropic,
    prompt: str,
    keep: Callable[[Any], Any] = as_sent,
    *,
    reverse: bool = False,
    before_each: Callable[[], object] = lambda: None,
    **options: Any,
) -> tuple[list[str], Any]:
    """Call tools until the model has nothing left to call."""
    messages, called = said(prompt), list[str]()
    for _ in range(6):
        before_each()
        message = client.messages.create(
            **asked(messages=messages, tools=TOOLS, **options)
        )
        uses = uses_of(message)
        if not uses:
            return called, message
        called += [use.name for use in uses]
        results = [
            {
                "type": "tool_result",
                "tool_use_id": use.id,
                "content": f"result of {use.name}({next(iter(use.input.values()))})",
            }
            for use in uses
        ]
        if reverse:
            results.reverse()
        messages.append({"role": "assistant", "content": keep(message)})
        messages.append({"role": "user", "content": results})
    raise AssertionError(f"It never ended: {called}")


def signatures_of(call: dict[str, Any]) -> list[str | None]:
    return [
        part.get("thoughtSignature")
        for content in call["request"]["request"]["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]


@pytest.mark.parametrize("keep", [as_sent, without_thinking])
@pytest.mark.parametrize("thinking", [SHOWN, HIDDEN, {"type": "disabled"}])
def test_a_loop_of_three_steps_keeps_its_signatures(client, google, keep, thinking):
    called, message = loop(client, STEPS, keep, thinking=thinking)

    assert called == ["find_city", "get_weather", "book"]
    assert "book said result of book" in text_of(message)
    calls = google.calls(model=MODEL)
    assert [call["status"] for call in calls] == [200] * 4
    signatures = signatures_of(calls[-1])
    assert len(signatures) == 3
    assert None not in signatures
    assert SENTINEL not in signatures


def test_s02_a_gateway_that_forgot_is_reminded_by_the_thinking(client, google, gateway):
    def forget() -> None:
        kept = list(gateway.store.scan_iter(f"{names.known_call('')}*"))
        assert not kept or gateway.store.delete(*kept)

    # Signatures are bound to accounts here; without memory nobody knows whose it was.
    google.options(signature_binding="model")
    loop(client, STEPS, thinking=HIDDEN, before_each=forget)

    calls = google.calls(model=MODEL)
    assert [call["status"] for call in calls] == [200] * 4
    assert SENTINEL not in signatures_of(calls[-1])
    assert None not in signatures_of(calls[-1])


def test_parallel_calls_whose_results_come_in_another_order(client, google):
    prompt = "Call get_weather for both Oslo and Rome in parallel"
    called, message = loop(client, prompt, reverse=True, thinking=HIDDEN)

    assert called == ["get_weather", "get_weather"]
    assert text_of(message)
    first, second = google.calls(model=MODEL)
    assert (first["status"], second["status"]) == (200, 200)
    results = second["request"]["request"]["contents"][-1]["parts"]
    told = [part["functionResponse"]["response"]["result"] for part in results]
    assert told == ["result of get_weather(Oslo)", "result of get_weather(Rome)"]


def test_one_call_at_most_when_asked(client):
    choice: Any = {"type": "auto", "disable_parallel_tool_use": True}
    message = client.messages.create(
        **asked(
            "Call get_weather for both Oslo and Rome", tools=TOOLS, tool_choice=choice
        )
    )

    assert len(uses_of(message)) == 1


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ({"type": "none"}, []),
        ({"type": "any"}, ["find_city"]),
        ({"type": "tool", "name": "book"}, ["book"]),
    ],
)
def test_tool_choice(client, choice, called):
    message = client.messages.create(
        **asked("Good morning!", tools=TOOLS, tool_choice=choice)
    )

    assert [use.name for use in uses_of(message)] == called
    assert message.stop_reason == ("tool_use" if called else "end_turn")


def test_the_sdks_own_tool_runner(client, google):
    heard = []

    @beta_tool
    def get_weather(city: str) -> str:
        """The weather somewhere."""
        heard.append(city)
        return "sunny"

    runner = client.beta.messages.tool_runner(
        **asked("Call get_weather('Oslo')"), tools=[get_weather]
    )
    message = runner.until_done()

    assert heard == ["Oslo"]
    assert "get_weather said sunny" in text_of(message)


def test_a_conversation_goes_on_through_another_door(client, gateway, google):
    """The id of a call is the same to OpenAI's clients, whose door this one passes."""
    tools = [tool("get_weather", "city")]
    first = client.messages.create(
        **asked("Call get_weather('Oslo')", tools=tools, thinking=HIDDEN)
    )
    [use] = uses_of(first)
    call = {"id": use.id, "type": "function"}
    function = {"name": use.name, "arguments": json.dumps(use.input)}
    messages = [
        *said("Call get_weather('Oslo')"),
        {"role": "assistant", "tool_calls": [call | {"function": function}]},
        {"role": "tool", "tool_call_id": use.id, "content": "sunny"},
    ]
    schema = tools[0]["input_schema"]
    declared = {"name": "get_weather", "parameters": schema}
    body = {
        "model": MODEL,
        "messages": messages,
        "tools": [{"type": "function", "function": declared}],
    }
    reply = post(gateway, "/v1/chat/completions", body)

    assert "sunny" in reply.json()["choices"][0]["message"]["content"]
    [signature] = signatures_of(google.calls(model=MODEL)[-1])
    assert signature not in (None, SENTINEL)


# --------------------------------------------------------------- other endpoints


def test_o01_tokens_are_counted_at_no_cost(gateway, google):
    key = gateway.new_key("counter", rate_limit=1)
    with connect(gateway, key) as client, ThreadPoolExecutor(25) as pool:

        def count(_: int) -> int:
            counted = client.messages.count_tokens(
                model="claude-gw-gemini-2.5-flash", messages=said("foo"), tools=TOOLS
            )
            return counted.input_tokens

        counts = set(pool.map(count, range(25)))
        client.messages.create(**asked())

    assert len(counts) == 1
    assert counts.pop() > 1
    assert len(google.calls()) == 1


def test_models_are_listed_and_found(client):
    listed = {model.id: model for model in client.models.list(limit=3)}

    assert {MODEL, OLDER, f"claude-gw-{OLDER}"} <= listed.keys()
    assert listed[OLDER].display_name == "Gemini 2.5 Flash (via GSwarm)"
    assert client.models.retrieve(f"claude-gw-{OLDER}[1m]").max_tokens == 65_536
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("llama-3")


def test_o04_without_the_version_models_are_openais(gateway):
    headers = {"x-api-key": gateway.key}
    listed = requests.get(f"{gateway.url}/v1/models", headers=headers, timeout=10)

    assert listed.json()["object"] == "list"


def test_a_twin_is_answered_under_its_own_name(client, google):
    name = f"claude-gw-{OLDER}"
    assert client.messages.create(**asked(model=f"{name}[1M]")).model == name
    assert google.calls()[-1]["model"] == OLDER


@pytest.mark.parametrize("stream", [False, True])
def test_the_model_that_answers_is_in_the_headers(gateway, stream):
    body = asked(model=f"claude-gw-{OLDER}", stream=stream)
    answered = post(gateway, "/v1/messages", body)
    again = post(gateway, "/v1/messages", body | {"temperature": 0})
    kept = post(gateway, "/v1/messages", body | {"temperature": 0})

    assert [a.headers["x-gswarm-model"] for a in (answered, again, kept)] == [OLDER] * 3
    assert kept.headers["x-gswarm-cache"] == "hit"


@pytest.mark.parametrize(
    "path", ["/messages", "/v1/messages/", "/v1/v1/messages", "/v1/messages?beta=true"]
)
def test_r13_every_base_that_people_paste(gateway, path):
    assert post(gateway, path, asked()).json()["type"] == "message"


def test_o09_the_front_door_answers_a_knock(gateway):
    knocked = requests.head(gateway.url + "/", timeout=10)

    assert knocked.status_code == 200


def test_o09_a_browser_may_call(gateway):
    headers = {
        "Origin": "https://somewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,anthropic-version",
    }
    allowed = requests.options(
        f"{gateway.url}/v1/messages", headers=headers, timeout=10
    )

    assert allowed.status_code == 204
    assert "anthropic-version" in allowed.headers["Access-Control-Allow-Headers"]
    assert "request-id" in allowed.headers["Access-Control-Expose-Headers"]


# ----------------------------------------------------------------------- errors


def post(gateway: Gateway, path: str, body: Any, **headers: str) -> requests.Response:
    shown = {"x-api-key": gateway.key} | headers
    return requests.post(gateway.url + path, json=body, headers=shown, timeout=40)


def refused_by(client: Anthropic, kind: type[Any], **fields: Any) -> Any:
    with pytest.raises(kind) as refused:
        client.messages.create(**asked(), extra_body=fields)
    error = refused.value
    assert error.body["type"] == "error"
    assert error.body["request_id"] == error.request_id
    return error


def test_401(gateway):
    with connect(gateway, "sk-gswarm-" + "0" * 32) as client:
        error = refused_by(client, anthropic.AuthenticationError)

    assert error.body["error"] == {
        "type": "authentication_error",
        "message": "invalid x-api-key",
    }


def test_o07_keys_in_either_header(gateway):
    body, key = asked(), gateway.key
    for headers, status in (
        ({"x-api-key": key}, 200),
        ({"x-api-key": "", "Authorization": f"Bearer {key}"}, 200),
        ({"Authorization": f"Bearer {key}"}, 200),
        ({"x-api-key": "stale", "Authorization": f"Bearer {key}"}, 200),
        ({"x-api-key": ""}, 401),
    ):
        assert post(gateway, "/v1/messages", body, **headers).status_code == status


def test_403(gateway):
    with connect(gateway, gateway.new_key("watcher", scopes=["monitor"])) as client:
        error = refused_by(client, anthropic.PermissionDeniedError)

    assert error.body["error"]["type"] == "permission_error"


@pytest.mark.parametrize("model", ["llama-3", "gemini-9-flash"])
def test_404_names_the_model(client, model):
    error = refused_by(client, anthropic.NotFoundError, model=model)

    assert error.body["error"] == {
        "type": "not_found_error",
        "message": f"model: {model}",
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"temperature": "hot"}, "temperature: Input should be a valid number"),
        ({"messages": "Hello"}, "messages: Input should be a valid list"),
        ({"messages": []}, "messages: at least one message is required"),
        (
            {"messages": [{"role": "robot", "content": "Hi"}]},
            'messages.0.role: Unexpected role "robot". Allowed roles are "user",'
            ' "assistant" or "system"',
        ),
        ({"tools": [{"input_schema": {}}]}, "tools.0.name: Field required"),
    ],
)
def test_400_names_the_field(client, google, fields, message):
    error = refused_by(client, anthropic.BadRequestError, **fields)

    assert error.body["error"] == {"type": "invalid_request_error", "message": message}
    assert google.calls() == []


def test_413(client):
    words = "x" * (MAX_BODY_MB * 2**20)
    with pytest.raises(anthropic.APIStatusError) as refused:
        client.messages.create(**asked(words))

    assert refused.value.status_code == 413
    assert refused.value.body["error"]["type"] == "request_too_large"


def test_429_tells_when_to_come_back(gateway):
    until_minute_is_young()
    with connect(gateway, gateway.new_key("slow", rate_limit=1)) as client:
        client.messages.create(**asked())
        error = refused_by(client, anthropic.RateLimitError)

    assert error.body["error"]["type"] == "rate_limit_error"
    assert 1 <= int(error.response.headers["retry-after"]) <= 60
    assert error.response.headers["anthropic-ratelimit-requests-limit"] == "1"
    assert error.response.headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert error.response.headers["anthropic-ratelimit-requests-reset"].endswith("Z")


def test_o13_429_without_hope_is_final(client, google):
    google.script(
        {"error": "daily_quota", "reset_after": "3h"}, times=None, model=MODEL
    )
    error = refused_by(client, anthropic.RateLimitError)

    assert error.response.headers["x-should-retry"] == "false"
    assert 10_700 < int(error.response.headers["retry-after"]) <= 10_810


def test_500_does_not_tell_what_google_said(client, google):
    google.script({"error": "internal"}, times=None, model=MODEL)
    error = refused_by(client, anthropic.InternalServerError)

    assert (error.status_code, error.body["error"]["type"]) == (500, "api_error")
    assert error.response.headers["x-should-retry"] == "false"
    assert "alice" not in error.response.text


def test_o14_529_without_any_account(client, gateway):
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)
    error = refused_by(client, anthropic.APIStatusError)

    assert (error.status_code, error.body["error"]["type"]) == (529, "overloaded_error")
    assert error.response.headers["x-should-retry"] == "false"


def test_529_of_a_model_without_capacity(client, google):
    google.quota(capacity={MODEL: False})
    error = refused_by(client, anthropic.APIStatusError)

    assert (error.status_code, error.body["error"]["type"]) == (529, "overloaded_error")


def test_o12_an_overlong_prompt_in_the_words_that_begin_a_compaction(client, google):
    google.script({"error": "too_long"}, model=MODEL)
    error = refused_by(client, anthropic.BadRequestError)

    words, _, numbers = error.body["error"]["message"].partition(": ")
    assert words == "prompt is too long"
    tokens, most = numbers.removesuffix(" maximum").split(" tokens > ")
    assert int(tokens) > int(most) > 1000


def test_a10_an_empty_answer_is_asked_for_again_and_then_told(client, google):
    message = client.messages.create(**asked("[[empty]] Hello"))

    assert (message.content, message.stop_reason) == ([], "end_turn")
    assert len(google.calls(model=MODEL)) == 2


def test_e06_a_stream_that_never_began_is_an_ordinary_refusal(client, google):
    google.script(
        {"error": "daily_quota", "reset_after": "3h"}, times=None, model=MODEL
    )
    with pytest.raises(anthropic.RateLimitError) as refused:
        client.messages.create(**asked(), stream=True)

    assert refused.value.response.headers["content-type"] == "application/json"
    assert int(refused.value.response.headers["retry-after"]) > 10_000


def test_e10_googles_stream_in_pieces_is_read_whole(gateway, google):
    google.script({"split_writes": True, "comments": True}, model=MODEL)
    words = "[[say:Blåbær, \u2028 et 🔥, and an end]]"
    with post(gateway, "/v1/messages", asked(words, stream=True)) as reply:
        message = message_of_events(events_of(reply.content))

    assert message["content"][0]["text"] == "Blåbær, \u2028 et 🔥, and an end"


def test_s10_a_refused_signature_is_mended_once(client, google):
    def refuse() -> None:
        if google.calls():
            google.script({"error": "signature_corrupted"}, model=MODEL)

    called, _ = loop(client, "Call get_weather('Oslo')", before_each=refuse)

    assert called == ["get_weather"]
    statuses = [call["status"] for call in google.calls(model=MODEL)]
    assert statuses == [200, 400, 200]
    assert signatures_of(google.calls(model=MODEL)[-1]) == [SENTINEL]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"midstream_error": {"after": 2, "error": "capacity"}}, "overloaded_error"),
        ({"midstream_error": {"after": 2, "error": "internal"}}, "api_error"),
        ({"cut": {"after": 2, "how": "eof"}}, "api_error"),
    ],
)
def test_e07_a_stream_that_breaks_says_so_and_nothing_else(
    gateway, google, fault, kind
):
    google.script(fault, times=None, model=MODEL)
    with post(gateway, "/v1/messages", asked("[[words:80]]", stream=True)) as reply:
        events = events_of(reply.content)

    assert reply.status_code == 200
    name, data = events[-1]
    assert (name, data["error"]["type"]) == ("error", kind)
    assert data["error"]["message"]
    assert not {"message_delta", "message_stop"} & {name for name, _ in events}


def test_e11_a_client_that_leaves_ends_the_call_to_google(gateway, google):
    google.script({"slow": {"chunk_seconds": 0.2, "chunks": 100}}, model=MODEL)
    body = asked("Hello", stream=True)
    reply = requests.post(
        f"{gateway.url}/v1/messages",
        json=body,
        headers={"x-api-key": gateway.key},
        stream=True,
        timeout=30,
    )
    lines = reply.iter_lines(chunk_size=1)
    assert any(b"text_delta" in line for line in lines)
    hang_up(reply)

    wait_for(lambda: google.open_calls() == 0, 3)
    [call] = google.calls(model=MODEL)
    assert call["closed_by_client"]


VERSION = {"anthropic-version": "2099-01-01"}


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("POST", "/v1/nowhere", 404, "not_found_error"),
        ("POST", "/v1/messages/batches", 404, "not_found_error"),
        ("GET", "/v1/messages", 405, "invalid_request_error"),
        ("GET", "/v1/models/nobody", 404, "not_found_error"),
        ("GET", "/v1/models?limit=0", 400, "invalid_request_error"),
    ],
)
def test_o15_strays_are_told_in_their_own_words(gateway, method, path, status, kind):
    headers = {"x-api-key": gateway.key, **VERSION}
    told = requests.request(method, gateway.url + path, headers=headers, timeout=10)

    assert told.status_code == status
    assert told.json()["type"] == "error"
    assert told.json()["error"]["type"] == kind
    assert told.headers["request-id"] == told.json()["request_id"]


@pytest.mark.parametrize("body", [b"{", b"[1]", b"", b'{"a":' * 5_000])
def test_a_body_that_is_no_request_is_told_so(gateway, body):
    headers = {"x-api-key": gateway.key, "Content-Type": "application/json"}
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        told = requests.post(gateway.url + path, data=body, headers=headers, timeout=10)
        assert told.status_code == 400
        assert told.json()["error"]["type"] == "invalid_request_error"


def test_the_record_names_the_dialect(client, gateway):
    raw = client.messages.with_raw_response.create(**asked())
    shown = requests.get(
        f"{gateway.url}/api/gswarm/requests/{raw.headers['request-id']}",
        headers=gateway.headers,
        timeout=10,
    )

    assert shown.json()["dialect"] == "anthropic_messages"
