"""What Anthropic's paths take and answer, for those who read the documentation: the
dialect reads bodies itself, and more of them than is said here."""

from __future__ import annotations

from marshmallow import fields

from . import Answer
from .openai import Message, Open


class CountRequest(Open):
    """A conversation whose tokens are counted."""

    model = fields.String(allow_none=True)
    messages = fields.List(fields.Nested(Message), required=True)
    system = fields.Raw(allow_none=True)
    tools = fields.List(fields.Dict(), allow_none=True)
    tool_choice = fields.Dict(allow_none=True)
    thinking = fields.Dict(allow_none=True)
    output_config = fields.Dict(allow_none=True)


class MessagesRequest(CountRequest):
    """A Messages request, as Anthropic defines it. Unknown fields are ignored."""

    max_tokens = fields.Integer(required=True)
    stream = fields.Boolean(allow_none=True)
    stop_sequences = fields.List(fields.String(), allow_none=True)
    temperature = fields.Float(allow_none=True)
    top_p = fields.Float(allow_none=True)
    top_k = fields.Integer(allow_none=True)


class AnsweredMessage(Open):
    """A message, as Anthropic defines it."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    role = fields.String(required=True)
    model = fields.String(required=True)
    content = fields.List(fields.Dict(), required=True)
    stop_reason = fields.String(required=True)
    stop_sequence = fields.String(allow_none=True)
    usage = fields.Dict(required=True)


class TokenCount(Answer):
    """How many tokens a conversation comes to, about."""

    input_tokens = fields.Integer()


class ModelInfo(Open):
    """A model, as Anthropic's clients know it."""

    type = fields.String()
    id = fields.String()
    display_name = fields.String()
    created_at = fields.String()


class ModelPage(Open):
    """One page of models, as Anthropic's clients know them."""

    data = fields.List(fields.Nested(ModelInfo))
    has_more = fields.Boolean()
    first_id = fields.String(allow_none=True)
    last_id = fields.String(allow_none=True)
