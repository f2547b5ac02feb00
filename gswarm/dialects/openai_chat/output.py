"""The form of the answer: JSON, a schema, pictures."""

from __future__ import annotations

from typing import Any

import orjson

from ...gemini.models import Model
from ...gemini.request import Body
from ...gemini.schema.budget import Budget
from ...gemini.schema.clean import clean
from ..naming import naming
from . import fields

JSON = "application/json"
KINDS = ("text", "json_object", "json_schema")


def read_response_format(body: Body, budget: Budget) -> Body:
    """``responseMimeType`` and ``responseJsonSchema``; empty for plain text.

    The schema is taken from ``budget``.
    """
    path = "response_format"
    return read_form(fields.group(body, path, path), path, budget)


def read_form(form: Body | None, path: str, budget: Budget) -> Body:
    """The same of the field ``path``, whose schema may stand flat or under
    ``json_schema``."""
    if form is None:
        return {}
    kind = form.get("type")
    if kind is None:
        raise fields.missing(f"{path}.type")
    if kind == "text":
        return {}
    if kind == "json_object":
        return {"responseMimeType": JSON}
    if kind != "json_schema":
        raise fields.wrong_value(f"{path}.type", kind, KINDS)
    return {"responseMimeType": JSON, **_schema_of(form, path, budget)}


def _schema_of(form: Body, path: str, budget: Budget) -> Body:
    named = fields.group(form, "json_schema", f"{path}.json_schema")
    if named is not None:
        form, path = named, f"{path}.json_schema"
    elif "schema" not in form:
        raise fields.missing(f"{path}.json_schema")
    given = fields.group(form, "schema", f"{path}.schema")
    with naming(f"{path}.schema"):
        schema = clean(given, budget)
    if not schema:
        return {}
    if description := fields.text(form, "description", f"{path}.description"):
        schema.setdefault("description", description)
    return {"responseJsonSchema": schema}


def as_words(form: Body) -> str:
    """The same form asked for in words, where Google refuses it beside tools."""
    schema: Any = form.get("responseJsonSchema")
    if schema is None:
        return "When you answer in text, answer with one JSON object and nothing else."
    return (
        "When you answer in text, answer with one JSON value and nothing else. It must"
        f" follow this JSON Schema: {orjson.dumps(schema).decode()}"
    )


def read_modalities(body: Body, model: Model) -> Body:
    """``responseModalities`` where more than text is asked for."""
    wanted = fields.members(body, "modalities", "modalities") or []
    made = {word.lower() for word in model.makes}
    for word in wanted:
        if not isinstance(word, str):
            raise fields.wrong_type("modalities", "an array of strings", word)
        if word != "text" and word not in made:
            raise fields.unsupported(
                "modalities", f"{model.id} does not answer with '{word[:50]}'."
            )
    if set(wanted) <= {"text"}:
        return {}
    return {"responseModalities": list(model.makes)}
