"""What the ``/v1`` paths take and answer. The dialect reads bodies itself, and more of
them than is said here; this is for those who read the documentation."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Range

from . import Answer


class Open(Schema):
    """Holds these fields, and may hold others."""

    class Meta:
        unknown = INCLUDE


class Message(Open):
    """One turn; ``content`` is a text, a list of parts, or null."""

    role = fields.String(required=True)
    content = fields.Raw(allow_none=True)


class ChatRequest(Open):
    """A chat completion request, as OpenAI defines it. Unknown fields are ignored."""

    model = fields.String(allow_none=True)
    messages = fields.List(fields.Nested(Message), required=True)
    stream = fields.Boolean(allow_none=True)
    stream_options = fields.Dict(allow_none=True)
    temperature = fields.Float(allow_none=True, validate=Range(0, 2))
    top_p = fields.Float(allow_none=True, validate=Range(0, 1))
    max_tokens = fields.Integer(allow_none=True, validate=Range(1))
    max_completion_tokens = fields.Integer(allow_none=True, validate=Range(1))
    tools = fields.List(fields.Dict(), allow_none=True)
    tool_choice = fields.Raw(allow_none=True)
    response_format = fields.Dict(allow_none=True)
    reasoning_effort = fields.String(allow_none=True)
    seed = fields.Integer(allow_none=True)
    stop = fields.Raw(allow_none=True)


class PromptedChatRequest(ChatRequest):
    """A chat completion request with a system prompt of its own."""

    systemPrompt = fields.String(allow_none=True)


class ChatCompletion(Open):
    """A chat completion, as OpenAI defines it."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    created = fields.Integer(required=True)
    model = fields.String(required=True)
    choices = fields.List(fields.Dict(), required=True)
    usage = fields.Dict(required=True)


class CompletionRequest(Open):
    """A completion request, as OpenAI defined it before chats. Unknown fields are
    ignored."""

    model = fields.String(allow_none=True)
    prompt = fields.Raw(required=True)
    stream = fields.Boolean(allow_none=True)
    echo = fields.Boolean(allow_none=True)
    temperature = fields.Float(allow_none=True, validate=Range(0, 2))
    top_p = fields.Float(allow_none=True, validate=Range(0, 1))
    max_tokens = fields.Integer(allow_none=True, validate=Range(1))
    stop = fields.Raw(allow_none=True)
    seed = fields.Integer(allow_none=True)


class Completion(Open):
    """A completion, as OpenAI defines it."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    created = fields.Integer(required=True)
    model = fields.String(required=True)
    choices = fields.List(fields.Dict(), required=True)
    usage = fields.Dict(required=True)


class ModelEntry(Answer):
    """A model, as OpenAI's clients know it."""

    id = fields.String()
    object = fields.String()
    created = fields.Integer()
    owned_by = fields.String()


class ModelList(Answer):
    """The models that the pool can serve now."""

    object = fields.String()
    data = fields.List(fields.Nested(ModelEntry))
