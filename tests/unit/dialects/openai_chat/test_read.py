"""What golden files cannot show: the shape of the reply, defaults, hostile bodies."""

from __future__ import annotations

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gswarm.chat.media import Media, inline_remote
from gswarm.dialects.openai_chat.chat_request import ChatRequest
from gswarm.dialects.openai_chat.read import read_request
from gswarm.errors import InvalidRequest, Refusal
from gswarm.gemini.generation import Generation
from gswarm.gemini.models import DEFAULT_ALIASES
from gswarm.gemini.thoughts import with_sentinels
from gswarm.simulator import models
from gswarm.simulator.signatures import Scope, Signer
from gswarm.simulator.validation import validate
from tests.growth import growth
from tests.multiplying import multiplying

USER = [{"role": "user", "content": "hi"}]
TOOL = {"type": "function", "function": {"name": "f"}}


def read(
    messages: Any = USER,
    defaults: Generation | None = None,
    system_prompt: Any = None,
    **body: Any,
) -> ChatRequest:
    return read_request(
        {"model": "gemini-3.5-flash", "messages": messages, **body},
        aliases=DEFAULT_ALIASES,
        default_model="gemini-3.5-flash",
        defaults=defaults,
        system_prompt=system_prompt,
    )


def config(asked: ChatRequest) -> dict[str, Any]:
    found: dict[str, Any] = asked.request.body.get("generationConfig", {})
    return found


def system(asked: ChatRequest) -> str:
    text: str = asked.request.body["systemInstruction"]["parts"][0]["text"]
    return text


# ------------------------------------------------------------------------- shape


def test_the_reply_echoes_the_model_as_it_was_requested():
    asked = read(model="models/gpt-4o")

    assert asked.shape.model == "models/gpt-4o"
    assert asked.request.model == "gemini-3.5-flash"


def test_a_plain_request_wants_a_plain_reply():
    asked = read()

    assert not asked.is_stream
    assert not asked.shape.include_usage
    assert not asked.shape.one_call_only
    assert asked.shape.shows_thoughts
    assert asked.remote == {}


def test_streams_and_their_usage_are_asked_for():
    asked = read(stream=True, stream_options={"include_usage": True})

    assert asked.is_stream
    assert asked.shape.include_usage


def test_one_call_at_a_time_is_asked_for():
    assert read(parallel_tool_calls=False).shape.one_call_only
    assert not read(parallel_tool_calls=True).shape.one_call_only


def test_legacy_functions_want_a_legacy_reply():
    assert read(functions=[{"name": "f"}]).shape.uses_legacy_functions
    assert not read(functions=[{"name": "f"}], tools=[TOOL]).shape.uses_legacy_functions
    assert not read(tools=[TOOL]).shape.uses_legacy_functions


def test_names_lead_back_to_the_clients_own():
    asked = read(tools=[{"type": "function", "function": {"name": "a/b"}}, TOOL])

    assert asked.shape.names == {"a_b": "a/b"}


def test_schemas_are_kept_for_the_reply():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    tool = {"type": "function", "function": {"name": "a/b", "parameters": schema}}

    assert read(tools=[tool, TOOL]).shape.parameters == {"a_b": schema}


def test_custom_tools_are_to_be_unwrapped():
    asked = read(tools=[{"type": "custom", "custom": {"name": "p"}}])

    assert asked.shape.custom_tools == {"p"}


@pytest.mark.parametrize(
    "body",
    [
        {"reasoning_effort": "none"},
        {"reasoning": {"exclude": True}},
        {"include_reasoning": False},
        {"google": {"thinking_config": {"include_thoughts": False}}},
        {"thinking": {"type": "disabled"}},
    ],
)
def test_thoughts_are_hidden_on_request(body):
    assert not read(**body).shape.shows_thoughts


def test_addresses_to_fetch_come_with_their_fields():
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/cat.png"}}
    asked = read([{"role": "user", "content": ["look", picture]}])

    file = {"fileData": {"fileUri": "https://a.example/cat.png"}}
    assert asked.request.body["contents"][0]["parts"][1] == file
    assert asked.remote == {
        "https://a.example/cat.png": "messages[0].content[1].image_url.url"
    }


# -------------------------------------------------------------------- signatures


SIGNATURE = "QUJDREVG"


