"""The refusals that every path shares, and the headers of every answer."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields

from . import OPTIONAL, Answer


class ErrorBody(Answer):
    """What went wrong, in a word for programs and a sentence for people."""

    code = fields.String()
    message = fields.String()
    details = fields.Dict(metadata=OPTIONAL)


class Error(Answer):
    """A refusal. ``details`` names each field that is wrong, and why."""

    error = fields.Nested(ErrorBody)


class OpenAiErrorBody(Answer):
    """An error as OpenAI's clients read it."""

    message = fields.String()
    type = fields.String()
    param = fields.String(allow_none=True)
    code = fields.String(allow_none=True)


class OpenAiError(Answer):
    """A refusal, in OpenAI's words."""

    error = fields.Nested(OpenAiErrorBody)


class AnthropicErrorBody(Answer):
    """An error as Anthropic's clients read it."""

    type = fields.String()
    message = fields.String()
    details = fields.Dict(metadata=OPTIONAL)


class AnthropicError(Answer):
    """A refusal, in Anthropic's words."""

    type = fields.String()
    error = fields.Nested(AnthropicErrorBody)
    request_id = fields.String()


class OpenApi(Schema):
    """An OpenAPI document."""

    class Meta:
        unknown = INCLUDE

    openapi = fields.String(required=True)


TEXT = {"schema": {"type": "string"}}
HEADERS = {"x-request-id": {"description": "Names this request in the log.", **TEXT}}
HEADERS_OF = {
    202: {"Location": {"description": "The job that does it.", **TEXT}},
    302: {"Location": {"description": "Where to go.", **TEXT}},
    429: {"Retry-After": {"description": "Seconds until it is worth trying.", **TEXT}},
}
