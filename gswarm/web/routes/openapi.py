"""``/openapi.json``: every route as it documents itself, and ``/docs`` to read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, TypeAlias

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, current_app
from marshmallow import Schema
from werkzeug.routing import Rule

from ... import __version__
from ...dialects.anthropic_messages import errors as anthropic_errors
from ...dialects.gemini_native import errors as gemini_errors
from ...dialects.table import spoken_at
from ...errors import (
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    RateLimitExceeded,
    Refusal,
    RequestTooSlow,
    Unavailable,
    UnknownEncoding,
)
from ..documentation import (
    NOTHING,
    PAGE,
    Answers,
    Documentation,
    Door,
    Media,
    Shape,
    documentation_of,
    documented,
    door_of,
)
from ..paths import is_program_path
from ..schemas import openapi as schemas
from ..schemas.gemini import GeminiError

Json: TypeAlias = dict[str, Any]

CREDENTIALS = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key. `x-api-key` and `x-goog-api-key` carry it as well.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "gswarm_session",
        "description": "The dashboard's cookie, from `POST /api/admin/login`.",
    },
    "csrfToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "The session's token; changes need it beside the cookie.",
    },
}
ABOUT = "One OpenAI-compatible address in front of many Gemini projects."
ERROR_SHAPES: dict[str, Shape] = {
    "openai_chat": schemas.OpenAiError,
    "anthropic_messages": schemas.AnthropicError,
    "gemini": GeminiError,
    "openai_completions": schemas.OpenAiError,
    "openai_responses": schemas.OpenAiError,
}
"""How each dialect words a refusal."""
STATUSES: dict[str, Mapping[int, int]] = {
    "anthropic_messages": anthropic_errors.STATUSES,
    "gemini": gemini_errors.STATUSES_FOR,
}
"""Where a dialect has a status of its own for ours."""
PHRASES = {529: "Overloaded"}
"""Of statuses that no standard knows."""

TOO_LONG = 414
"""For addresses beyond 4 KB: gunicorn refuses them before anything of ours runs."""
CONVERTER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


class Schemas(MarshmallowPlugin):
    """Describes each schema in the words of its docstring, too."""

    def schema_helper(  # type: ignore[override]
        self, name: Any, definition: Any, schema: Any = None, **options: Any
    ) -> Json:
        given: Json = super().schema_helper(  # type: ignore[no-untyped-call]
            name, definition, schema, **options
        )
        words = cleandoc(_kind(schema).__doc__ or "").replace("``", "`")
        return {"description": words, **given}


def blueprint() -> Blueprint:
    """``/openapi.json``, open to anybody: it holds nothing that the source does not."""
    openapi = Blueprint("openapi", __name__)

    @cache
    def described() -> Json:
        return describe(current_app)

    @openapi.get("/openapi.json")
    @documented(answers=schemas.OpenApi)
    def show() -> Json:
        """This description of the API."""
        return described()

    return openapi


def describe(app: Flask) -> Json:
    """The OpenAPI document of an app. Routes that do not document themselves are not
    in it."""
    spec = APISpec(
        title="GSwarm",
        version=__version__,
        openapi_version="3.1.0",
        info={"description": ABOUT},
        plugins=[Schemas(schema_name_resolver=_name_of)],
    )
    for name, credential in CREDENTIALS.items():
        spec.components.security_scheme(name, credential)
    for rule, method, view, words in routes(app):
        operation = _operation(rule, method, door_of(view), words)
        spec.path(_path(rule), operations={method.lower(): operation})
    return spec.to_dict()


def routes(
    app: Flask,
) -> Iterator[tuple[Rule, str, Callable[..., Any], Documentation]]:
    """Every documented route: where, by which method, its view, its own words."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        words = documentation_of(view)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if words is not None:
                yield rule, method, view, words


def _operation(rule: Rule, method: str, door: Door, words: Documentation) -> Json:
    title, _, rest = words.text.replace("\n", " ").partition(". ")
    operation: Json = {
        "operationId": f"{rule.endpoint}:{method}".replace(".", ":").lower(),
        "tags": [rule.endpoint.partition(".")[0].replace("_", " ")],
        "summary": title.rstrip("."),
        "description": rest,
        "security": _security(method, door),
        "parameters": _parameters(rule, words),
        "responses": _responses(rule, method, door, words),
    }
    if words.body:
        is_needed = any(field.required for field in words.body().fields.values())
        content = {"application/json": {"schema": _taken(words.body, words.takes_list)}}
        operation["requestBody"] = {"required": is_needed, "content": content}
    return operation


