"""Whole numbers come out as integers where the schema asks for them."""

import json
import time

import pytest

from gswarm.dialects.openai_chat.integers import with_integers

INTEGER = {"type": "integer"}
SIZE = {"type": "integer", "enum": [30, 60]}
POINT = {"type": "object", "properties": {"row": INTEGER, "next": {"$ref": "#"}}}


def member(schema: object) -> dict:
    return {"type": "object", "properties": {"x": schema}}


@pytest.mark.parametrize(
    ("schema", "value", "written"),
    [
        (member(INTEGER), {"x": 5.0}, '{"x": 5}'),
        (member(INTEGER), {"x": -0.0}, '{"x": 0}'),
        (member(INTEGER), {"x": 5.5}, '{"x": 5.5}'),
        (member(INTEGER), {"x": "5.0"}, '{"x": "5.0"}'),
        (member(INTEGER), {"x": True}, '{"x": true}'),
        (member(INTEGER), {"x": None}, '{"x": null}'),
        (member(INTEGER), {"x": 1e300}, '{"x": 1e+300}'),
        (member({"type": "number"}), {"x": 5.0}, '{"x": 5.0}'),
        (member({"type": ["integer", "null"]}), {"x": 5.0}, '{"x": 5}'),
        (member({"anyOf": [{"type": "string"}, INTEGER]}), {"x": 5.0}, '{"x": 5}'),
        (member({"allOf": [{"oneOf": [INTEGER]}]}), {"x": 5.0}, '{"x": 5}'),
        (member({"items": INTEGER}), {"x": [1.0, 2.0]}, '{"x": [1, 2]}'),
        (
            member({"prefixItems": [INTEGER, {"type": "number"}], "items": INTEGER}),
            {"x": [1.0, 2.0, 3.0]},
            '{"x": [1, 2.0, 3]}',
        ),
        ({"additionalProperties": INTEGER}, {"x": 5.0}, '{"x": 5}'),
        (POINT, {"next": {"next": {"row": 5.0}}}, '{"next": {"next": {"row": 5}}}'),
        (
            member({"$ref": "#/$defs/a~1b"}) | {"$defs": {"a/b": INTEGER}},
            {"x": 5.0},
            '{"x": 5}',
        ),
        (member({"$ref": "#/nowhere/at/all"}), {"x": 5.0}, '{"x": 5.0}'),
        (member({"$ref": 7}), {"x": 5.0}, '{"x": 5.0}'),
        (member(True), {"x": 5.0}, '{"x": 5.0}'),
        ({"properties": 7, "additionalProperties": False}, {"x": 5.0}, '{"x": 5.0}'),
        (member({"type": {"odd": 1}, "anyOf": 3}), {"x": 5.0}, '{"x": 5.0}'),
        (member(SIZE), {"x": "60"}, '{"x": 60}'),
        (member(SIZE), {"x": "61"}, '{"x": "61"}'),
        (member(SIZE), {"x": 60.0}, '{"x": 60}'),
        (member({"items": SIZE}), {"x": ["30", "60"]}, '{"x": [30, 60]}'),
        (member({"enum": [1.5, 2]}), {"x": "1.5"}, '{"x": 1.5}'),
        (member({"type": "boolean", "enum": [True]}), {"x": "true"}, '{"x": true}'),
        (member({"const": 7}), {"x": "7"}, '{"x": 7}'),
        (member({"enum": [60, "60"]}), {"x": "60"}, '{"x": "60"}'),
        (member({"enum": ["60"]}), {"x": "60"}, '{"x": "60"}'),
        (member({"anyOf": [SIZE, {"type": "string"}]}), {"x": "60"}, '{"x": "60"}'),
        (member({"anyOf": [SIZE, {"type": "null"}]}), {"x": "60"}, '{"x": 60}'),
        (member({"enum": 7}), {"x": "7"}, '{"x": "7"}'),
    ],
)
def test_a_whole_number_is_written_as_asked(schema, value, written):
    assert json.dumps(with_integers(value, schema)) == written


def test_a_schema_that_refers_to_itself_costs_no_more_than_its_value():
    schema = {"$ref": "#", "anyOf": [{"$ref": "#"}] * 50}
    schema["properties"] = {"x": {"anyOf": [{"$ref": "#"}, INTEGER] * 50}}
    value = 5.0
    for _ in range(150):
        value = {"x": value}
    started = time.perf_counter()
    assert "5.0" not in json.dumps(with_integers(value, schema))
    assert time.perf_counter() - started < 1


def test_a_very_deep_value_is_left_as_it_is():
    value = 5.0
    for _ in range(500):
        value = {"x": value}
    schema = {"properties": {"x": {"$ref": "#"}}}
    assert json.dumps(with_integers(value, schema)).count("x") == 500