@pytest.mark.parametrize(
    "echo",
    [
        {"extra_content": {"google": {"thought_signature": SIGNATURE}}},
        {"thought_signature": SIGNATURE},
        {"thoughtSignature": SIGNATURE},
        {"provider_specific_fields": {"thought_signature": SIGNATURE}},
        {"function": {"name": "f", "arguments": "{}", "thought_signature": SIGNATURE}},
        {
            "function": {
                "name": "f",
                "provider_specific_fields": {"thought_signature": SIGNATURE},
            }
        },
        {"id": f"call_x__thought__{SIGNATURE}"},
        {"id": "call_x__sig__UVVKRFJFVkc"},
    ],
)
def test_an_echoed_signature_is_found_on_the_call(echo):
    call = {"id": "call_x", "function": {"name": "f", "arguments": "{}"}, **echo}
    asked = read([*USER, {"role": "assistant", "tool_calls": [call]}])

    assert asked.request.past_calls[0].signature == SIGNATURE
    assert asked.request.past_calls[0].call_id == call["id"]


@pytest.mark.parametrize(
    "echo",
    [
        {"provider_specific_fields": {"thought_signatures": [None, SIGNATURE]}},
        {
            "reasoning_details": [
                {"type": "reasoning.text", "text": "x"},
                {"type": "reasoning.encrypted", "data": SIGNATURE, "id": "two"},
            ]
        },
    ],
)
def test_an_echoed_signature_is_found_on_the_message(echo):
    calls = [{"id": name, "function": {"name": name}} for name in ("one", "two")]
    asked = read([*USER, {"role": "assistant", "tool_calls": calls, **echo}])

    assert [call.signature for call in asked.request.past_calls] == [None, SIGNATURE]


@pytest.mark.parametrize("value", ["", "not base64!", 5, None, {"a": 1}, "a\r\nb", "é"])
def test_an_echo_that_is_no_signature_is_ignored(value):
    call = {"id": "x", "function": {"name": "f"}, "thought_signature": value}
    asked = read([*USER, {"role": "assistant", "tool_calls": [call]}])

    assert asked.request.past_calls[0].signature is None


# ---------------------------------------------------------------------- defaults


OPERATOR = Generation(
    max_tokens=1000,
    temperature=0.3,
    top_p=0.8,
    top_k=20,
    thinking_level="low",
    include_thoughts=False,
    system_prompt="House rules.",
    google_search=True,
)


def test_the_operators_defaults_fill_what_is_open():
    asked = read(defaults=OPERATOR)

    assert config(asked) == {
        "maxOutputTokens": 1000,
        "temperature": 0.3,
        "topP": 0.8,
        "topK": 20,
        "thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": False},
    }
    assert system(asked) == "House rules."
    assert asked.request.body["tools"] == [{"googleSearch": {}}]


def test_the_requests_own_values_win():
    asked = read(
        [{"role": "system", "content": "Mine."}, *USER],
        defaults=OPERATOR,
        max_tokens=5,
        temperature=0,
        top_p=1,
        top_k=1,
        reasoning_effort="high",
        tools=[TOOL],
    )

    assert config(asked)["maxOutputTokens"] == 5
    assert config(asked)["temperature"] == 0
    assert config(asked)["topP"] == 1
    assert config(asked)["topK"] == 1
    assert config(asked)["thinkingConfig"]["thinkingLevel"] == "HIGH"
    assert system(asked) == "House rules.\n\nMine."
    assert asked.request.body["tools"] == [{"functionDeclarations": [{"name": "f"}]}]


def test_the_operators_limit_is_the_models_at_most():
    assert config(read(defaults=Generation(max_tokens=10**6)))["maxOutputTokens"] == (
        65_536
    )


def test_the_operators_search_makes_way_for_json_before_gemini_3():
    asked = read(
        defaults=OPERATOR,
        model="gemini-2.5-flash",
        response_format={"type": "json_object"},
    )

    assert "tools" not in asked.request.body
    assert config(asked)["responseMimeType"] == "application/json"


def test_the_operators_search_makes_way_for_a_client_that_wants_no_tools():
    asked = read(defaults=Generation(google_search=True), tool_choice="none")

    assert "tools" not in asked.request.body


def test_allowed_tools_take_as_long_as_there_are_tools():
    def choose(number: int) -> None:
        function = [{"type": "function", "name": f"f{n}"} for n in range(number)]
        choice = {"type": "allowed_tools", "mode": "auto", "tools": function}
        read(tools=function, tool_choice=choice)

    assert growth(choose, 500) < 24


