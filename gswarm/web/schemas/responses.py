"""What the ``/v1/responses`` paths take and answer. The dialect reads bodies itself,
and more of them than is said here; this is for those who read the documentation."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range

from . import Answer
from .openai import Open


class ResponsesRequest(Open):
    """A Responses request, as OpenAI defines it. Unknown fields are ignored; what is
    said in ``input``, or stored under ``previous_response_id``, is asked."""

    model = fields.String(allow_none=True)
    input = fields.Raw(allow_none=True)
    instructions = fields.String(allow_none=True)
    previous_response_id = fields.String(allow_none=True)
    store = fields.Boolean(allow_none=True)
    stream = fields.Boolean(allow_none=True)
    max_output_tokens = fields.Integer(allow_none=True)
    temperature = fields.Float(allow_none=True, validate=Range(0, 2))
    top_p = fields.Float(allow_none=True, validate=Range(0, 1))
    tools = fields.List(fields.Dict(), allow_none=True)
    tool_choice = fields.Raw(allow_none=True)
    parallel_tool_calls = fields.Boolean(allow_none=True)
    text = fields.Dict(allow_none=True)
    reasoning = fields.Dict(allow_none=True)
    include = fields.List(fields.String(), allow_none=True)
    metadata = fields.Dict(allow_none=True)


class Response(Open):
    """A response, as OpenAI defines it."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    created_at = fields.Integer(required=True)
    status = fields.String(required=True)
    model = fields.String(required=True)
    output = fields.List(fields.Dict(), required=True)
    usage = fields.Dict(required=True, allow_none=True)


class _Query(Schema):
    """OpenAI's clients add fields of their own, which are ignored."""

    class Meta:
        unknown = EXCLUDE


class ShowQuery(_Query):
    """With ``stream`` the response is told again as events, those with a
    ``sequence_number`` beyond ``starting_after``."""

    stream = fields.Boolean(load_default=False)
    starting_after = fields.Integer(load_default=-1)


class ItemsQuery(_Query):
    """``after`` is the id of the last item of the page before."""

    limit = fields.Integer(load_default=20, validate=Range(1, 100))
    order = fields.String(load_default="desc", validate=OneOf(("asc", "desc")))
    after = fields.String(load_default=None, validate=Length(1, 100))


class ItemList(Answer):
    """A page of items."""

    object = fields.String()
    data = fields.List(fields.Dict())
    first_id = fields.String(allow_none=True)
    last_id = fields.String(allow_none=True)
    has_more = fields.Boolean()


class Deleted(Answer):
    """The response that is gone."""

    id = fields.String()
    object = fields.String()
    deleted = fields.Boolean()


class InputTokens(Answer):
    """How many tokens a request would bring, estimated without asking Google."""

    object = fields.String()
    input_tokens = fields.Integer()
