"""What is refused, in which words; one row per rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gswarm.simulator import models
from gswarm.simulator.answers import answer
from gswarm.simulator.errors import GoogleError
from gswarm.simulator.models import Api
from gswarm.simulator.signatures import BYPASSES, Scope
from gswarm.simulator.validation import tally, validate_count, validate_envelope
from gswarm.simulator.validation.schemas import check_free

from .asking import (
    ALICE,
    SIGNER,
    call,
    calls,
    checked,
    function,
    model,
    request,
    response,
    responses,
    user,
)

OTHERS: tuple[Api, ...] = ("cloudcode", "vertex")
HELLO = user("Hello")
WEATHER = function("get_weather", "Tells the weather.", city="string")
COUNT = "number of function response parts is equal to the number of function call"
CALL_ORDER = "function call turn comes immediately after a user turn"
RESPONSE_ORDER = "function response turn comes immediately after a function call turn"
ALTERNATE = "multiturn requests alternate between user and model"
LAST = "multiturn requests end with a user turn"


def refusal(body: Any, name: str, api: Api, **how: Any) -> str:
    with pytest.raises(GoogleError) as caught:
        checked(body, name, api, **how)
    assert caught.value.status == 400
    return str(caught.value)


def with_config(**config: Any) -> dict[str, Any]:
    return request(HELLO, generationConfig=config)


def with_part(**part: Any) -> dict[str, Any]:
    return request({"role": "user", "parts": [part]})


def proto(schema: dict[str, Any]) -> dict[str, Any]:
    return request(HELLO, functions=[{"name": "f", "parameters": schema}])


def free(schema: Any) -> dict[str, Any]:
    return request(HELLO, functions=[{"name": "f", "parametersJsonSchema": schema}])


# -------------------------------------------------------------------------- payload


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            request(HELLO, foo=1),
            "Unknown name \"foo\" at 'request': Cannot find field.",
        ),
        (
            with_part(text="x", cacheControl={}),
            "Unknown name \"cacheControl\" at 'request.contents[0].parts[0]'",
        ),
        (
            proto({"type": "OBJECT", "properties": {"n": {"exclusiveMaximum": 3}}}),
            'Unknown name "exclusiveMaximum" at '
            "'request.tools[0].function_declarations[0].parameters.properties[0].value'",
        ),
        (
            with_config(
                responseMimeType="application/json", responseSchema={"$ref": 1}
            ),
            "Unknown name \"$ref\" at 'request.generation_config.response_schema'",
        ),
        (
            with_config(maxOutputTokens="many"),
            "Invalid value at 'request.generation_config.max_output_tokens' "
            '(TYPE_INT32), "many"',
        ),
        (with_config(seed=2**31), "'request.generation_config.seed' (TYPE_INT32)"),
        (with_config(temperature=True), "'request.generation_config.temperature'"),
        (
            with_config(stopSequences="END"),
            "'request.generation_config.stop_sequences'",
        ),
        (with_config(responseLogprobs="yes"), "(TYPE_BOOL)"),
        (with_part(text=5), "(TYPE_STRING), 5"),
        (
            with_part(inlineData={"mimeType": "image/png", "data": "§§"}),
            "'request.contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64",
        ),
        (
            with_part(inlineData={"mimeType": "image/png", "data": "abcde"}),
            "Base64 decoding failed",
        ),
        (
            with_part(functionResponse={"name": "f", "response": "4 °C"}),
            "function_response.response' (type.googleapis.com/google.protobuf.Struct)",
        ),
        (request(HELLO, mode={"mode": "SOMETIMES"}), "function_calling_config.mode'"),
        (proto({"type": ["STRING", "NULL"]}), "Proto field is not repeating"),
        ([], "Invalid value at 'request'"),
        ({"contents": "hello"}, "Invalid value at 'request.contents'"),
    ],
)
def test_the_strict_parser_names_place_and_cause(body: Any, words: str) -> None:
    assert words in refusal(body, "gemini-2.5-flash", "cloudcode")


def test_every_mistake_is_listed_with_its_field() -> None:
    with pytest.raises(GoogleError) as caught:
        checked(request(HELLO, foo=1, bar=2), "gemini-2.5-flash", "cloudcode")
    body = caught.value.body
    assert isinstance(body, dict)
    violations = body["error"]["details"][0]["fieldViolations"]
    assert [v["field"] for v in violations] == ["request", "request"]
    assert body["error"]["message"].count("Unknown name") == 2


def test_both_spellings_are_read_and_nulls_are_absent() -> None:
    found = checked(
        {
            "contents": [
                {"parts": {"inline_data": {"mime_type": "a/b", "data": "aGk"}}}
            ],
            "system_instruction": {"parts": [{"text": "x"}]},
            "generation_config": {"max_output_tokens": "5", "seed": None},
        }
    )
    blob = {"mimeType": "a/b", "data": "aGk"}
    assert found == {
        "contents": [{"parts": [{"inlineData": blob}]}],
        "systemInstruction": {"parts": [{"text": "x"}]},
        "generationConfig": {"maxOutputTokens": 5},
    }


@pytest.mark.parametrize("field", ["labels", "sessionId", "session_id"])
def test_the_gemini_api_does_not_know_vertex_fields(field: str) -> None:
    value = {"team": "x"} if field == "labels" else "s"
    body = request(HELLO, **{field: value})
    assert f'Unknown name "{field}": Cannot' in refusal(
        body, "gemini-2.5-flash", "gemini_api"
    )
    checked(body, "gemini-2.5-flash", "cloudcode")


# ------------------------------------------------------------------------- envelopes


def test_an_envelope_is_opened() -> None:
    body = {"model": "m", "project": "p", "user_prompt_id": "u", "request": {"a": 1}}
    assert validate_envelope(body) == ("m", "p", {"a": 1})
    assert validate_envelope({"model": "m", "request": {}}) == ("m", "", {})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"model": "m", "request": {}, "metadata": {}}, 'Unknown name "metadata"'),
        ({"model": "m"}, "Request contains an invalid argument."),
        ({"request": {}}, "Request contains an invalid argument."),
        ([], "Invalid value"),
    ],
)
def test_a_wrong_envelope_is_refused(body: Any, words: str) -> None:
    with pytest.raises(GoogleError, match=words):
        validate_envelope(body)


def test_count_tokens_has_an_envelope_of_its_own() -> None:
    body = {"request": {"model": "models/gemini-2.5-pro", "contents": [HELLO]}}
    assert validate_count(body) == ("gemini-2.5-pro", [HELLO])


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "request": {"model": "models/m", "contents": [HELLO]}},
        {"request": {"model": "m", "contents": [HELLO]}},
        {"request": {"model": "models/m", "contents": []}},
        {"request": {"model": "models/m", "contents": [HELLO], "tools": []}},
        {
            "request": {
                "model": "models/m",
                "contents": [
                    {"role": "model", "parts": [{"text": "a", "thought": True}]}
                ],
            }
        },
    ],
)
def test_count_tokens_takes_nothing_else(body: Any) -> None:
    with pytest.raises(GoogleError):
        validate_count(body)


# ----------------------------------------------------------------------------- turns

ANSWERED = responses(response("f", out=1))


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ([], "contents"),
        ([model("hi"), HELLO], ALTERNATE),
        ([HELLO, model("a"), model("b"), HELLO], ALTERNATE),
        ([HELLO, calls(call("f")), ANSWERED, HELLO], ALTERNATE),
        ([{"role": "tool", "parts": [{"text": "x"}]}], "Please use a valid role"),
        ([{"role": "user", "parts": []}], "parts"),
        ([{"role": "user"}], "parts"),
        ([{"role": "user", "parts": [{}]}], "text parameter"),
        ([user("")], "text parameter"),
        ([{"role": "user", "parts": [{"text": "a", "functionCall": {}}]}], "oneof"),
        ([HELLO, calls(call("")), ANSWERED], "Name cannot be empty"),
        ([calls(call("f")), ANSWERED], CALL_ORDER),
        ([HELLO, model("a"), calls(call("f")), ANSWERED], CALL_ORDER),
        ([HELLO, calls(call("f"), call("f")), ANSWERED], COUNT),
        ([HELLO, calls(call("f")), HELLO], COUNT),
        ([HELLO, calls(call("f"))], LAST),
        ([HELLO, model("a"), ANSWERED], RESPONSE_ORDER),
        ([ANSWERED], RESPONSE_ORDER),
        ([HELLO, calls(call("f")), ANSWERED, ANSWERED], RESPONSE_ORDER),
        (
            [HELLO, calls(call("f")), responses({"text": "so"}, response("f", out=1))],
            RESPONSE_ORDER,
        ),
        (
            [
                HELLO,
                calls(call("f"), call("g")),
                responses(response("g"), response("f")),
            ],
            "in the order of the function call parts",
        ),
        (
            [HELLO, calls(call("f")), responses({"functionResponse": {"name": "f"}})],
            "invalid argument",
        ),
        ([responses({"functionCall": {"name": "f"}})], CALL_ORDER),
        (
            [with_part(fileData={"fileUri": "https://a.example/x"})["contents"][0]],
            "URL",
        ),
    ],
)
def test_a_conversation_out_of_order_is_refused(
    contents: list[Any], words: str
) -> None:
    assert words in refusal(request(*contents), "gemini-2.5-flash", "cloudcode")


@pytest.mark.parametrize(
    "contents",
    [
        [HELLO],
        [HELLO, HELLO],
        [HELLO, model("a"), HELLO],
        [HELLO, calls(call("f")), ANSWERED],
        [HELLO, calls(call("f")), ANSWERED | {"role": "function"}, model("so"), HELLO],
        [HELLO, calls(call("f")), ANSWERED, calls(call("f")), ANSWERED],
        [HELLO, calls(call("f"), call("g")), responses(response("f"), response("g"))],
        [HELLO, calls(call("f")), responses(response("f"), {"text": "and now?"})],
        [with_part(fileData={"fileUri": "gs://bucket/x"})["contents"][0]],
        [HELLO, {"role": "model", "parts": [{"text": "", "thoughtSignature": "aaaa"}]}],
        [
            HELLO,
            {"role": "model", "parts": [{"text": "so"}, {"thoughtSignature": "aa"}]},
        ],
    ],
)
def test_an_orderly_conversation_passes(contents: list[Any]) -> None:
    checked(request(*contents), "gemini-2.5-flash", "cloudcode")


def test_only_the_gemini_api_takes_contents_without_a_role() -> None:
    body = request({"parts": [{"text": "no role"}]})
    checked(body, "gemini-2.5-flash", "gemini_api")
    for api in OTHERS:
        assert "Please use a valid role" in refusal(body, "gemini-2.5-flash", api)


def test_ids_must_pair_where_responses_have_them() -> None:
    def with_ids(asked: str, answered: str) -> dict[str, Any]:
        asking, saying = call("f"), response("f", out=1)
        asking["functionCall"]["id"] = asked
        saying["functionResponse"]["id"] = answered
        return request(HELLO, calls(asking), responses(saying))

    checked(with_ids("a", "a"), "gemini-2.5-flash", "cloudcode")
    words = refusal(with_ids("a", "b"), "gemini-2.5-flash", "cloudcode")
    assert "in the order of the function call parts" in words


def test_newer_models_refuse_prefill() -> None:
    body = request(HELLO, model("It was"))
    checked(body, "gemini-2.5-flash")
    checked(body, "gemini-3.5-flash")
    for name in ("gemini-3.5-flash-lite", "gemini-3.6-flash", "gemini-3.8-flash"):
        assert LAST in refusal(body, name, "gemini_api")


def test_pictures_in_results_need_gemini_3() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    saying = response("f", out=1)
    saying["functionResponse"]["parts"] = [picture]
    body = request(HELLO, calls(call("f", BYPASSES[0])), responses(saying))
    checked(body, "gemini-3.5-flash")
    assert "Multimodal" in refusal(body, "gemini-2.5-flash", "gemini_api")


# ------------------------------------------------------------------------ signatures

FLASH = models.find("gemini-3-flash", "cloudcode")
GOOD = SIGNER.issue(FLASH, ALICE, "seed", {"name": "f"})
FOREIGN = SIGNER.issue(FLASH, Scope("bob", "bob-01"), "seed", {"name": "f"})
STALE = SIGNER.issue(FLASH, ALICE, "seed", {"name": "g"})
OF_TEXT = SIGNER.issue(FLASH, ALICE, "seed")


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ([HELLO, calls(call("f")), ANSWERED], "missing a `thought_signature`"),
        ([HELLO, calls(call("f", FOREIGN)), ANSWERED], "Corrupted thought signature"),
        ([HELLO, calls(call("f", "c2ln")), ANSWERED], "Corrupted thought signature"),
        ([HELLO, calls(call("f", STALE)), ANSWERED], "Invalid thought signature"),
        ([HELLO, calls(call("f", OF_TEXT)), ANSWERED], "Invalid thought signature"),
        (
            [HELLO, calls(call("f", GOOD)), ANSWERED, calls(call("f")), ANSWERED],
            "function call `f` in the 4. content block",
        ),
        (
            [
                HELLO,
                calls(call("f"), call("f", GOOD)),
                responses(response("f"), response("f")),
            ],
            "missing a `thought_signature`",
        ),
    ],
)
def test_the_current_turn_must_be_signed(contents: list[Any], words: str) -> None:
    assert words in refusal(request(*contents), "gemini-3-flash", "cloudcode")


@pytest.mark.parametrize(
    "contents",
    [
        [HELLO, calls(call("f", GOOD)), ANSWERED],
        [HELLO, calls(call("f", BYPASSES[0])), ANSWERED],
        [HELLO, calls(call("f", BYPASSES[1])), ANSWERED],
        [HELLO, calls(call("f")), ANSWERED, model("so"), HELLO],
        [HELLO, calls(call("f", FOREIGN)), ANSWERED, model("so"), HELLO],
        [
            HELLO,
            calls(call("f", GOOD), call("f")),
            responses(response("f"), response("f")),
        ],
    ],
)
def test_signed_calls_bypasses_siblings_and_old_turns_pass(contents: list[Any]) -> None:
    checked(request(*contents), "gemini-3-flash", "cloudcode")


def test_each_dialect_words_a_missing_signature_its_own_way() -> None:
    body = request(HELLO, calls(call("f")), ANSWERED)
    words = refusal(body, "gemini-3.5-flash", "gemini_api")
    assert "`default_api:f` , position 2." in words
    checked(body, "gemini-2.5-flash", "gemini_api")


@pytest.mark.parametrize("signature", [None, "c2ln", FOREIGN, STALE])
def test_older_models_take_any_signature_or_none(signature: str | None) -> None:
    body = request(HELLO, calls(call("f", signature)), ANSWERED)
    checked(body, "gemini-2.5-flash", "cloudcode")


def test_what_stands_on_the_calls_that_need_a_signature_is_counted() -> None:
    signed = [None, GOOD, GOOD, STALE, FOREIGN, BYPASSES[0]]
    steps = [step for s in signed for step in (calls(call("f", s)), ANSWERED)]
    sibling = calls(call("f", GOOD), call("f"))
    old = [HELLO, calls(call("f")), ANSWERED, model("so")]
    body = request(*old, HELLO, *steps, sibling)
    counted = {"bare": 1, "real": 3, "stale": 1, "foreign": 1, "bypass": 1}
    assert tally(body, FLASH, SIGNER, ALICE) == counted
    assert tally(request(HELLO), FLASH, SIGNER, ALICE) == {}


# ----------------------------------------------------------------------------- tools


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (request(HELLO, functions=[function("2fast")]), "Invalid function name"),
        (request(HELLO, functions=[function("a/b")]), "Invalid function name"),
        (request(HELLO, functions=[function("x" * 65)]), "Invalid function name"),
        (
            request(HELLO, functions=[WEATHER, WEATHER]),
            "Duplicate function declaration",
        ),
        (
            request(HELLO, functions=[WEATHER | {"parameters": {}}]),
            "mutually exclusive",
        ),
        (
            request(
                HELLO, tools=[{"functionDeclarations": [WEATHER], "googleSearch": {}}]
            ),
            "Built-in tools ({google_search}) and Custom tools",
        ),
        (request(HELLO, mode={"mode": "ANY"}), "without function_declarations"),
        (
            request(
                HELLO,
                functions=[WEATHER],
                mode={"mode": "AUTO", "allowedFunctionNames": ["get_weather"]},
            ),
            "only be set when the function calling mode is ANY",
        ),
        (
            request(
                HELLO,
                functions=[WEATHER],
                mode={"mode": "ANY", "allowedFunctionNames": ["get_time"]},
            ),
            "'get_time' is not among",
        ),
        (
            request(
                HELLO,
                functions=[WEATHER],
                generationConfig={"responseMimeType": "application/json"},
            ),
            "Function calling with a response mime type: 'application/json'",
        ),
    ],
)
def test_wrong_tools_are_refused(body: dict[str, Any], words: str) -> None:
    assert words in refusal(body, "gemini-2.5-flash", "cloudcode")


def test_search_and_functions_together_need_a_flag_the_vertex_dialect_lacks() -> None:
    tools = [{"functionDeclarations": [WEATHER]}, {"googleSearch": {}}]
    body = request(HELLO, tools=tools)
    flagged = body | {"toolConfig": {"includeServerSideToolInvocations": True}}
    unsupported = "Tool use with function calling is unsupported"
    assert unsupported in refusal(body, "gemini-2.5-flash", "gemini_api")
    assert "Please enable" in refusal(body, "gemini-3.5-flash", "gemini_api")
    checked(flagged, "gemini-3.5-flash", "gemini_api")
    assert "Built-in tools" in refusal(body, "gemini-3-flash", "cloudcode")
    assert "Unknown name" in refusal(flagged, "gemini-3-flash", "cloudcode")


def test_gemini_3_combines_json_and_tools_and_built_ins_go_together() -> None:
    config = {"responseMimeType": "application/json"}
    checked(request(HELLO, functions=[WEATHER], generationConfig=config))
    checked(request(HELLO, tools=[{"googleSearch": {}}, {"urlContext": {}}]))


# --------------------------------------------------------------------------- schemas


@pytest.mark.parametrize(
    "keyword",
    ["$schema", "$id", "const", "additionalProperties", "uniqueItems", "x-order", "if"],
)
def test_the_proto_form_knows_few_words(keyword: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", keyword: 1}}}
    words = refusal(proto(schema), "gemini-2.5-flash", "gemini_api")
    assert f'Unknown name "{keyword}"' in words
    checked(free(schema))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "STRING"}, "should be of type OBJECT"),
        ({"type": "OBJECT"}, "should be non-empty for OBJECT type"),
        ({"properties": {"a": {"type": "ARRAY"}}}, "items: missing field"),
        (
            {
                "type": "OBJECT",
                "properties": {"a": {"type": "STRING"}},
                "required": ["b"],
            },
            "required[0]: property is not defined",
        ),
        ({"properties": {"a": {"type": "INTEGER", "enum": ["1"]}}}, "only allowed for"),
        ({"properties": {"a": {"type": "STRING", "enum": [""]}}}, "enum[0]: cannot be"),
        ({"properties": {"a": {"type": "STRING", "enum": [1]}}}, "(TYPE_STRING), 1"),
        (
            {"properties": {"a": {"type": "STRING", "format": "uri"}}},
            "only 'enum' and 'date-time' are supported for STRING type",
        ),
    ],
)
def test_the_proto_form_has_rules(schema: dict[str, Any], words: str) -> None:
    assert words in refusal(proto(schema), "gemini-2.5-flash", "gemini_api")


def test_vertex_wants_any_of_alone() -> None:
    branches = [{"type": "STRING"}, {"type": "INTEGER"}]
    beside = {"properties": {"a": {"type": "STRING", "anyOf": branches}}}
    alone = {"properties": {"a": {"description": "either", "anyOf": branches}}}
    assert "any_of" in refusal(proto(beside), "gemini-2.5-flash", "cloudcode")
    checked(proto(alone), "gemini-2.5-flash", "cloudcode")
    checked(proto(beside), "gemini-2.5-flash", "gemini_api")


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


TREE = {
    "type": "object",
    "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
}
LOOP = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/A"}},
    "required": ["a"],
    "$defs": {
        "A": {
            "type": "object",
            "properties": {"b": {"$ref": "#/$defs/A"}},
            "required": ["b"],
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (_nested(40), "nesting depth"),
        (LOOP, "cyclic reference"),
        ({"properties": {"a": {"$ref": "#/$defs/No"}}}, "undefined schema"),
        ({"properties": {"a": {"$ref": "https://x.example/s"}}}, "undefined schema"),
        (
            {"properties": {"a": {"$ref": "#", "description": "x"}}},
            "may not set description",
        ),
        ({"type": "string"}, "should be of type OBJECT"),
        (True, "should be an object"),
    ],
)
def test_the_free_form_has_limits(schema: Any, words: str) -> None:
    assert words in refusal(free(schema), "gemini-2.5-flash", "gemini_api")


def test_the_free_form_takes_nearly_everything_else() -> None:
    checked(free(TREE))
    checked(free({}))
    checked(free(_nested(20)))
    checked(free({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}))


def test_type_lists_are_refused_on_wish() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    with pytest.raises(GoogleError, match="not repeating"):
        check_free(schema, "p", is_object=True, type_lists=False)


# ------------------------------------------------------------------------ generation


@pytest.mark.parametrize(
    ("name", "config", "words"),
    [
        ("gemini-2.5-flash", {"temperature": 2.5}, "temperature value of 2.5"),
        ("gemini-2.5-flash", {"topP": 1.5}, "topP"),
        ("gemini-3.5-flash", {"topP": 0}, "topP"),
        ("gemini-2.5-flash", {"maxOutputTokens": 0}, "maxOutputTokens value of 0"),
        ("gemini-2.5-flash", {"maxOutputTokens": 65_537}, "maxOutputTokens"),
        ("gemini-2.5-flash", {"candidateCount": 2}, "Multiple candidates"),
        ("gemini-2.5-flash", {"stopSequences": list("abcdef")}, "stop sequences (6)"),
        ("gemini-2.5-flash", {"stopSequences": [""]}, "must not be empty"),
        ("gemini-2.5-flash", {"presencePenalty": 0.5}, "Penalty is not enabled"),
        ("gemini-3.5-flash", {"frequencyPenalty": -1}, "Penalty is not enabled"),
        ("gemini-3.5-flash", {"logprobs": 3}, "Logprobs is not enabled"),
        ("gemini-3.5-flash", {"responseModalities": ["IMAGE"]}, "modalities: image"),
        ("gemini-3.5-flash", {"responseMimeType": "text/html"}, "allowed mimetypes"),
        (
            "gemini-3.5-flash",
            {"responseJsonSchema": {}},
            "needs a response mime type",
        ),
        (
            "gemini-3.5-flash",
            {
                "responseMimeType": "application/json",
                "responseJsonSchema": {},
                "responseSchema": {},
            },
            "Only one of",
        ),
    ],
)
def test_settings_out_of_range_are_refused(
    name: str, config: dict[str, Any], words: str
) -> None:
    assert words in refusal(with_config(**config), name, "gemini_api")


@pytest.mark.parametrize(
    ("name", "thinking", "words"),
    [
        ("gemini-2.5-pro", {"thinkingBudget": 0}, "only works in thinking mode"),
        ("gemini-2.5-pro", {"thinkingBudget": 127}, "between 128 and 32768"),
        ("gemini-2.5-pro", {"thinkingBudget": 32_769}, "between 128 and 32768"),
        ("gemini-2.5-pro", {"thinkingBudget": 128}, ""),
        ("gemini-2.5-pro", {"thinkingBudget": -1}, ""),
        ("gemini-2.5-flash", {"thinkingBudget": 0}, ""),
        ("gemini-2.5-flash", {"thinkingBudget": 0, "includeThoughts": True}, "include"),
        ("gemini-2.5-flash", {"thinkingBudget": 24_577}, "is invalid"),
        ("gemini-2.5-flash", {"thinkingLevel": "LOW"}, "level is not supported"),
        ("gemini-2.5-flash-lite", {"thinkingBudget": 511}, "between 512 and"),
        ("gemini-3.5-flash", {"thinkingLevel": "minimal"}, ""),
        ("gemini-3.5-flash", {"thinkingLevel": "HIGH", "includeThoughts": True}, ""),
        ("gemini-3.5-flash", {"thinkingLevel": "XHIGH"}, "thinking_level"),
        ("gemini-3.5-flash", {"thinkingBudget": 1024}, ""),
        (
            "gemini-3.5-flash",
            {"thinkingBudget": 1, "thinkingLevel": "LOW"},
            "only one of thinking budget and thinking level",
        ),
        ("gemini-3.8-flash", {"thinkingLevel": "MINIMAL"}, "MINIMAL is not supported"),
        ("gemini-3.1-pro-preview", {"thinkingLevel": "MEDIUM"}, ""),
        (
            "gemini-3-pro-preview",
            {"thinkingLevel": "MEDIUM"},
            "MEDIUM is not supported",
        ),
        ("gemini-2.0-flash", {"includeThoughts": True}, "Thinking is not enabled"),
    ],
)
def test_each_model_thinks_its_own_way(
    name: str, thinking: dict[str, Any], words: str
) -> None:
    api: Api = "cloudcode" if name == "gemini-3-pro-preview" else "gemini_api"
    body = with_config(thinkingConfig=thinking)
    if words:
        assert words in refusal(body, name, api)
    else:
        checked(body, name, api)


def test_penalties_of_zero_and_older_models_pass() -> None:
    checked(with_config(presencePenalty=0), "gemini-3.5-flash")
    checked(with_config(presencePenalty=0.5), "gemini-2.0-flash")


def test_safety_settings() -> None:
    setting = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}
    extra = {"category": "HARM_CATEGORY_JAILBREAK", "threshold": "OFF"}
    checked(request(HELLO, safetySettings=[setting, extra]), "gemini-2.5-flash")
    twice = request(HELLO, safetySettings=[setting, setting])
    assert "Duplicate" in refusal(twice, "gemini-2.5-flash", "gemini_api")
    odd = request(HELLO, safetySettings=[extra])
    assert "Unsupported" in refusal(odd, "gemini-2.5-flash-lite", "gemini_api")


def test_a_prompt_can_be_too_long() -> None:
    body = request(user("word " * 60_000))
    words = refusal(body, "gemini-2.5-flash-image", "gemini_api")
    assert "The input token count (75000) exceeds the maximum" in words
    checked(body, "gemini-2.5-flash")


# ---------------------------------------------------------------------------- no crash

_LEAVES = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=4)
_KEYS = st.sampled_from(
    [
        *(
            "type",
            "properties",
            "items",
            "anyOf",
            "$ref",
            "enum",
            "required",
            "minItems",
        ),
        *("text", "role", "parts", "functionCall", "functionResponse", "response"),
        *("name", "args", "tools", "functionDeclarations", "parametersJsonSchema", "a"),
    ]
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_JSON, _JSON, _JSON)
def test_whatever_comes_is_refused_or_answered(
    contents: Any, schema: Any, tools: Any
) -> None:
    config = {"responseMimeType": "application/json", "responseJsonSchema": schema}
    chosen = models.find("gemini-3.5-flash", "gemini_api")
    for body in (
        {"contents": contents, "tools": tools},
        request(HELLO, generationConfig=config),
        free(schema) | {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
    ):
        try:
            found = checked(body)
        except GoogleError as error:
            assert error.status == 400
            continue
        script = answer(found, chosen, signer=SIGNER, scope=ALICE)
        json.dumps(script.chunks)