def test_an_extra_prompt_goes_between_the_operators_and_the_requests():
    asked = read(
        [{"role": "system", "content": "Mine."}, *USER],
        defaults=OPERATOR,
        system_prompt="Extra.",
    )

    assert system(asked) == "House rules.\n\nExtra.\n\nMine."


def test_an_extra_prompt_must_be_text():
    with pytest.raises(InvalidRequest) as refused:
        read(system_prompt=5)

    assert refused.value.param == "systemPrompt"


def test_a_lone_system_message_stays_the_users_beside_an_operators():
    asked = read([{"role": "system", "content": "Tell a joke."}], defaults=OPERATOR)

    assert asked.request.body["contents"][0]["parts"] == [{"text": "Tell a joke."}]
    assert system(asked) == "House rules."


# --------------------------------------------------------------- hostile and huge


@pytest.mark.parametrize("body", [None, [], "x", 5, True])
def test_a_body_must_be_an_object(body):
    with pytest.raises(InvalidRequest):
        read_request(body, aliases={}, default_model="gemini-3.5-flash")


def nested(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels):
        value = {"a": [value]}
    return value


def calling(arguments: Any) -> dict[str, Any]:
    call = {"id": "x", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "tool_calls": [call]}


def declaring(parameters: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "parameters": parameters}}


DEEP = nested(9_000)
DEEP_DATA = {"properties": {"a": {"default": DEEP}}}


@pytest.mark.parametrize(
    "deep",
    [
        {"tools": [declaring(DEEP)]},
        {"tools": [declaring(DEEP_DATA)]},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": DEEP}}},
        {"metadata": DEEP},
    ],
)
def test_deep_nesting_is_cut_where_nothing_is_lost(deep):
    orjson.dumps(read(**deep).request.body)


@pytest.mark.parametrize(
    "deep",
    [
        {"messages": [{"role": "user", "content": DEEP}]},
        {"messages": [*USER, calling(DEEP)]},
        {"messages": [*USER, {"role": "tool", "tool_call_id": "x", "content": DEEP}]},
        {"google": {"generation_config": {"responseSchema": DEEP}}},
    ],
)
def test_deep_nesting_is_refused_where_it_matters(deep):
    with pytest.raises(InvalidRequest):
        read(**deep)


def test_deep_json_in_strings_is_kept_as_text():
    deep = "[" * 500 + "]" * 500
    call = {"id": "x", "function": {"name": "f", "arguments": deep}}
    result = {"role": "tool", "tool_call_id": "x", "content": '{"a":' + deep + "}"}
    asked = read([*USER, {"role": "assistant", "tool_calls": [call]}, result])

    _, called, answered = asked.request.body["contents"]
    assert called["parts"][0]["functionCall"]["args"] == {"_raw": deep}
    response = answered["parts"][0]["functionResponse"]["response"]
    assert response == {"result": result["content"]}


def conversation(length: int) -> list[dict[str, Any]]:
    turn = [
        {"role": "user", "content": "a"},
        {"role": "user", "content": [{"type": "text", "text": "b"}]},
        {
            "role": "assistant",
            "content": "c",
            "tool_calls": [{"id": "call_0", "function": {"name": "f"}}],
        },
        {"role": "tool", "tool_call_id": "call_0", "content": "{}"},
    ]
    return turn * (length // 4)


def test_ten_thousand_messages_take_a_moment():
    began = time.process_time()
    contents = read(conversation(10_000)).request.body["contents"]
    seconds = time.process_time() - began

    assert len(contents) == 2 * 2_500 + 1
    assert seconds < 1


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "x"}] * 10_000,
        [{"role": "assistant", "content": "x"}] * 10_000,
        [{"role": "tool", "tool_call_id": "gone", "content": "x"}] * 10_000,
        [
            {
                "role": "assistant",
                "tool_calls": [{"id": "x", "function": {"name": "f"}}] * 5_000,
            },
            *[{"role": "tool", "tool_call_id": "x", "content": "y"}] * 5_000,
        ],
    ],
)
def test_ten_thousand_of_a_kind_take_a_moment(messages):
    began = time.process_time()
    read(messages)

    assert time.process_time() - began < 1


