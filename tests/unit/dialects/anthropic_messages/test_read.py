"""What no case of one request shows."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.dialects.anthropic_messages.read import read_request, read_to_count
from gswarm.errors import InvalidRequest, ModelNotFound
from gswarm.gemini.generation import Generation
from gswarm.gemini.models import CATALOGUE
from gswarm.gemini.token_estimate import estimate_tokens

from .golden import READING, cases, load, read


def asked(**fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "hi"}]
    return {"model": "gemini-3.5-flash", "max_tokens": 9, "messages": messages} | fields


kinds = st.sampled_from(["enabled", "adaptive", "disabled", "between_tools", None])


@given(
    model=st.sampled_from([model.id for model in CATALOGUE]),
    kind=kinds,
    budget=st.integers(-5, 200_000) | st.none(),
    effort=st.sampled_from(["low", "medium", "high", "xhigh", "max", None]),
    display=st.sampled_from(["summarized", "omitted", None]),
)
def test_r70_budget_and_level_never_meet(model, kind, budget, effort, display):
    thinking = {"type": kind, "budget_tokens": budget, "display": display}
    body = asked(model=model, thinking=thinking, output_config={"effort": effort})
    config = read(body).request.body["generationConfig"].get("thinkingConfig", {})
    assert not {"thinkingBudget", "thinkingLevel"} <= config.keys()


def test_a_fallback_is_asked_under_the_name_the_client_gave():
    other = replace(READING, model="gemini-2.5-flash")
    found = read_request(asked(), other)
    assert found.request.model == "gemini-2.5-flash"
    assert found.model == "gemini-3.5-flash"


@pytest.mark.parametrize(
    "name", ["claude-x[1m]", "claude-x[1M][1m]", "Claude-X", "anthropic/claude-x"]
)
def test_o10_names_lead_to_their_alias_however_they_are_written(name):
    reading = replace(READING, aliases={"claude-x*": "gemini-3.5-flash"})
    found = read_request(asked(model=name), reading)
    assert found.request.model == "gemini-3.5-flash"


def test_o10_the_name_is_echoed_without_its_window():
    reading = replace(READING, aliases={"claude-x*": "gemini-3.5-flash"})
    assert read_request(asked(model="claude-x[1m]"), reading).model == "claude-x"


def test_the_operators_prompt_comes_first():
    reading = replace(READING, generation=Generation(system_prompt="House rules."))
    body = read_request(asked(system="Be brief."), reading).request.body
    words = [part["text"] for part in body["systemInstruction"]["parts"]]
    assert words == ["House rules.", "Be brief."]


def test_the_operators_defaults_fill_what_is_open():
    generation = Generation(temperature=0.5, top_p=0.6, top_k=7, thinking_level="low")
    reading = replace(READING, generation=generation)
    body = read_request(asked(top_p=0.9), reading).request.body
    assert body["generationConfig"] == {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 7,
        "thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": False},
    }


@pytest.mark.parametrize(
    ("display", "shown"), [(None, False), ("summarized", True), ("omitted", False)]
)
def test_thoughts_are_shown_as_the_operator_says_unless_the_request_does(
    display, shown
):
    reading = replace(READING, generation=Generation(include_thoughts=False))
    thinking = {"type": "adaptive", "display": display}
    body = read_request(asked(thinking=thinking), reading).request.body
    config = body["generationConfig"]["thinkingConfig"]
    assert config["includeThoughts"] is shown


def test_the_operators_search_is_for_requests_without_tools():
    reading = replace(READING, generation=Generation(google_search=True))
    tool = {"name": "t", "input_schema": {"type": "object"}}
    plain = read_request(asked(), reading)
    with_tool = read_request(asked(tools=[tool]), reading)
    assert plain.request.body["tools"] == [{"googleSearch": {}}]
    assert not plain.shape.searches, "no blocks of a search nobody asked for"
    assert "functionDeclarations" in with_tool.request.body["tools"][0]


def test_documents_inside_documents_end():
    block: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(5_000):
        source = {"type": "content", "content": [block]}
        block = {"type": "document", "source": source}
    found = read(asked(messages=[{"role": "user", "content": [block]}]))
    assert found.request.body["contents"][0]["parts"] == [{"text": " "}]


def test_arguments_nested_too_deeply_are_refused():
    args: dict[str, Any] = {}
    for _ in range(500):
        args = {"a": args}
    use = {"type": "tool_use", "id": "a", "name": "t", "input": args}
    with pytest.raises(InvalidRequest) as refused:
        read(asked(messages=[{"role": "assistant", "content": [use]}]))
    assert refused.value.param == "messages.0.content.0.input"


def test_an_address_is_bounded_and_leaves_no_trace():
    """The standard library would remember every address it is shown."""
    urlsplit.cache_clear()
    for length, fits in ((8_192, True), (8_193, False)):
        url = "https://a.example/".ljust(length, "x")
        image = {"type": "image", "source": {"type": "url", "url": url}}
        body = asked(messages=[{"role": "user", "content": [image]}])
        if fits:
            assert list(read(body).remote) == [url]
        else:
            with pytest.raises(InvalidRequest, match="at most 8192 characters"):
                read(body)
    assert urlsplit.cache_info().currsize == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def everywhere(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a value."""
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    inside = [p for key, each in items for p in everywhere(each, (*path, key))]
    return [path, *inside]


