"""OpenAI's Responses by the official Python SDK, as its users use it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests
from openai import OpenAI
from pydantic import BaseModel

from tests.contract.conftest import MAX_BODY_MB
from tests.contract.test_openai_sdk import MODEL, OLDER, PNG, SENTINEL, connect
from tests.gateway_process import Gateway

NEVER = "resp_" + "0" * 48


@pytest.fixture
def client(gateway: Gateway) -> Iterator[OpenAI]:
    with connect(gateway) as client:
        yield client


def tool(name: str, *parameters: str, **options: Any) -> Any:
    return {
        "type": "function",
        "name": name,
        "description": f"Does what {name} says.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {parameter: {"type": "string"} for parameter in parameters},
            "required": list(parameters),
            "additionalProperties": False,
        },
        **options,
    }


TOOLS = [tool("find_city", "country"), tool("get_weather", "city"), tool("book", "to")]
STEPS = "First call find_city('Norway'), then get_weather('Oslo'), then book('Oslo')."


def ask(client: OpenAI, input: Any = "Hello", **fields: Any) -> Any:
    return client.responses.create(**{"model": MODEL, "input": input, **fields})


def asked_last(google) -> dict[str, Any]:
    """The last request that Google got."""
    return google.calls()[-1]["request"]["request"]


# ---------------------------------------------------------------------- answers


def test_a_plain_answer(client):
    response = ask(client, "Hello Ember", metadata={"a": "b"})

    assert response.object == "response"
    assert response.status == "completed"
    assert response.model == MODEL
    assert response.metadata == {"a": "b"}
    assert f"Simulated {MODEL} heard: Hello Ember" in response.output_text
    usage = response.usage
    assert usage.input_tokens > 0
    assert usage.output_tokens_details.reasoning_tokens > 0
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens


def test_the_route_is_in_the_headers(client):
    raw = client.responses.with_raw_response.create(model=MODEL, input="Hello")

    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["x-gswarm-attempts"] == "1"


def test_instructions_and_the_conversation_go_upstream(client, google):
    ask(
        client,
        [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": "My name is Ada."},
            {"role": "assistant", "content": "Hello Ada."},
            {"role": "user", "content": [{"type": "input_text", "text": "Who am I?"}]},
        ],
        instructions="Be brief.",
    )

    request = asked_last(google)
    assert request["systemInstruction"]["parts"] == [{"text": "Be brief.\n\nBe kind."}]
    roles = [content["role"] for content in request["contents"]]
    assert roles == ["user", "model", "user"]


def test_a_stream(client):
    events = list(ask(client, "Tell me a long story", stream=True))

    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [e.delta for e in events if e.type == "response.output_text.delta"]
    assert len(deltas) > 3
    final = events[-1].response
    assert "".join(deltas) == final.output_text
    assert final.id == events[0].response.id


def test_the_stream_helper(client):
    with client.responses.stream(
        model=MODEL, input="Call get_weather('Oslo')", tools=TOOLS
    ) as stream:
        kinds = {event.type for event in stream}
        response = stream.get_final_response()

    assert "response.function_call_arguments.done" in kinds
    [call] = [item for item in response.output if item.type == "function_call"]
    assert call.name == "get_weather"
    assert json.loads(call.arguments) == {"city": "Oslo"}


class Person(BaseModel):
    name: str
    age: int
    hobbies: list[str]


def test_parse_with_a_pydantic_model(client):
    response = client.responses.parse(
        model=MODEL, input="Grace is 36 and likes 'chess'.", text_format=Person
    )

    assert isinstance(response.output_parsed, Person)
    assert response.output_parsed.age == 36


def test_parse_in_a_stream(client):
    with client.responses.stream(
        model=MODEL, input="Grace is 36.", text_format=Person
    ) as stream:
        for _ in stream:
            pass
        parsed = stream.get_final_response().output_parsed

    assert isinstance(parsed, Person)


def test_json_mode(client):
    response = ask(
        client,
        "Give me JSON with 'city' and 'country'",
        text={"format": {"type": "json_object"}},
    )

    assert set(json.loads(response.output_text)) == {"city", "country"}


def test_the_limit_is_told(client):
    response = ask(
        client,
        "[[words:500]]",
        model=OLDER,
        max_output_tokens=40,
        reasoning={"effort": "none"},
    )

    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.usage.output_tokens <= 40


@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high"])
def test_effort_reaches_the_model(client, google, effort):
    ask(client, reasoning={"effort": effort})

    thinking = asked_last(google)["generationConfig"]["thinkingConfig"]
    assert thinking["thinkingLevel"].lower() == effort


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_are_shown_where_a_summary_is_asked_for(client, stream):
    answer = ask(client, reasoning={"summary": "auto"}, stream=stream)
    response = list(answer)[-1].response if stream else answer

    [thoughts, message] = response.output
    assert thoughts.type == "reasoning"
    assert "Reading the question" in thoughts.summary[0].text
    assert "Reading the question" not in message.content[0].text
    assert [item.type for item in ask(client).output] == ["message"]


def test_a_filtered_answer_says_so(client):
    response = ask(client, "[[finish:SAFETY]] Something bad")

    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "content_filter"


def test_R54_a_blocked_prompt_is_refused(client, google):
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, "[[block:SAFETY]] Hello")

    assert (refused.value.code, refused.value.param) == ("invalid_prompt", "input")
    assert len(google.calls(model=MODEL)) == 1


def test_R72_a_blocked_prompt_fails_in_a_stream(client):
    *_, error, failed = ask(client, "[[block:SAFETY]] Hello", stream=True)

    assert (error.type, error.code) == ("error", "invalid_prompt")
    assert failed.type == "response.failed"
    assert failed.response.error.code == "invalid_prompt"


# ------------------------------------------------------------------------ media


def test_an_image(client):
    image = {
        "type": "input_image",
        "image_url": f"data:image/png;base64,{PNG}",
        "detail": "low",
    }
    words = {"type": "input_text", "text": "What is this?"}
    response = ask(client, [{"role": "user", "content": [words, image]}])

    assert "image/png of 70 bytes, 1x1 pixels" in response.output_text


def test_a_pdf(client):
    data = base64.b64encode(b"%PDF-1.7 nothing in it").decode()
    document = {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": f"data:application/pdf;base64,{data}",
    }
    words = {"type": "input_text", "text": "Sum it up"}
    response = ask(client, [{"role": "user", "content": [words, document]}])

    assert "application/pdf of 22 bytes" in response.output_text


def test_R06_an_address_in_the_house_is_not_fetched(client, google):
    image = {"type": "input_image", "image_url": "http://127.0.0.1:1/a.png"}
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, [{"role": "user", "content": [image]}])

    assert refused.value.param == "input[0].content[0].image_url"
    assert google.calls() == []


# ------------------------------------------------------------------------ tools


def results_for(response: Any) -> list[Any]:
    return [
        {
            "type": "function_call_output",
            "call_id": item.call_id,
            "output": f"result of {item.name}",
        }
        for item in response.output
        if item.type == "function_call"
    ]


def as_it_came(response: Any) -> list[Any]:
    """The output as people append it."""
    return list(response.output)


def only_the_calls(response: Any) -> list[Any]:
    """What clients keep that drop ids and thoughts."""
    return [
        {
            "type": "function_call",
            "call_id": item.call_id,
            "name": item.name,
            "arguments": item.arguments,
        }
        for item in response.output
        if item.type == "function_call"
    ]


@pytest.mark.parametrize("keep", [as_it_came, only_the_calls])
@pytest.mark.parametrize("store", [True, False])
def test_a_loop_of_three_steps_keeps_its_signatures(client, google, keep, store):
    items: list[Any] = [{"role": "user", "content": STEPS}]
    called = []
    include: Any = [] if store else ["reasoning.encrypted_content"]
    for _ in range(4):
        response = ask(client, items, tools=TOOLS, store=store, include=include)
        results = results_for(response)
        if not results:
            break
        called += [i.name for i in response.output if i.type == "function_call"]
        items += [*keep(response), *results]

    assert called == ["find_city", "get_weather", "book"]
    assert "book said result of book" in response.output_text
    assert_signed(google, 3)


def assert_signed(google, number: int) -> None:
    calls = google.calls(model=MODEL)
    assert {call["status"] for call in calls} == {200}
    signatures = [
        part["thoughtSignature"]
        for content in calls[-1]["request"]["request"]["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]
    assert len(signatures) == number
    assert SENTINEL not in signatures


def test_R82_a_loop_of_nothing_but_results(client, google):
    response = ask(client, STEPS, tools=TOOLS)
    for _ in range(3):
        response = ask(
            client,
            results_for(response),
            tools=TOOLS,
            previous_response_id=response.id,
        )

    assert "book said result of book" in response.output_text
    assert_signed(google, 3)


def test_R61_the_client_carries_the_signatures_where_all_else_is_forgotten(
    client, gateway, google
):
    """Nothing is stored, and the memory of signatures is gone; Google takes them back
    from the account that it gave them to."""
    for account in gateway.rooms.accounts.all()[1:]:
        gateway.rooms.accounts.enable(account.email, False)
    response = ask(
        client,
        STEPS,
        tools=TOOLS,
        store=False,
        include=["reasoning.encrypted_content"],
        reasoning={"summary": "auto"},
    )
    for key in gateway.store.scan_iter("gswarm:signature*"):
        gateway.store.delete(key)
    items = [{"role": "user", "content": STEPS}, *response.output]
    ask(client, items + results_for(response), tools=TOOLS, store=False)

    assert_signed(google, 1)


def test_R87_a_signature_that_another_account_issued_is_repaired(
    client, gateway, google
):
    response = ask(client, STEPS, tools=TOOLS, store=False)
    [issued] = google.calls(model=MODEL)
    gateway.rooms.accounts.enable(issued["account"], False)
    for key in gateway.store.scan_iter("gswarm:signature*"):
        gateway.store.delete(key)
    items = [{"role": "user", "content": STEPS}, *response.output]
    answer = ask(client, items + results_for(response), tools=TOOLS, store=False)

    assert answer.status == "completed"
    assert [call["status"] for call in google.calls(model=MODEL)] == [200, 400, 200]
    [_, model, _] = asked_last(google)["contents"]
    assert model["parts"][0]["thoughtSignature"] == SENTINEL


def test_parallel_calls_answered_out_of_order(client, google):
    prompt = "Call get_weather for both Oslo and Rome in parallel"
    response = ask(client, prompt, tools=TOOLS)
    results = results_for(response)
    assert len(results) == 2
    items = [{"role": "user", "content": prompt}, *response.output, *reversed(results)]
    ask(client, items, tools=TOOLS)

    calls = [item.call_id for item in response.output if item.type == "function_call"]
    [_, model, user] = asked_last(google)["contents"]
    names = [part["functionCall"]["args"]["city"] for part in model["parts"]]
    assert names == ["Oslo", "Rome"]
    assert len(user["parts"]) == len(calls)
    assert {call["status"] for call in google.calls(model=MODEL)} == {200}


def test_R15_parallel_calls_told_one_by_one(client, google):
    prompt = "Call get_weather for both Oslo and Rome in parallel"
    response = ask(client, prompt, tools=TOOLS)
    calls = [item for item in response.output if item.type == "function_call"]
    told = [
        each for pair in zip(calls, results_for(response), strict=True) for each in pair
    ]
    ask(client, [{"role": "user", "content": prompt}, *told], tools=TOOLS)

    contents = asked_last(google)["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
    assert len(contents[1]["parts"]) == 2


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("none", []),
        ("required", ["find_city"]),
        ({"type": "function", "name": "book"}, ["book"]),
    ],
)
def test_tool_choice(client, choice, names):
    response = ask(client, "Good morning!", tools=TOOLS, tool_choice=choice)

    calls = [item.name for item in response.output if item.type == "function_call"]
    assert calls == names


def test_a_custom_tool_comes_back_as_raw_text(client):
    patch = '*** Begin Patch\n*** Add File: a\n+"x"\n*** End Patch'
    call = f"[[call:apply_patch {json.dumps({'input': patch})}]]"
    response = ask(client, call, tools=[{"type": "custom", "name": "apply_patch"}])

    [item] = [item for item in response.output if item.type == "custom_tool_call"]
    assert item.input == patch


def test_a_tool_in_a_namespace_comes_back_in_it(client):
    agents = {
        "type": "namespace",
        "name": "agents",
        "description": "Agents.",
        "tools": [tool("wait", "id")],
    }
    response = ask(client, '[[call:agents__wait {"id": "1"}]]', tools=[agents])

    [item] = [item for item in response.output if item.type == "function_call"]
    assert (item.namespace, item.name) == ("agents", "wait")


def test_R30_tools_that_are_not_served_are_named_in_a_header(client):
    raw = client.responses.with_raw_response.create(
        model=MODEL, input="Hello", tools=[{"type": "mcp", "server_label": "s"}]
    )

    assert raw.headers["x-gswarm-ignored-tools"] == "mcp"


# ------------------------------------------------------------------------ state


@pytest.mark.parametrize("kind", ["\0", "a\r\nx-b: c", "\U0001d524", "a" * 9000])
def test_a_tool_of_a_type_that_no_header_holds_is_no_failure(client, kind):
    raw = client.responses.with_raw_response.create(
        model=MODEL, input="Hello", tools=[{"type": kind}] * 2
    )

    told = raw.headers["x-gswarm-ignored-tools"]
    assert told.isprintable()
    assert told.isascii()
    assert "x-b" not in raw.headers


def test_ignored_tools_of_many_types_fit_into_a_header(client):
    kinds: Any = [{"type": f"tool-of-a-type-{number}"} for number in range(2000)]
    raw = client.responses.with_raw_response.create(
        model=MODEL, input="Hello", tools=kinds
    )

    assert len(raw.headers["x-gswarm-ignored-tools"]) <= 8000


def test_R75_a_chain_is_gone_on_from_at_once_in_every_process(client, google):
    response = ask(client, "My name is Ada.", instructions="Be brief.")
    for number in range(8):
        # Each connection may come to another worker.
        with OpenAI(base_url=client.base_url, api_key=client.api_key) as another:
            response = ask(
                another, f"Question {number}?", previous_response_id=response.id
            )

    request = asked_last(google)
    texts = [content["parts"][0]["text"] for content in request["contents"]]
    assert texts[0] == "My name is Ada."
    assert texts[-1] == "Question 7?"
    assert len(texts) == 17
    assert "systemInstruction" not in request


def test_R75_a_stream_is_stored_before_its_last_event(client, google):
    for event in ask(client, "My name is Ada.", stream=True):
        if event.type == "response.completed":
            ask(client, "Who am I?", previous_response_id=event.response.id)

    assert len(asked_last(google)["contents"]) == 3


def test_R76_what_was_not_stored_is_not_found(client):
    response = ask(client, store=False)
    assert response.store is False
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, previous_response_id=response.id)

    assert refused.value.code == "previous_response_not_found"
    assert refused.value.param == "previous_response_id"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_R77_nobody_finds_what_another_key_has_stored(client, gateway):
    mine = ask(client, "A secret.")
    with connect(gateway, gateway.new_key("other")) as other:
        with pytest.raises(openai.BadRequestError) as refused:
            ask(other, previous_response_id=mine.id)
        assert refused.value.code == "previous_response_not_found"
        reference = {"type": "item_reference", "id": mine.output[0].id}
        with pytest.raises(openai.NotFoundError):
            ask(other, [{"role": "user", "content": "x"}, reference])
        for unknown in (other.responses.retrieve, other.responses.delete):
            with pytest.raises(openai.NotFoundError):
                unknown(mine.id)

    assert client.responses.retrieve(mine.id).output_text == mine.output_text


def test_R23_an_item_is_referred_to_by_its_id(client, google):
    first = ask(client, "My name is Ada.")
    items = [
        {"role": "user", "content": "My name is Ada."},
        {"type": "item_reference", "id": first.output[0].id},
        {"role": "user", "content": "Who am I?"},
    ]
    ask(client, items)

    [_, said, _] = asked_last(google)["contents"]
    assert said["parts"][0]["text"] == first.output_text


def test_R78_a_response_is_shown_and_forgotten(client):
    response = ask(client)

    assert client.responses.retrieve(response.id) == response
    assert client.responses.delete(response.id) is None
    with pytest.raises(openai.NotFoundError) as refused:
        client.responses.retrieve(response.id)
    assert f"Response with id '{response.id}' not found." in refused.value.message
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(response.id)


def test_R79_the_input_is_listed(client):
    first = ask(client, "One")
    second = ask(client, "Two", previous_response_id=first.id)

    def texts(**options: Any) -> list[str]:
        page = client.responses.input_items.list(second.id, **options)
        return [
            item.content if isinstance(item.content, str) else item.content[0].text
            for item in page.data
        ]

    said = first.output_text
    assert texts() == ["Two", said, "One"]
    assert texts(order="asc") == ["One", said, "Two"]
    page = client.responses.input_items.list(second.id, order="asc", limit=2)
    assert page.has_more
    assert texts(order="asc", after=page.last_id) == ["Two"]
    everything = list(client.responses.input_items.list(second.id, limit=1))
    assert len(everything) == 3


def test_R80_a_response_is_told_again_as_a_stream(client):
    response = ask(client, "Call get_weather('Oslo')", tools=TOOLS)

    events = list(client.responses.retrieve(response.id, stream=True))
    assert events[0].type == "response.created"
    assert events[-1].response == response
    later = list(client.responses.retrieve(response.id, stream=True, starting_after=1))
    assert later == events[2:]


def test_R83_a_response_that_is_too_large_is_answered_and_says_so(client):
    large = ask(client, "x\n" * 720_000)
    assert large.store is True
    [said] = client.responses.input_items.list(large.id).data
    twice = ask(client, [{"type": "item_reference", "id": said.id}] * 2)

    assert twice.status == "completed"
    assert twice.store is False
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(twice.id)


def test_R84_input_tokens_are_counted(client, google):
    bare = client.responses.input_tokens.count(model=MODEL, input="Hello")
    more = client.responses.input_tokens.count(
        model=MODEL, input="Hello", instructions="Be brief.", tools=TOOLS
    )

    assert bare.object == "response.input_tokens"
    assert 0 < bare.input_tokens < more.input_tokens
    assert google.calls() == []


def test_R88_a_response_has_two_children(client, google):
    parent = ask(client, "My name is Ada.")
    left = ask(client, "Left?", previous_response_id=parent.id)
    ask(client, "Right?", previous_response_id=parent.id)
    assert len(asked_last(google)["contents"]) == 3
    ask(client, "Further left?", previous_response_id=left.id)
    assert len(asked_last(google)["contents"]) == 5


def test_nothing_is_stored_where_the_config_says_so(client, configure):
    configure(responses={"storeSeconds": 0})
    response = ask(client)

    assert response.store is False
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_what_is_stored_lasts_as_long_as_the_config_says(client, configure, gateway):
    configure(responses={"storeSeconds": 60})
    ask(client)

    [key] = gateway.store.scan_iter("gswarm:response:*")
    assert 50 < gateway.store.ttl(key) <= 60


def test_R73_who_leaves_leaves_nothing_stored(client, gateway, google):
    google.speed(chunk_seconds=0.05)
    with ask(client, "[[words:400]]", stream=True) as stream:
        started = next(stream)
    deadline = time.monotonic() + 10
    while google.open_calls() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert google.open_calls() == 0
    assert list(gateway.store.scan_iter("gswarm:response:*")) == []
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(started.response.id)


# ----------------------------------------------------------------------- errors


def test_401(gateway):
    with (
        connect(gateway, "sk-gswarm-" + "0" * 32) as client,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        ask(client)
    assert refused.value.code == "invalid_api_key"


def test_403(gateway):
    with (
        connect(gateway, gateway.new_key("watcher", scopes=["monitor"])) as client,
        pytest.raises(openai.PermissionDeniedError),
    ):
        ask(client)


def test_404(client):
    with pytest.raises(openai.NotFoundError) as refused:
        ask(client, model="llama-3")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"input": 7}, "input"),
        ({"input": [{"role": "robot", "content": "Hi"}]}, "input[0].role"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
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
        ask(client, "x" * (MAX_BODY_MB * 2**20))
    assert refused.value.status_code == 413


def test_429_of_long_is_the_end(client, google):
    google.script(
        {"error": "daily_quota", "reset_after": "21h10m20s"}, times=None, model=MODEL
    )
    with pytest.raises(openai.RateLimitError) as refused:
        ask(client)

    assert refused.value.code == "insufficient_quota"
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert int(refused.value.response.headers["retry-after"]) <= 60


def test_502_does_not_tell_what_google_said(client, google):
    google.script({"error": "internal"}, times=None, model=MODEL)
    with pytest.raises(openai.InternalServerError) as refused:
        ask(client, stream=True)

    assert refused.value.status_code == 502
    assert refused.value.code == "upstream_error"


def test_R72_codex_is_told_in_its_stream_that_there_is_no_capacity(gateway, google):
    google.script({"error": "internal"}, times=None, model=MODEL)
    agent = {"User-Agent": "codex_exec/0.171.0"}
    with connect(gateway, default_headers=agent) as client:
        *_, failed = ask(client, stream=True)

    assert failed.type == "response.failed"
    assert failed.response.error.code == "server_is_overloaded"


def test_R69_a_stream_that_breaks_says_so(client, google):
    google.script({"cut": {"after": 3, "how": "eof"}}, times=None, model=MODEL)
    *_, error, failed = ask(client, "[[words:200]]", stream=True)

    assert error.type == "error"
    assert failed.type == "response.failed"
    assert failed.response.error.code == "server_error"
    assert failed.response.output[0].status == "incomplete"


# ------------------------------------------------------------- what SDKs never send


def test_R85_what_is_not_served_is_told_in_this_dialect(gateway):
    url = f"{gateway.url}/v1/responses"
    socket = {"Connection": "Upgrade", "Upgrade": "websocket"}
    response = gateway.post("/v1/responses", {"model": MODEL, "input": "Hi"}).json()
    answers = {
        "socket": requests.get(url, headers=gateway.headers | socket, timeout=5),
        "method": gateway.get("/v1/responses"),
        "compact": gateway.post("/v1/responses/compact", {}),
        "cancel": gateway.post(f"/v1/responses/{response['id']}/cancel", {}),
        "unknown": gateway.post(f"/v1/responses/{NEVER}/cancel", {}),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "socket": 426,
        "method": 405,
        "compact": 404,
        "cancel": 400,
        "unknown": 404,
    }
    for answer in answers.values():
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert "synchronous" in answers["cancel"].json()["error"]["message"]