@pytest.mark.parametrize("kind", ["one name", "one id"])
def test_results_find_their_calls_in_a_time_that_grows_with_their_number(kind):
    def converse(number: int) -> None:
        function = {"name": "f", "arguments": "{}"}
        if kind == "one name":
            calls = [{"role": "assistant", "function_call": function}] * number
            results = [{"role": "function", "name": "f", "content": "x"}] * number
        else:
            asked = [{"id": "x", "function": function}] * number
            calls = [{"role": "assistant", "tool_calls": asked}]
            results = [{"role": "tool", "tool_call_id": "x", "content": "y"}] * number
        read([*USER, *calls, *results])

    assert growth(converse, 500) < 24


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (
            {"tools": [declaring(multiplying(12, "properties"))]},
            "tools[0].function.parameters",
        ),
        (
            {"functions": [{"name": "f", "parameters": multiplying(12, "properties")}]},
            "functions[0].parameters",
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"schema": multiplying(12, "properties")},
                }
            },
            "response_format.json_schema.schema",
        ),
    ],
)
def test_a_schema_that_multiplies_is_refused_by_its_field(body, param):
    with pytest.raises(InvalidRequest) as refused:
        read(**body)

    assert (refused.value.param, refused.value.code) == (param, "unsupported_value")


def test_all_tools_of_a_request_share_what_schemas_may_come_to():
    tool = declaring(multiplying(7, "properties"))
    read(tools=[tool])

    with pytest.raises(InvalidRequest, match="too large"):
        read(tools=[tool] * 100)


def test_media_stay_one_string():
    data = "QUJD" * 1_000
    audio = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    asked = read([{"role": "user", "content": [audio]}])

    part = asked.request.body["contents"][0]["parts"][0]
    assert part["inlineData"]["data"] is data


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text(), children, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = words(
    "model messages input stream stream_options max_tokens temperature top_p top_k stop"
    " seed n response_format tools tool_choice functions function_call reasoning_effort"
    " reasoning thinking thinking_config google extra_body modalities text instructions"
    " parallel_tool_calls web_search_options presence_penalty"
)
PARTS = words(
    "type text image_url url detail input_audio data format file file_data file_id"
    " filename source media_type tool_use_id content name input id"
)
KINDS = words(
    "text image_url input_audio file refusal image document tool_result tool_use"
    " thinking video_url input_text input_image function custom"
)
PART = st.dictionaries(PARTS, JSON | KINDS, max_size=4)
MESSAGE = st.fixed_dictionaries(
    {"role": words("system user assistant tool function")},
    optional={
        "content": JSON | st.lists(PART, max_size=3),
        "tool_calls": JSON | st.lists(st.dictionaries(PARTS, JSON), max_size=2),
        "tool_call_id": JSON,
        "name": JSON,
        "refusal": JSON,
        "function_call": JSON,
        "reasoning_details": JSON,
        "provider_specific_fields": JSON,
    },
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(FIELDS, JSON, max_size=5)
    | st.fixed_dictionaries(
        {"messages": st.lists(MESSAGE, min_size=1, max_size=4)},
        optional={"tools": JSON | st.lists(PART, max_size=2), "tool_choice": JSON},
    )
)
def test_nonsense_is_refused_by_us_or_taken_by_google(body):
    before = json.dumps(body)
    try:
        asked = read_request(body, aliases={}, default_model="gemini-3.5-flash")
    except Refusal:
        return
    finally:
        assert json.dumps(body) == before
    sent = inline_remote(
        with_sentinels(asked.request),
        lambda *_: Media("image/png", b"x"),
        asked.remote,
    )
    validate(
        sent,
        models.find("gemini-3.5-flash", "gemini_api"),
        dialect="gemini_api",
        signer=Signer(),
        scope=Scope(),
    )


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": DEEP, "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": DEEP}]}]},
        {"response_format": {"type": DEEP}},
        {"tool_choice": {"type": DEEP}},
        {"tools": [{"type": DEEP}]},
        {"modalities": [DEEP]},
        {"stop": [DEEP]},
        {"reasoning_effort": {"effort": DEEP}},
        {"reasoning_effort": [DEEP]},
        {"model": DEEP},
        {"messages": None, "input": [{"type": DEEP}]},
    ],
)
def test_what_is_wrong_is_told_without_printing_it_all(body):
    with pytest.raises(InvalidRequest) as refused:
        read(**body)

    assert len(refused.value.message) < 300


def test_a_list_of_allowed_tools_without_functions_allows_none():
    choice = {"mode": "required", "tools": [{"type": "web_search"}]}
    asked = read(
        tools=[TOOL, {"type": "web_search"}],
        tool_choice={"type": "allowed_tools", "allowed_tools": choice},
    )

    assert asked.request.body["tools"] == [{"googleSearch": {}}]
    assert "toolConfig" not in asked.request.body