def with_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = json.loads(json.dumps(body))
    inside = copied
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return copied


REQUESTS = [load("requests", name)["request"] for name in cases("requests")]


@given(data=st.data(), value=JSON)
def test_nonsense_anywhere_is_read_or_refused(data, value):
    body = data.draw(st.sampled_from(REQUESTS))
    path = data.draw(st.sampled_from(everywhere(body)))
    try:
        found = read(with_value(body, path, value))
    except (InvalidRequest, ModelNotFound):
        return
    assert found.request.body["contents"]


LONG = 400_000
SECONDS = 0.4
"""A pass or ten over so much text; anything quadratic takes several times as long."""
PIECES = ("models/", "[1m]", "a b ", "é", "_a", "{", "A==", "#/", "call_0", "%41")


def words_in(body: Any) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Where a body has strings: of those in one list, one."""
    found = {}
    for path in everywhere(body):
        value = body
        for step in path:
            value = value[step]
        if isinstance(value, str):
            found[tuple("*" if isinstance(s, int) else s for s in path)] = path
    return found


def test_no_field_takes_longer_than_its_length():
    fields = {
        place: (body, path)
        for body in REQUESTS
        for place, path in words_in(body).items()
    }
    for place, (body, path) in fields.items():
        for piece in PIECES:
            asked = with_value(body, path, piece * (LONG // len(piece)))
            began = time.process_time()
            with suppress(InvalidRequest, ModelNotFound):
                read(asked)
            assert time.process_time() - began < SECONDS, (place, piece)


# ------------------------------------------------------------------- counting


def test_o03_everything_can_be_counted():
    for name in cases("requests"):
        case = load("requests", name)
        if "body" in case["expect"]:
            request = case["request"]
            assert estimate_tokens(read_to_count(request, READING).body) > 0


def test_o02_a_tool_adds_the_same_to_any_count():
    tool = {"name": "t", "description": "x" * 50, "input_schema": {"type": "object"}}

    def count(*messages: Any, **fields: Any) -> int:
        body = {"model": "gemini-3.5-flash", "messages": list(messages), **fields}
        return estimate_tokens(read_to_count(body, READING).body)

    foo, bar = ({"role": "user", "content": text} for text in ("foo", "bar " * 99))
    added = count(foo, tools=[tool]) - count(foo, tools=[])
    assert added == count(bar, tools=[tool]) - count(bar) > 0
