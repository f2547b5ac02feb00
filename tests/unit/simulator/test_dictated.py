"""Calls that the prompt dictates, as real agents' tests need them."""

from __future__ import annotations

from typing import Any

import pytest

from gswarm.simulator.answers import Manner, markers

from .asking import (
    answered,
    call,
    calls,
    calls_of,
    function,
    parts_of,
    request,
    response,
    responses,
    text_of,
    user,
)

BASH = function("Bash", "Runs a command.", command="string", about="string")
READ = function("Read", "Reads a file.", file_path="string")
WEATHER = function("get_weather", "Get the weather.", location="string")
ADD = function("my_adder", "Returns the sum.", a="number", b="integer")
TOOLS = [WEATHER, READ, BASH]
SHELL = {
    "name": "shell",
    "parametersJsonSchema": {
        "type": "object",
        "properties": {"command": {"type": "array", "items": {"type": "string"}}},
        "required": ["command"],
    },
}


def called(prompt: str, functions: list[Any], **members: Any) -> list[Any]:
    body = request(user(prompt), functions=functions, **members)
    return calls_of(answered(body, "gemini-2.5-flash"))


def answer_to(prompt: str, *after: dict[str, Any], functions: list[Any] = TOOLS) -> Any:
    body = request(user(prompt), *after, functions=functions)
    return answered(body, "gemini-2.5-flash")


RAN = responses(response("Bash", output="simulated"))
CALLED = calls(call("Bash", command="echo simulated"))


def test_an_agent_calls_a_harmless_tool_first_and_answers_with_its_result() -> None:
    [(name, args)] = calls_of(answer_to("[[agent]] Tell me about Read and weather."))
    assert (name, args["command"]) == ("Bash", "echo simulated")
    script = answer_to("[[agent]] Tell me of the weather.", CALLED, RAN)
    assert calls_of(script) == []
    assert "Bash said simulated" in text_of(script)


def test_what_an_agent_says_beside_the_results_does_not_begin_anew() -> None:
    with_reminder = responses(
        response("Bash", output="simulated"),
        {"text": "Reminder: use the Read tool. Call get_weather, too."},
    )
    assert calls_of(answer_to("[[agent]] Go.", CALLED, with_reminder)) == []


def test_an_agent_may_call_several_tools_at_once() -> None:
    assert [name for name, _ in called("[[agent:2]]", TOOLS)] == ["Bash", "Read"]
    assert len(called("[[agent:9]]", TOOLS)) == 3


def test_an_agent_takes_what_there_is_with_fitting_arguments() -> None:
    assert called("[[agent]] in Oslo", [WEATHER]) == [
        ("get_weather", {"location": "Oslo"})
    ]
    assert called("[[agent]]", [SHELL]) == [
        ("shell", {"command": ["echo", "simulated"]})
    ]
    assert called("[[agent:Read]]", TOOLS) == [("Read", {"file_path": "README.md"})]


def test_every_prompt_is_an_agents_where_the_world_says_so() -> None:
    body = request(user("Hello"), functions=TOOLS)
    manner = Manner(agent="Read")
    assert calls_of(answered(body, "gemini-2.5-flash", manner=manner))[0][0] == "Read"
    without_tools = request(user("Hello"))
    assert "heard: Hello" in text_of(answered(without_tools, manner=manner))


def test_calls_are_made_word_for_word() -> None:
    prompt = '[[call:my_adder {"a": 1000.0, "b": [[1], [2]], "c": "naïve ]] \n x"}]]'
    [(name, args)] = called(prompt, [ADD])
    assert name == "my_adder"
    assert args == {"a": 1000.0, "b": [[1], [2]], "c": "naïve ]] \n x"}
    assert isinstance(args["a"], float)


def test_a_call_without_arguments_gets_fitting_ones_and_an_empty_object_none() -> None:
    assert called("[[call:get_weather]] in Oslo", TOOLS) == [
        ("get_weather", {"location": "Oslo"})
    ]
    assert called("[[call:get_weather {}]]", TOOLS) == [("get_weather", {})]


def test_a_name_finds_the_function_behind_a_namespace_or_stays_as_it_is() -> None:
    spaced = function("multi_agent__wait", target="string")
    [(name, _)] = called("[[call:wait]]", [WEATHER, spaced])
    assert name == "multi_agent__wait"
    assert called('[[call:nobody {"a": 1}]]', TOOLS) == [("nobody", {"a": 1})]


def test_steps_follow_each_other_and_text_follows_them() -> None:
    prompt = "[[call:Read]] [[call:get_weather]] [[then]] [[call:Bash]] [[say:Done]]"
    first = calls_of(answer_to(prompt))
    assert [name for name, _ in first] == ["Read", "get_weather"]
    both = calls(call("Read"), call("get_weather"))
    results = responses(response("Read", a="1"), response("get_weather", a="2"))
    second = calls_of(answer_to(prompt, both, results))
    assert [name for name, _ in second] == ["Bash"]
    script = answer_to(prompt, both, results, CALLED, RAN)
    assert parts_of(script) == [{"text": "Done"}]


@pytest.mark.parametrize("members", [{}, {"mode": {"mode": "NONE"}}])
def test_nothing_is_called_where_there_are_no_tools_or_none_may_be(
    members: dict[str, Any],
) -> None:
    functions = TOOLS if members else []
    assert called("[[agent]] Please.", functions, **members) == []


def test_a_forced_call_is_made_even_after_the_dictated_ones() -> None:
    body = request(
        user("[[agent]]"), CALLED, RAN, functions=[BASH], mode={"mode": "ANY"}
    )
    assert [name for name, _ in calls_of(answered(body, "gemini-2.5-flash"))] == [
        "Bash"
    ]


def test_markers_are_read_past_json_and_left_out_of_the_prompt() -> None:
    text = 'Go [[call:f {"a": [[1]]}]] now [[unknown:x]] [[empty]] [[call:g {no]]'
    assert markers.every(text) == [
        ("call", 'f {"a": [[1]]}'),
        ("empty", ""),
        ("call", "g {no"),
    ]
    assert markers.without(text) == "Go  now [[unknown:x]]"
    assert markers.every("[[say:no end") == []
