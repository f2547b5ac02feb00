"""Bodies nobody would send: refused in words, or understood by Google."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gswarm.errors import InvalidRequest, Refusal
from gswarm.gemini.models import find
from gswarm.gemini.thoughts import with_sentinels
from gswarm.simulator import models
from gswarm.simulator.signatures import Scope, Signer
from gswarm.simulator.validation import validate
from tests.multiplying import multiplying

from .cases import read


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
    "model input messages instructions stream store metadata tools tool_choice text"
    " reasoning include previous_response_id max_output_tokens temperature top_p user"
    " parallel_tool_calls truncation top_logprobs stop seed background prompt"
    " conversation stream_options max_tool_calls extra_body google"
)
KEYS = words(
    "type role content text id call_id name arguments input output action operation"
    " encrypted_content summary tools namespace image_url file_data detail code result"
    " outputs commands status queries reasoning format"
)
KINDS = words(
    "message function_call function_call_output custom_tool_call reasoning shell_call"
    " custom_tool_call_output item_reference local_shell_call local_shell_call_output"
    " shell_call_output apply_patch_call apply_patch_call_output web_search_call"
    " mcp_call image_generation_call code_interpreter_call tool_search_call"
    " tool_search_output additional_tools configuration_update computer_call_output"
    " compaction input_text input_image input_file input_audio function custom"
    " namespace web_search shell user assistant developer code_interpreter"
)
ITEM = st.dictionaries(KEYS, JSON | KINDS, max_size=5)
TOOL = st.dictionaries(
    words("type name description parameters tools format execution environment"),
    JSON | KINDS | st.lists(ITEM, max_size=2),
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(FIELDS, JSON, max_size=5)
    | st.fixed_dictionaries(
        {"input": st.lists(ITEM, min_size=1, max_size=4)},
        optional={
            "tools": JSON | st.lists(TOOL, max_size=3),
            "tool_choice": JSON | TOOL,
            "text": JSON | TOOL,
            "reasoning": JSON,
            "metadata": JSON,
        },
    )
)
def test_nonsense_is_refused_by_us_or_taken_by_google(body):
    before = json.dumps(body)
    try:
        asked = read(body)
    except Refusal:
        return
    finally:
        assert json.dumps(body) == before
    if asked.remote:
        return
    model = models.find(find(asked.request.model).id, "gemini_api")
    if model is not None:
        sent = with_sentinels(asked.request)
        validate(sent, model, dialect="gemini_api", signer=Signer(), scope=Scope())


def deep(levels: int) -> object:
    value: object = "x"
    for _ in range(levels):
        value = [value]
    return value


DEEP = deep(200)
WORDS = {"role": "user", "content": "x"}


@pytest.mark.parametrize(
    "body",
    [
        {"input": [{"type": DEEP}]},
        {"input": [{"role": DEEP, "content": "x"}]},
        {"input": [{"role": "user", "content": [{"type": DEEP}]}]},
        {"input": [{"type": "item_reference", "id": DEEP}]},
        {"input": [{"type": "function_call", "call_id": "c", "name": DEEP}]},
        {
            "input": [
                {
                    "type": "function_call",
                    "call_id": "c",
                    "name": "f",
                    "arguments": {"a": DEEP},
                }
            ]
        },
        {"input": "x", "tools": [{"type": DEEP}]},
        {
            "input": "x",
            "tools": [{"type": "function", "name": "f", "parameters": DEEP}],
        },
        {"input": "x", "tools": [{"type": "namespace", "name": "n", "tools": [DEEP]}]},
        {"input": "x", "tool_choice": {"type": DEEP}},
        {"input": "x", "tool_choice": {"type": "allowed_tools", "tools": [DEEP]}},
        {"input": "x", "text": {"format": {"type": DEEP}}},
        {"input": "x", "reasoning": {"effort": DEEP}},
        {"input": "x", "reasoning": {"summary": DEEP}},
        {"input": "x", "metadata": {"a": DEEP}},
        {"input": "x", "include": DEEP, "max_tool_calls": DEEP},
        {"input": DEEP},
    ],
)
def test_what_is_deep_or_of_a_wrong_type_is_refused(body):
    with pytest.raises(InvalidRequest) as refused:
        read(body)
    assert refused.value.param


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (
            {
                "tools": [
                    {
                        "type": "function",
                        "name": "f",
                        "parameters": multiplying(12, "properties"),
                    }
                ]
            },
            "tools[0].parameters",
        ),
        (
            {
                "text": {
                    "format": {
                        "type": "json_schema",
                        "name": "f",
                        "schema": multiplying(12, "properties"),
                    }
                }
            },
            "text.format.schema",
        ),
    ],
)
def test_a_schema_that_multiplies_is_refused_by_its_field(body, param):
    with pytest.raises(InvalidRequest) as refused:
        read({"input": "x", **body})
    assert refused.value.param == param


@pytest.mark.parametrize(
    "text", [" " * 200_000, "<think>" * 30_000, "Say <think>x</think>."]
)
def test_only_what_begins_with_thoughts_loses_them_and_soon(text):
    said = {"role": "assistant", "content": text}
    began = time.process_time()
    asked = read({"input": [WORDS, said, WORDS]})
    assert time.process_time() - began < 1
    parts = [
        part for content in asked.request.body["contents"] for part in content["parts"]
    ]
    assert {"text": text} in parts or not text.strip()


def test_a_namespace_says_its_words_again_as_long_as_that_is_bearable():
    tools = [{"type": "function", "name": f"f{number}"} for number in range(1_000)]
    group = {
        "type": "namespace",
        "name": "n",
        "description": "x" * 2_000,
        "tools": tools,
    }
    asked = read({"input": "x", "tools": [group]})
    [declared] = asked.request.body["tools"]
    functions = declared["functionDeclarations"]
    assert len(functions) == 1_000
    assert "description" in functions[0]
    assert sum(len(each.get("description", "")) for each in functions) <= 256 * 1024


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": [{"type": "function", "name": "x" * 201}]}, "tools[0].name"),
        (
            {
                "input": [
                    {
                        "type": "function_call",
                        "call_id": "c",
                        "name": "x" * 201,
                        "arguments": "{}",
                    }
                ]
            },
            "input[0].name",
        ),
    ],
)
def test_a_long_name_is_refused_by_its_field(body, param):
    with pytest.raises(InvalidRequest) as refused:
        read({"input": "x", **body})
    assert refused.value.param == param
