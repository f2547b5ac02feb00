from __future__ import annotations

import copy
import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gswarm.errors import InvalidRequest
from gswarm.gemini.schema.budget import MOST, Budget
from gswarm.gemini.schema.clean import clean, clean_parameters
from gswarm.gemini.schema.keywords import TYPES
from gswarm.gemini.schema.proto import to_proto, to_proto_parameters, with_proto_schemas
from gswarm.gemini.schema.walk import MAX_DEPTH, READERS
from gswarm.simulator.errors import GoogleError
from gswarm.simulator.validation.payload import read
from gswarm.simulator.validation.protos import MESSAGES
from gswarm.simulator.validation.schemas import check_free, check_parameters
from tests.growth import growth
from tests.multiplying import multiplying

STRING = {"type": "string"}
NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        (None, {}),
        (True, {}),
        ([], {}),
        ({}, {}),
        ({"foo": "bar"}, {}),
        ({"type": "STRING"}, STRING),
        ({"type": ["string"]}, STRING),
        ({"type": "any", "description": "x"}, {"description": "x"}),
        ({"type": 5}, {}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"const": None}, NULL),
        ({"type": ["string", "null"]}, {"anyOf": [STRING, NULL]}),
        ({"type": "string", "nullable": True}, {"anyOf": [STRING, NULL]}),
        (
            {"type": ["integer", "string"], "minimum": 1, "maxLength": 3, "title": "t"},
            {
                "title": "t",
                "anyOf": [
                    {"type": "integer", "minimum": 1},
                    {"type": "string", "maxLength": 3},
                ],
            },
        ),
        (
            {"type": ["string", "null"], "enum": ["a", None]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, NULL]},
        ),
        ({"anyOf": [STRING], "nullable": True}, {"anyOf": [STRING, NULL]}),
        ({"anyOf": [STRING, {}]}, {}),
        ({"oneOf": [STRING, NULL]}, {"anyOf": [STRING, NULL]}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"items": STRING}, {"type": "array", "items": STRING}),
        (
            {"type": "array", "items": [STRING]},
            {"type": "array", "prefixItems": [STRING]},
        ),
        ({"type": "array", "items": False}, {"type": "array", "items": {}}),
        (
            {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
            {"type": "integer", "minimum": 1, "maximum": 8},
        ),
        (
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "number", "minimum": 0},
        ),
        (
            {"type": "integer", "minimum": 4, "exclusiveMinimum": True},
            {"type": "integer", "minimum": 5},
        ),
        (
            {"type": "integer", "minimum": 4, "exclusiveMinimum": 9},
            {"type": "integer", "minimum": 10},
        ),
        ({"type": "string", "format": "uri"}, STRING),
        (
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "date-time"},
        ),
        (
            {"properties": {"a": STRING}, "required": ["a", "b", "a", 5]},
            {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
        ),
        (
            {"properties": {"a": {"type": "string", "required": True}}},
            {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
        ),
        (
            {"properties": {"a": True, "b": False}, "required": ["b"]},
            {"type": "object", "properties": {"a": {}}},
        ),
        (
            {"type": "object", "additionalProperties": STRING},
            {"type": "object", "additionalProperties": STRING},
        ),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}),
        ({"type": "string", "minLength": 2.0}, {"type": "string", "minLength": 2}),
        ({"type": "string", "minLength": -1, "maxLength": "x"}, STRING),
        ({"enum": [{"a": 1}, "b"]}, {"enum": ["b"]}),
        ({"enum": []}, {}),
        ({"default": None, "type": "string"}, {"type": "string", "default": None}),
        (
            {"allOf": [{"properties": {"a": STRING}}, {"required": ["a"]}]},
            {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
        ),
        (
            {"type": "string", "allOf": [{"type": "number", "description": "d"}]},
            {"type": "string", "description": "d"},
        ),
        (
            {
                "$schema": "x",
                "$comment": "x",
                "x-extra": 1,
                "examples": [1],
                "not": {},
                "if": {},
                "deprecated": True,
                "readOnly": True,
                "type": "string",
            },
            STRING,
        ),
    ],
)
def test_a_schema_is_said_in_words_google_reads(given, cleaned):
    assert clean(given) == cleaned


def test_a_property_may_have_the_name_of_a_keyword():
    names = ["title", "format", "const", "$schema", "$ref", "properties", "required"]
    names += ["type", "items", "enum", "default", "pattern", "additionalProperties"]
    given = {"type": "object", "properties": {name: STRING for name in names}}

    assert clean(given) == given