def _taken(body: type[Schema], takes_list: bool) -> type[Schema] | Json:
    return {"oneOf": [body, {"type": "array", "items": body}]} if takes_list else body


# ------------------------------------------------------------------- who and what


def _security(method: str, door: Door) -> list[dict[str, list[str]]]:
    """Any one of these will do; an empty list is an open door."""
    is_change = method != "GET"
    ways: list[dict[str, list[str]]] = []
    if door.scope:
        scope = door.writes if is_change and door.writes else door.scope
        ways.append({"apiKey": [scope]})
    if door.pages or (door.sessions and is_change):
        ways.append({"session": [], "csrfToken": []})
    elif door.sessions:
        ways.append({"session": []})
    return ways


def _path(rule: Rule) -> str:
    return CONVERTER.sub(r"{\2}", rule.rule)


def _parameters(rule: Rule, words: Documentation) -> list[Json]:
    in_path: list[Json] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for kind, name in CONVERTER.findall(rule.rule)
    ]
    return in_path + ([{"in": "query", "schema": words.query}] if words.query else [])


# ------------------------------------------------------------------------ answers


def _responses(rule: Rule, method: str, door: Door, words: Documentation) -> Json:
    refusals = _refusals(rule, method, door, words)
    refused = {
        str(each): _response(each, _refusal_shape(rule.rule, each))
        for each in sorted(refusals)
    }
    answered = {
        str(status): _response(status, answers)
        for status, answers in words.answers.items()
    }
    return dict(sorted((refused | answered).items()))


def _refusals(rule: Rule, method: str, door: Door, words: Documentation) -> set[int]:
    """The statuses of every refusal that this route can give."""
    refused: set[type[Refusal]] = set(words.refuses)
    if words.body:
        refused |= {InvalidRequest, PayloadTooLarge, RequestTooSlow, UnknownEncoding}
    if words.query:
        refused |= {InvalidRequest}
    if rule.arguments:
        refused |= {NotFound}
    statuses = {refusal.status for refusal in refused} | _door_refusals(method, door)
    spoken = spoken_at(rule.rule, {})
    own = STATUSES.get(spoken.name if spoken else "", {})
    worded = {own.get(status, status) for status in statuses}
    return worded | ({TOO_LONG} if rule.arguments or words.query else set())


def _refusal_shape(path: str, status: int) -> Shape:
    """As `refusals.answer_refusal` words them."""
    is_page = status == NotFound.status and not is_program_path(path)
    if is_page or status == TOO_LONG:
        return PAGE
    spoken = spoken_at(path, {})
    return ERROR_SHAPES.get(spoken.name if spoken else "", schemas.Error)


def _door_refusals(method: str, door: Door) -> set[int]:
    if not door.scope and not door.sessions:
        return set()
    statuses = {401, Unavailable.status}
    if door.scope:
        statuses |= {PermissionDenied.status, RateLimitExceeded.status}
    elif method != "GET":
        statuses |= {PermissionDenied.status}
    return statuses


def _response(status: int, answers: Answers) -> Json:
    phrase = PHRASES.get(status) or HTTPStatus(status).phrase
    response: Json = {"description": phrase}
    if content := _content(answers):
        response["content"] = content
    headers = schemas.HEADERS | schemas.HEADERS_OF.get(status, {})
    return response | {"headers": headers}


def _content(answers: Answers) -> Json:
    """By content type; of several shapes in JSON it is any."""
    shapes = answers if isinstance(answers, tuple) else (answers,)
    content: Json = {}
    objects = [shape for shape in shapes if not isinstance(shape, Media)]
    if objects:
        schema = objects[0] if len(objects) == 1 else {"anyOf": objects}
        content["application/json"] = {"schema": schema}
    for shape in shapes:
        if isinstance(shape, Media) and shape is not NOTHING:
            content.setdefault(shape.type, {})
    return content


def _name_of(schema: type[Schema] | Schema) -> str:
    return _kind(schema).__name__


def _kind(schema: type[Schema] | Schema) -> type[Schema]:
    return schema if isinstance(schema, type) else type(schema)
