"""The form of the answer: JSON that follows a schema."""

from __future__ import annotations

from ...gemini.request import Body
from ...gemini.schema.budget import Budget
from ...gemini.schema.clean import clean
from ..naming import naming
from . import fields

JSON = "application/json"


def read_format(body: Body, budget: Budget) -> Body:
    """``responseMimeType`` and ``responseJsonSchema``; empty for plain text.

    ``output_config.format``, or ``output_format`` as it was called in beta.
    """
    for holder, path in (
        (fields.group(body, "output_config", "output_config") or {}, "output_config."),
        ({"format": body.get("output_format")}, "output_"),
    ):
        form = fields.group(holder, "format", f"{path}format")
        if form is not None:
            return _json(form, f"{path}format", budget)
    return {}


def _json(form: Body, path: str, budget: Budget) -> Body:
    kind = fields.needed_text(form, "type", f"{path}.type")
    if kind != "json_schema":
        raise fields.wrong(f"{path}.type", "Input should be 'json_schema'")
    given = fields.group(form, "schema", f"{path}.schema")
    with naming(f"{path}.schema"):
        schema = clean(given, budget)
    return {
        "responseMimeType": JSON,
        **({"responseJsonSchema": schema} if schema else {}),
    }