def test_data_is_never_taken_for_a_schema():
    default = {"$ref": "#/nowhere", "type": ["a"], "const": 1}

    assert clean({"type": "object", "default": default})["default"] == default


# -------------------------------------------------------------------- references


def test_plain_definitions_stay_and_move_to_defs():
    given = {
        "type": "object",
        "properties": {"a": {"$ref": "#/definitions/A"}, "b": {"$ref": "#/$defs/B~1b"}},
        "definitions": {"A": {"type": "string", "const": "x"}, "unused": {}},
        "$defs": {"B/b": {"properties": {"a": {"$ref": "#/definitions/A"}}}},
    }

    assert clean(given) == {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"$ref": "#/$defs/B~1b"}},
        "$defs": {
            "B/b": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}},
            "A": {"type": "string", "enum": ["x"]},
        },
    }


def test_a_reference_with_words_beside_it_is_written_out():
    given = {
        "properties": {"a": {"$ref": "#/$defs/A", "description": "mine"}},
        "$defs": {"A": {"type": "string", "description": "theirs"}},
    }

    assert clean(given)["properties"]["a"] == {"type": "string", "description": "mine"}


def test_all_references_can_be_written_out():
    given = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": STRING}}

    assert clean(given, keeps_references=False) == {
        "type": "object",
        "properties": {"a": STRING},
    }


def test_a_recursive_reference_is_unrolled_three_times():
    given = {
        "$ref": "#/$defs/Node",
        "$defs": {"Node": {"properties": {"next": {"$ref": "#/$defs/Node"}}}},
    }
    cleaned = clean(given)

    assert "$ref" not in json.dumps(cleaned)
    third = cleaned["properties"]["next"]["properties"]["next"]
    assert third["properties"]["next"] == {"type": "object"}


def test_a_reference_to_the_root_is_recursive_too():
    cleaned = clean({"properties": {"child": {"$ref": "#"}}})

    assert json.dumps(cleaned).count("child") == 4
    assert "$ref" not in json.dumps(cleaned)


@pytest.mark.parametrize(
    "pointer", ["#/$defs/Gone", "https://example.com/Thing", "#/properties/a/Thing", ""]
)
def test_a_reference_to_nowhere_leaves_a_hint(pointer):
    cleaned = clean({"properties": {"a": {"$ref": pointer}}})

    assert cleaned["properties"]["a"]["description"].startswith("See ")


def test_a_reference_that_only_refers_to_itself_ends():
    given = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {}}}
    given["$defs"]["A"] = {"$ref": "#/$defs/A"}

    assert clean(given)["properties"]["a"] == {"type": "object"}


@pytest.mark.parametrize(
    "given",
    [
        multiplying(12, "properties"),
        multiplying(7, "properties", description="x" * 10_000),
        multiplying(7, "properties", enum=["x"] * 1_000),
        multiplying(7, "properties", default=["x"] * 1_000),
        multiplying(7, "properties", **dict.fromkeys(map(str, range(1_000)))),
        multiplying(7, "properties", required=["x"] * 1_000),
    ],
    ids=["nodes", "words", "members", "defaults", "keys", "names"],
)
def test_references_that_multiply_are_refused(given):
    with pytest.raises(InvalidRequest, match="too large"):
        clean(given)


