"""JSON that fits its schema, with the prompt's own words where they fit."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gswarm.simulator.answers.hints import (
    Hints,
    excerpt,
    names_listed,
    numbers_listed,
)
from gswarm.simulator.answers.patterns import matching
from gswarm.simulator.answers.samples import Sampler

from .asking import answered, request, text_of, user


def sample(schema: dict[str, Any], prompt: str = "", complete: bool = True) -> Any:
    return Sampler(schema, Hints(prompt), complete=complete).sample()


def prop(schema: dict[str, Any], prompt: str = "") -> Any:
    return sample({"type": "object", "properties": {"it": schema}}, prompt)["it"]


@pytest.mark.parametrize(
    ("schema", "prompt", "expected"),
    [
        ({"type": "integer"}, "it is 42", 42),
        ({"type": "INTEGER", "minimum": 10}, "it is 3", 10),
        ({"type": "integer", "exclusiveMinimum": 3}, "it is 3", 4),
        ({"type": "integer", "exclusiveMaximum": 3}, "it is 3", 2),
        ({"type": "integer", "multipleOf": 5}, "it is 12", 10),
        ({"type": "number"}, "it is 2.5", 2.5),
        ({"type": "number", "maximum": 1}, "it is 2.5", 1),
        ({"type": "boolean"}, "", True),
        ({"type": "null"}, "", None),
        ({"const": "fixed"}, "", "fixed"),
        ({"enum": ["red", "green"]}, "the green one", "green"),
        ({"enum": [1, 2]}, "", 1),
        ({"type": ["null", "integer"]}, "7", 7),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, "7", 7),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, "7", 7),
        ({"type": "string", "format": "date"}, "", "2026-03-14"),
        ({"type": "string"}, "say 'this'", "this"),
        ({"type": "string", "maxLength": 3}, "say 'this'", "thi"),
        ({"type": "string", "minLength": 6}, "say 'this'", "this.."),
        ({"type": "array", "items": {"type": "integer"}}, "1, 2 and 3", [1, 2]),
        ({"type": "array", "items": {"const": 0}, "minItems": 4}, "", [0] * 4),
        ({"type": "array", "items": {"const": 0}, "maxItems": 1}, "", [0]),
        (
            {"type": "array", "prefixItems": [{"const": 1}, {"const": "b"}]},
            "",
            [1, "b"],
        ),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
            "",
            ["a", "b"],
        ),
        ({"type": "object", "properties": {"a": {"const": 1}}}, "", {"a": 1}),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {"const": 1}}},
                    {"properties": {"b": {"const": 2}}, "required": ["b"]},
                ]
            },
            "",
            {"a": 1, "b": 2},
        ),
        (
            {"additionalProperties": {"const": 1}, "minProperties": 2},
            "",
            {"key1": 1, "key2": 1},
        ),
    ],
)
def test_a_value_fits_its_schema(
    schema: dict[str, Any], prompt: str, expected: Any
) -> None:
    assert prop(schema, prompt) == expected


def test_references_are_followed_from_the_root() -> None:
    schema = {
        "$ref": "#/$defs/Person",
        "$defs": {
            "Person": {
                "type": "object",
                "properties": {
                    "pet": {"$ref": "#/$defs/Pet"},
                    "age": {"type": "integer"},
                },
                "required": ["pet"],
            },
            "Pet": {"type": "object", "properties": {"legs": {"const": 4}}},
        },
    }
    assert sample(schema, "aged 31") == {"pet": {"legs": 4}, "age": 31}


def test_a_tree_has_an_end() -> None:
    tree: dict[str, Any] = {
        "type": "object",
        "properties": {
            "value": {"type": "integer"},
            "left": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": "#"}},
        },
        "required": ["value", "left", "children"],
    }
    text = json.dumps(sample(tree))
    assert 0 < text.count("children") < 500
    endless = {"type": "array", "items": {"$ref": "#"}, "minItems": 1}
    assert json.dumps(sample(endless)).startswith("[[")


def test_optional_arguments_are_made_only_when_mentioned() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string"}},
        "required": ["city"],
    }
    assert sample(schema, "in Oslo", complete=False) == {"city": "Oslo"}
    made = sample(schema, "in Oslo, unit 'celsius'", complete=False)
    assert made == {"city": "Oslo", "unit": "celsius"}
    assert set(sample(schema, "in Oslo")) == {"city", "unit"}


def test_each_value_of_the_prompt_is_used_once() -> None:
    schema = {
        "type": "object",
        "properties": {key: {"type": "integer"} for key in "abc"},
    }
    assert sample(schema, "add 3, 4") == {"a": 3, "b": 4, "c": 1}


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[0-9]{5}(?:-[0-9]{4})?$",
        r"^\d{4}-\d{2}-\d{2}$",
        r"^[A-Z]{3}$",
        r"^(foo|bar)+$",
        r"^\w+@\w+\.com$",
        r"[^a]b?c*",
        r"^#(?P<hex>[a-f0-9]{6})$",
        r"^v\d+(\.\d+){2}$",
        r".*",
        r"\bword\b",
    ],
)
def test_a_text_is_made_for_plain_patterns(pattern: str) -> None:
    text = matching(pattern)
    assert text is not None
    assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", ["(", "[", "(?=x)y", "a{2"])
def test_a_pattern_too_hard_gives_nothing_wrong(pattern: str) -> None:
    text = matching(pattern)
    assert text is None or re.search(pattern, text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("in both Oslo and Rome", ["Oslo", "Rome"]),
        ("Oslo, Paris, and Rome", ["Oslo", "Paris", "Rome"]),
        ("in New York and in Los Angeles", ["New York", "Los Angeles"]),
        ("in San Francisco, CA", []),
        ("nothing here", []),
    ],
)
def test_enumerated_names(text: str, names: list[str]) -> None:
    assert names_listed(text) == names


def test_other_hints() -> None:
    assert numbers_listed("3, 4 and -5") == ["3", "4", "-5"]
    assert numbers_listed("3") == []
    assert excerpt("a\n b  c" + "d" * 99, 6) == "a b c…"
    hints = Hints("What's in Paris? It's 'quoted' and 2.5 or 7")
    assert hints.name() == "Paris"
    assert hints.string() == "quoted"
    assert hints.string() is None
    assert hints.number(whole=True) == 7
    assert hints.number(whole=False) == 2.5
    assert hints.number(whole=False) is None


def test_a_json_answer_is_json_for_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"setup": {"type": "string"}, "punchline": {"type": "string"}},
        "required": ["setup", "punchline"],
    }
    for form in ("responseJsonSchema", "responseSchema"):
        config = {"responseMimeType": "application/json", form: schema}
        body = request(user("A joke about cats"), generationConfig=config)
        made = json.loads(text_of(answered(body)))
        assert set(made) == {"setup", "punchline"}
        assert "A joke about cats" in made["setup"]


@pytest.mark.parametrize(
    ("prompt", "keys"),
    [
        ("Answer as JSON with 'setup' and 'punchline' keys.", {"setup", "punchline"}),
        ("Answer as JSON.", {"answer"}),
    ],
)
def test_json_without_a_schema_has_the_keys_asked_for(
    prompt: str, keys: set[str]
) -> None:
    config = {"responseMimeType": "application/json"}
    body = request(user(prompt), generationConfig=config)
    assert set(json.loads(text_of(answered(body)))) == keys
    instructed = request(
        user(prompt), systemInstruction={"parts": [{"text": "Answer in JSON."}]}
    )
    assert set(json.loads(text_of(answered(instructed)))) == keys


def test_an_enum_answer_is_one_of_its_words() -> None:
    config = {
        "responseMimeType": "text/x.enum",
        "responseSchema": {"type": "STRING", "enum": ["yes", "no"]},
    }
    body = request(user("Is it a no?"), generationConfig=config)
    assert text_of(answered(body)) == "no"
