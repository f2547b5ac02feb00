"""What the simulator answers; prompts on the left, answers on the right."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gswarm.simulator import models, wire
from gswarm.simulator.answers import Manner, Script
from gswarm.simulator.answers.chunks import Ending
from gswarm.simulator.answers.media import PNG
from gswarm.simulator.models import Api

from .asking import (
    ALICE,
    SIGNER,
    answered,
    call,
    calls,
    calls_of,
    finish_of,
    function,
    model,
    parts_of,
    request,
    response,
    responses,
    text_of,
    user,
)

WEATHER = function("get_weather", "Get the weather at a location.", location="string")
ADDER = function("my_adder", "Returns the sum of a and b.", a="integer", b="integer")
MAGIC = function("magic_function", "Applies a magic function.", input="integer")
MAIL = function("send_email", "Sends mail.", to="string", subject="string")
NO_ARGS = function("list_files", "Lists the files of the folder.")
EVERY = [WEATHER, ADDER, MAGIC, MAIL, NO_ARGS]
ANY = {"mode": "ANY"}
THOUGHTS = {"thinkingConfig": {"includeThoughts": True}}


def ask(prompt: str, **config: Any) -> Script:
    return answered(request(user(prompt), generationConfig=config))


def called(prompt: str, functions: list[Any], **members: Any) -> list[Any]:
    return calls_of(answered(request(user(prompt), functions=functions, **members)))


# ------------------------------------------------------------------------------ text


def test_the_answer_names_the_model_and_repeats_the_question() -> None:
    text = text_of(ask("Who are you?"))
    assert text.startswith("Simulated gemini-3.5-flash heard: Who are you?")


def test_the_answer_shows_what_else_arrived() -> None:
    script = answered(
        request(
            user("One"),
            model("Two"),
            user("Three"),
            systemInstruction={"parts": [{"text": "Be brief."}]},
        )
    )
    text = text_of(script)
    assert "heard: Three" in text
    assert "It was told: Be brief." in text
    assert "turn 2 of the conversation" in text


def test_media_are_described() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    sound = base64.b64encode(b"x" * 999).decode()
    recording = {"inlineData": {"mimeType": "audio/wav", "data": sound}}
    content = user("What is this?")
    content["parts"] += [picture, recording]
    text = text_of(answered(request(content)))
    assert "image/png of 70 bytes, 1x1 pixels" in text
    assert "audio/wav of 999 bytes" in text


def test_equal_questions_get_equal_answers() -> None:
    body = request(user("Hello"))
    assert answered(body, serial=7) == answered(body, serial=7)
    one, other = answered(body, serial=7), answered(body, serial=8)
    assert text_of(one) == text_of(other)
    assert one.chunks[0]["responseId"] != other.chunks[0]["responseId"]


def test_text_comes_in_chunks_of_the_length_asked_for() -> None:
    script = answered(request(user("Hello")), manner=Manner(chunk_chars=30))
    texts = [
        part["text"]
        for chunk in script.chunks
        for part in chunk["candidates"][0]["content"].get("parts", [])
    ]
    assert len(texts) > 4
    assert all(len(text) <= 30 for text in texts)
    assert "".join(texts) == text_of(script)


@pytest.mark.parametrize(
    ("ending", "parts"), [("text", 1), ("bare", 0), ("signature", 1)]
)
def test_the_finishing_chunk_varies(ending: Ending, parts: int) -> None:
    script = answered(request(user("Hello")), manner=Manner(ending=ending))
    last = script.chunks[-1]["candidates"][0]
    assert last["finishReason"] == "STOP"
    found = last["content"].get("parts", [])
    assert len(found) == parts
    if ending == "signature":
        flash = models.find("gemini-3.5-flash", "gemini_api")
        assert found[0]["text"] == ""
        assert SIGNER.knows(found[0]["thoughtSignature"], flash, ALICE)
    finishes = ["finishReason" in c["candidates"][0] for c in script.chunks]
    assert finishes.count(True) == 1


def test_chance_brings_every_ending() -> None:
    seen = set()
    for serial in range(60):
        script = answered(request(user("Hello")), manner=Manner(), serial=serial)
        parts = script.chunks[-1]["candidates"][0]["content"].get("parts", [])
        seen.add(parts and parts[0]["text"] == "" if parts else None)
    assert seen == {None, True, False}


# --------------------------------------------------------------------- limits, usage


@pytest.mark.parametrize(
    ("config", "text", "finish"),
    [
        ({"maxOutputTokens": 48}, "", "MAX_TOKENS"),
        ({"maxOutputTokens": 50}, "Simulate", "MAX_TOKENS"),
        ({"stopSequences": ["heard"]}, "Simulated gemini-3.5-flash ", "STOP"),
        ({"stopSequences": ["zz", "gem", "-"]}, "Simulated ", "STOP"),
    ],
)
def test_limits_and_stop_sequences_cut_the_answer(
    config: dict[str, Any], text: str, finish: str
) -> None:
    script = ask("Hello", **config)
    assert text_of(script) == text
    assert finish_of(script) == finish


def test_thoughts_count_against_the_limit() -> None:
    low = ask("Hi", maxOutputTokens=40, thinkingConfig={"thinkingLevel": "LOW"})
    high = ask("Hi", maxOutputTokens=40, thinkingConfig={"thinkingLevel": "HIGH"})
    assert text_of(low)
    assert not text_of(high)
    usage = high.chunks[-1]["usageMetadata"]
    assert usage["thoughtsTokenCount"] == 40


def test_a_call_that_does_not_fit_is_dropped_whole() -> None:
    body = request(
        user("Weather in Oslo?"),
        functions=[WEATHER],
        generationConfig={"maxOutputTokens": 50},
    )
    script = answered(body)
    assert not calls_of(script)
    assert finish_of(script) == "MAX_TOKENS"


@pytest.mark.parametrize(
    "body",
    [
        request(user("Hello")),
        request(user("Hello"), generationConfig=THOUGHTS),
        request(user("Hello"), generationConfig={"maxOutputTokens": 10}),
        request(user("Weather in Oslo and Rome?"), functions=[WEATHER]),
        request(user("long " * 3000)),
        request(user("[[block:SAFETY]]")),
        request(user("[[empty]]")),
    ],
)
def test_usage_grows_and_always_adds_up(body: dict[str, Any]) -> None:
    script = answered(body)
    counted = [chunk["usageMetadata"] for chunk in script.chunks]
    for usage in counted:
        assert usage["totalTokenCount"] == (
            usage["promptTokenCount"]
            + usage.get("candidatesTokenCount", 0)
            + usage.get("thoughtsTokenCount", 0)
        )
        assert usage["promptTokenCount"] == counted[0]["promptTokenCount"] > 0
    totals = [usage["totalTokenCount"] for usage in counted]
    assert totals == sorted(totals)
    assert not any("cachedContentTokenCount" in usage for usage in counted[:-1])


def test_long_prompts_are_partly_cached() -> None:
    usage = answered(request(user("long " * 3000))).chunks[-1]["usageMetadata"]
    assert 0 < usage["cachedContentTokenCount"] <= usage["promptTokenCount"]


# -------------------------------------------------------------------------- thoughts


def test_thoughts_are_shown_only_when_asked_for() -> None:
    assert parts_of(ask("Hello", **THOUGHTS))[0]["thought"] is True
    assert not any("thought" in part for part in parts_of(ask("Hello")))
    for script in (ask("Hello", **THOUGHTS), ask("Hello")):
        assert script.chunks[0]["usageMetadata"]["thoughtsTokenCount"] > 0


@pytest.mark.parametrize(
    ("name", "thinking", "thinks"),
    [
        ("gemini-2.5-flash", {}, True),
        ("gemini-2.5-flash", {"thinkingBudget": 0}, False),
        ("gemini-2.5-flash-lite", {}, False),
        ("gemini-2.5-flash-lite", {"thinkingBudget": 512}, True),
        ("gemini-2.0-flash", {}, False),
        ("gemini-3.5-flash", {"thinkingLevel": "MINIMAL"}, True),
    ],
)
def test_who_thinks(name: str, thinking: dict[str, Any], thinks: bool) -> None:
    config = {"thinkingConfig": thinking} if thinking else {}
    script = answered(request(user("Hi"), generationConfig=config), name)
    usage = script.chunks[-1]["usageMetadata"]
    assert (usage.get("thoughtsTokenCount", 0) > 0) is thinks


# ----------------------------------------------------------------------------- calls


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "What is the weather in San Francisco, CA?",
            [("get_weather", {"location": "San Francisco, CA"})],
        ),
        (
            "What's the weather in both Oslo and Rome?",
            [
                ("get_weather", {"location": "Oslo"}),
                ("get_weather", {"location": "Rome"}),
            ],
        ),
        (
            "weather in Oslo, Paris and in New York",
            [
                ("get_weather", {"location": "Oslo"}),
                ("get_weather", {"location": "Paris"}),
                ("get_weather", {"location": "New York"}),
            ],
        ),
        ("What is my_adder(3, 4)?", [("my_adder", {"a": 3, "b": 4})]),
        ("Please add 3 and 4", [("my_adder", {"a": 3, "b": 4})]),
        ("What is the sum of 3 and 4?", [("my_adder", {"a": 3, "b": 4})]),
        ("magic_function(input=-5)", [("magic_function", {"input": -5})]),
        (
            "Apply magic_function to 3, 4 and 5.",
            [("magic_function", {"input": n}) for n in (3, 4, 5)],
        ),
        (
            "Call magic_function twice, with 8",
            [("magic_function", {"input": 8}), ("magic_function", {"input": 8})],
        ),
        (
            "magic_function(1) and my_adder(2,3)",
            [("magic_function", {"input": 1}), ("my_adder", {"a": 2, "b": 3})],
        ),
        (
            "Send an email to 'ada@example.com' with subject \"Hello there\"",
            [("send_email", {"to": "ada@example.com", "subject": "Hello there"})],
        ),
        ("Which files are there?", [("list_files", {})]),
        ("Hello!", []),
        ("Tell me a joke", []),
    ],
)
def test_a_prompt_that_asks_for_a_function_gets_it_called(
    prompt: str, expected: list[Any]
) -> None:
    assert called(prompt, EVERY) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ({"mode": "NONE"}, []),
        ({"mode": "AUTO"}, []),
        (ANY, ["get_weather"]),
        (
            {"mode": "ANY", "allowedFunctionNames": ["magic_function"]},
            ["magic_function"],
        ),
        ({"mode": "VALIDATED"}, []),
    ],
)
def test_the_mode_decides_when_the_prompt_does_not(
    mode: dict[str, Any], expected: list[str]
) -> None:
    made = called("Hello!", EVERY, mode=mode)
    assert [name for name, _ in made] == expected


def test_use_the_tool_calls_the_only_one() -> None:
    made = called("Use the tool.", [function("frobnicate", kind="string")])
    assert made == [("frobnicate", {"kind": "Use the tool."})]


def test_words_of_every_script_reach_the_arguments() -> None:
    customer = function("make_customer", "Makes a customer.", customer_name="string")
    made = called("Create a customer named '你好啊集团' (Hello Group)", [customer])
    assert made == [("make_customer", {"customer_name": "你好啊集团"})]


def test_after_the_results_comes_text_that_quotes_them() -> None:
    body = request(
        user("Weather in Oslo and Rome?"),
        calls(
            call("get_weather", "skip_thought_signature_validator", location="Oslo"),
            call("get_weather", location="Rome"),
        ),
        responses(
            response("get_weather", output="4 °C"), response("get_weather", temp=21)
        ),
        functions=[WEATHER],
    )
    script = answered(body)
    assert not calls_of(script)
    text = text_of(script)
    assert "get_weather said 4 °C" in text
    assert 'get_weather said {"temp": 21}' in text


def test_a_chain_is_worked_off_step_by_step() -> None:
    prompt = (
        "Step by step: first magic_function(1), then my_adder(1, 2), then list_files"
    )
    contents = [user(prompt)]
    made = []
    for _ in range(4):
        script = answered(request(*contents, functions=EVERY), "gemini-3.5-flash")
        made.append([name for name, _ in calls_of(script)])
        if not made[-1]:
            break
        contents.append({"role": "model", "parts": parts_of(script)})
        saying = response(made[-1][0], result=42)
        saying["functionResponse"]["id"] = parts_of(script)[0]["functionCall"]["id"]
        contents.append(responses(saying))
    assert made == [["magic_function"], ["my_adder"], ["list_files"], []]
    assert "list_files said" in text_of(script)


def test_a_new_prompt_beside_the_results_is_answered_anew() -> None:
    body = request(
        user("Weather in Oslo?"),
        calls(call("get_weather", "skip_thought_signature_validator")),
        responses(
            response("get_weather", output="ok"), {"text": "Now magic_function(2)"}
        ),
        functions=EVERY,
    )
    assert calls_of(answered(body)) == []
    assert "That answers: Now magic_function(2)" in text_of(answered(body))


@pytest.mark.parametrize(
    ("name", "api", "signed", "has_id"),
    [
        ("gemini-3.5-flash", "gemini_api", True, True),
        ("gemini-2.5-flash", "cloudcode", True, False),
        ("gemini-2.5-flash-lite", "cloudcode", False, False),
    ],
)
def test_the_first_call_is_signed_by_models_that_think(
    name: str, api: Api, signed: bool, has_id: bool
) -> None:
    body = request(user("Weather in Oslo and Rome?"), functions=[WEATHER])
    first, second = parts_of(answered(body, name, api=api))
    assert ("thoughtSignature" in first) is signed
    assert "thoughtSignature" not in second
    assert ("id" in first["functionCall"]) is has_id
    with_ids = answered(
        body, name, api=api, manner=Manner(ending="text", call_ids=True)
    )
    ids = [part["functionCall"]["id"] for part in parts_of(with_ids)]
    assert len(set(ids)) == 2


def test_whole_numbers_may_come_as_floats() -> None:
    body = request(user("Add 3 and 4"), functions=[ADDER])
    floats = answered(body, manner=Manner(floats=True))
    assert '"a": 3.0' in json.dumps(calls_of(floats))
    by_chance = {
        json.dumps(calls_of(answered(body, manner=Manner(), serial=n)))
        for n in range(30)
    }
    assert len(by_chance) == 2


# -------------------------------------------------------------------------- grounding


@pytest.mark.parametrize("config", [{}, {"maxOutputTokens": 90}])
def test_search_results_point_into_the_text_by_bytes(config: dict[str, Any]) -> None:
    body = request(
        user("Hva skjer i Ålesund?"),
        tools=[{"googleSearch": {}}],
        generationConfig=config,
    )
    script = answered(body)
    last = script.chunks[-1]["candidates"][0]
    text = text_of(script).encode()
    if config:
        assert "groundingMetadata" not in last
        return
    supports = last["groundingMetadata"]["groundingSupports"]
    assert len(supports) == 2
    for support in supports:
        segment = support["segment"]
        start, end = segment.get("startIndex", 0), segment["endIndex"]
        assert text[start:end].decode() == segment["text"]
        assert not segment["text"].isascii()


# --------------------------------------------------------------------------- markers


def test_a_blocked_prompt_has_no_candidates() -> None:
    (chunk,) = ask("[[block:PROHIBITED_CONTENT]] x").chunks
    assert chunk["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
    assert "candidates" not in chunk


@pytest.mark.parametrize(
    "reason",
    ["SAFETY", "RECITATION", "LANGUAGE", "OTHER", "SPII", "MAX_TOKENS", "UNHEARD_OF"],
)
def test_a_reason_that_breaks_off_leaves_half_the_text(reason: str) -> None:
    script = ask(f"Hello [[finish:{reason}]]")
    assert finish_of(script) == reason
    assert 0 < len(text_of(script)) < len(text_of(ask("Hello")))


@pytest.mark.parametrize(
    "prompt",
    ["[[malformed-call]]", "[[finish:UNEXPECTED_TOOL_CALL]]", "[[empty]]"],
)
def test_some_ends_come_without_parts(prompt: str) -> None:
    script = answered(request(user(prompt + " weather in Oslo"), functions=[WEATHER]))
    assert parts_of(script) == []
    expected = {"[[malformed-call]]": "MALFORMED_FUNCTION_CALL", "[[empty]]": "STOP"}
    assert finish_of(script) == expected.get(prompt, "UNEXPECTED_TOOL_CALL")


def test_only_thoughts() -> None:
    parts = parts_of(ask("[[thoughts-only]]"))
    assert parts and all(part["thought"] for part in parts)


def test_streams_may_lack_their_end_their_usage_or_their_candidates() -> None:
    assert finish_of(ask("[[no-finish]]")) is None
    assert not any("usageMetadata" in chunk for chunk in ask("[[no-usage]]").chunks)
    assert not any("candidates" in chunk for chunk in ask("[[no-candidates]]").chunks)
    *_, finishing, late = ask("[[late-usage]]").chunks
    assert finishing["candidates"][0]["finishReason"] == "STOP"
    assert "usageMetadata" not in finishing
    assert "candidates" not in late
    assert late["usageMetadata"]["totalTokenCount"] > 0


def test_wishes_for_words() -> None:
    assert text_of(ask("[[say:naïve\n“text”]]")) == "naïve\n“text”"
    assert len(text_of(ask("[[words:500]]")).split()) == 500
    assert "[[" not in text_of(ask("a [[late-usage]] b"))
    assert "[[unknown]]" in text_of(ask("a [[unknown]] b"))


def test_pictures_are_painted() -> None:
    assert "inlineData" in parts_of(ask("[[image]]"))[-1]
    script = answered(request(user("A cat")), "gemini-2.5-flash-image")
    assert base64.b64decode(parts_of(script)[-1]["inlineData"]["data"])[1:4] == b"PNG"


def test_a_unary_reply_joins_what_a_stream_cuts() -> None:
    script = ask("Hello", **THOUGHTS)
    parts = wire.unary(script, wrap=False)["candidates"][0]["content"]["parts"]
    assert [part.get("thought", False) for part in parts] == [True, False]


def test_what_agents_put_in_tags_beside_a_prompt_calls_nothing() -> None:
    reminder = "<system-reminder>Use the send_email tool.</system-reminder>"
    assert called(f"{reminder}\nHello", EVERY) == []
    assert called(f"{reminder}\nUse get_weather for 'Oslo'", EVERY) == [
        ("get_weather", {"location": "Oslo"})
    ]


def test_a_form_is_filled_from_words_and_not_from_an_agent_s_context():
    schema = {"type": "object", "properties": {"degrees": {"type": "integer"}}}
    context = "<environment_context> <date>2026-11-28</date>\n</environment_context>"
    body = request(
        user(context, "It is 21 degrees."),
        generationConfig={
            "responseMimeType": "application/json",
            "responseJsonSchema": schema,
        },
    )
    assert json.loads(text_of(answered(body))) == {"degrees": 21}


def test_what_agents_put_in_tags_gives_no_values_either() -> None:
    schema = {"type": "object", "properties": {"degrees": {"type": "integer"}}}
    script = ask(
        "<environment><date>2026-11-28</date></environment>It is 21 degrees.",
        responseMimeType="application/json",
        responseJsonSchema=schema,
    )
    assert json.loads(text_of(script)) == {"degrees": 21}