def test_schemas_of_one_request_share_what_there_is():
    given = multiplying(7, "properties")
    alone, shared = Budget(), Budget()
    clean(given, alone)

    with pytest.raises(InvalidRequest, match="too large"):
        for _ in range(MOST // (MOST - alone.left) + 1):
            clean(given, shared)


def test_a_thousand_tools_are_not_too_many():
    words = "What it is for, in a line or two, as a rule with an example of it."
    named = {f"field_{n}": {**STRING, "description": words} for n in range(15)}
    budget = Budget()

    for _ in range(1_000):
        clean({"type": "object", "properties": named, "required": [*named]}, budget)


def test_definitions_that_multiply_are_refused_once_they_must_be_written_out():
    parameters = clean_parameters(multiplying(12))
    tool = {"functionDeclarations": [{"name": "f", "parametersJsonSchema": parameters}]}

    with pytest.raises(InvalidRequest, match="too large"):
        with_proto_schemas({"contents": [], "tools": [tool]})


def test_words_around_many_branches_are_refused_once_each_must_repeat_them():
    around = {"type": "object", "properties": {str(n): STRING for n in range(500)}}
    branches = [{"properties": {f"b{n}": STRING}} for n in range(500)]
    cleaned = clean_parameters({**around, "anyOf": branches})

    assert cleaned is not None
    with pytest.raises(InvalidRequest, match="too large"):
        to_proto_parameters(cleaned)


@pytest.mark.parametrize(
    "branch",
    [
        lambda n: {"properties": {"kind": {"enum": [str(n)]}}, "required": ["kind"]},
        lambda n: {"properties": {f"k{n}": STRING}, "required": [f"k{n}"]},
    ],
    ids=["of one property", "of many properties"],
)
def test_uniting_branches_takes_as_long_as_there_are_branches(branch):
    def unite(branches: int) -> None:
        clean_parameters({"anyOf": [branch(n) for n in range(branches)]})

    assert growth(unite, 250) < 24


def test_a_chain_of_references_takes_as_long_as_it_has_links():
    def follow(links: int) -> None:
        chain = {f"D{n}": {"$ref": f"#/x/D{n + 1}"} for n in range(links)}
        clean({"properties": {"a": {"$ref": "#/x/D0"}}, "x": chain})

    assert growth(follow, 1_000) < 24


def test_a_definition_that_nothing_refers_to_any_more_is_left_out():
    given = {
        "properties": {"a": {"anyOf": [{}, {"$ref": "#/$defs/A"}]}},
        "$defs": {"A": STRING},
    }

    assert clean(given) == {"type": "object", "properties": {"a": {}}}


def test_a_bound_beyond_all_numbers_stays_within_json():
    bounds = {"exclusiveMinimum": 2**64 - 1, "exclusiveMaximum": -(2**63)}

    orjson.dumps(clean({"type": "integer", **bounds}))


def test_long_chains_of_references_do_not_exhaust_the_stack():
    chain = {f"D{n}": {"$ref": f"#/$defs/D{n + 1}"} for n in range(5_000)}
    given = {"properties": {"a": {"$ref": "#/$defs/D0"}}, "$defs": chain}

    clean(given)
    clean(given, keeps_references=False)


def test_what_lies_too_deep_is_any_object():
    given: dict[str, Any] = {"type": "string"}
    for _ in range(5_000):
        given = {"type": "object", "properties": {"a": given}}

    cleaned = clean(given)
    levels = 0
    while "properties" in cleaned:
        cleaned, levels = cleaned["properties"]["a"], levels + 1
    assert cleaned == {"type": "object"}
    assert levels == MAX_DEPTH + 1


# -------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        [],
        "x",
        {"foo": "bar"},
        {"type": "object"},
        {"type": "object", "properties": {}},
    ],
)
def test_parameters_that_say_nothing_are_left_out(given):
    assert clean_parameters(given) is None
    assert to_proto_parameters(given) is None


def test_parameters_that_are_no_object_are_wrapped_in_one():
    wrapped = {"type": "object", "properties": {"value": STRING}, "required": ["value"]}

    assert clean_parameters(STRING) == wrapped
    assert clean_parameters(wrapped) == wrapped


def test_a_union_of_objects_becomes_one_object():
    given = {
        "anyOf": [
            {"$ref": "#/$defs/A"},
            {"properties": {"kind": {"const": "b"}, "n": STRING}, "required": ["kind"]},
        ],
        "$defs": {
            "A": {
                "properties": {"kind": {"const": "a"}, "n": {"type": "number"}},
                "required": ["n", "kind"],
            }
        },
    }
    cleaned = clean_parameters(given)

    assert cleaned is not None
    assert cleaned["type"] == "object"
    assert cleaned["required"] == ["kind"]
    assert cleaned["properties"] == {
        "kind": {"enum": ["a", "b"]},
        "n": {"anyOf": [{"type": "number"}, STRING]},
    }


def test_what_a_union_stands_beside_is_kept():
    cleaned = clean_parameters(
        {
            "properties": {"a": STRING},
            "required": ["a"],
            "anyOf": [{"properties": {"b": STRING}}, {"properties": {"c": STRING}}],
        }
    )

    assert cleaned == {
        "type": "object",
        "properties": {"a": STRING, "b": STRING, "c": STRING},
        "required": ["a"],
    }


# -------------------------------------------------------------------- proto form


@pytest.mark.parametrize(
    ("given", "proto"),
    [
        ({"type": "string", "title": "t", "default": "d"}, {"type": "STRING"}),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        (
            {"anyOf": [STRING, {"type": "number"}], "description": "d"},
            {"description": "d", "anyOf": [{"type": "STRING"}, {"type": "NUMBER"}]},
        ),
        (
            {"enum": [1, True, "", None]},
            {"type": "STRING", "nullable": True, "enum": ["1", "true"]},
        ),
        ({"type": "integer", "enum": [1, 2]}, {"type": "STRING", "enum": ["1", "2"]}),
        ({"type": "array"}, {"type": "ARRAY", "items": {"type": "STRING"}}),
        (
            {"type": "array", "items": [STRING, {"type": "number"}]},
            {
                "type": "ARRAY",
                "items": {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}]},
            },
        ),
        (
            {"type": "object", "additionalProperties": {"type": "number"}},
            {
                "type": "OBJECT",
                "description": "Further properties may have any name; their values"
                " are number.",
            },
        ),
        (
            {"type": "string", "format": "int32", "multipleOf": 2, "uniqueItems": True},
            {"type": "STRING"},
        ),
        (
            {
                "properties": {"b": STRING, "a": {"$ref": "#/$defs/A"}},
                "$defs": {"A": STRING},
            },
            {
                "type": "OBJECT",
                "properties": {"b": {"type": "STRING"}, "a": {"type": "STRING"}},
                "propertyOrdering": ["b", "a"],
            },
        ),
    ],
)
def test_the_proto_form_has_fewer_words(given, proto):
    assert to_proto(given) == proto


# -------------------------------------------------------------------- properties

WORDS = st.sampled_from(
    ["type", "title", "format", "a", "b", "enum", "$ref", "properties", "items"]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["string", "null", "object", "integer", "array", "", "x"])
)
KEYWORDS = [*READERS, "type", "nullable", "const", "allOf", "exclusiveMinimum"]


def _nodes(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that are mostly meant, with some nonsense in every place."""
    sensible = {
        "properties": st.dictionaries(WORDS, children, max_size=3),
        "items": children | st.lists(children, max_size=2),
        "anyOf": st.lists(children, max_size=3),
        "allOf": st.lists(children, max_size=2),
        "prefixItems": st.lists(children, max_size=2),
        "additionalProperties": children,
        "required": st.lists(WORDS, max_size=3),
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), max_size=3),
        "enum": st.lists(LEAVES, max_size=3),
        "$ref": st.sampled_from(["#", "#/$defs/A", "#/$defs/B", "#/x", ""]),
        "nullable": st.booleans(),
    }
    likely = st.fixed_dictionaries({}, optional=sensible)
    unlikely = st.dictionaries(st.sampled_from(KEYWORDS), children, max_size=3)
    return likely | unlikely


SCHEMAS = st.recursive(LEAVES, _nodes, max_leaves=12)
ROOTS = st.fixed_dictionaries(
    {
        "type": st.just("object"),
        "properties": st.dictionaries(WORDS, SCHEMAS, max_size=4),
    },
    optional={"$defs": st.fixed_dictionaries({"A": SCHEMAS, "B": SCHEMAS})},
)


@given(SCHEMAS | ROOTS)
def test_cleaning_never_changes_what_it_is_given(schema):
    before = copy.deepcopy(schema)

    clean(schema)
    clean_parameters(schema)
    to_proto(schema)

    assert schema == before


@given(SCHEMAS | ROOTS)
@example({"anyOf": [{}, {"$ref": "#/$defs/A"}], "$defs": {"A": STRING}})
def test_cleaning_twice_is_cleaning_once(schema):
    once = clean(schema)

    assert clean(once) == once


@given(ROOTS)
def test_property_names_survive(schema):
    wanted = {
        name for name, given in schema["properties"].items() if given is not False
    }

    assert clean(schema).get("properties", {}).keys() == wanted
    assert to_proto(schema).get("properties", {}).keys() == wanted


@given(ROOTS)
def test_google_takes_every_cleaned_schema(schema):
    cleaned = clean_parameters(schema)
    if cleaned is not None:
        check_free(cleaned, "parameters", is_object=True, type_lists=False)


def test_a_branch_adds_to_what_is_said_around_it():
    schema = {
        "type": "object",
        "properties": {"street": {"type": "string"}},
        "required": ["street"],
        "anyOf": [
            {"properties": {"zip": {"type": "string"}}, "required": ["zip"]},
            {"properties": {"box": {"type": "string"}}, "required": ["box"]},
        ],
    }

    branches = to_proto(schema)["anyOf"]

    assert [set(each["properties"]) for each in branches] == [
        {"street", "zip"},
        {"street", "box"},
    ]
    assert [each["required"] for each in branches] == [
        ["street", "zip"],
        ["street", "box"],
    ]


@given(ROOTS)
def test_google_takes_every_converted_schema(schema):
    proto = to_proto_parameters(schema)
    if proto is not None:
        try:
            known = read(proto, MESSAGES["vertex"]["Schema"], "vertex", "parameters")
            check_parameters(known, "parameters", "vertex")
        except GoogleError as refused:
            raise AssertionError(f"{proto} {refused}") from refused
