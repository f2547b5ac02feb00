"""A Messages request, read into Gemini's words.

Both API versions are alive, and clients mix their fields: what either knows is read,
whatever ``anthropic-version`` says, and what neither knows is passed over.
"""

from __future__ import annotations

from typing import Any

from ...errors import InvalidRequest, ModelNotFound
from ...gemini.models import Model, find, resolve
from ...gemini.request import Body, GenerateRequest
from ...gemini.schema.budget import Budget
from ..dialect import Reading
from ..openai_chat.output import as_words
from . import fields, names, output
from .blocks import Blocks
from .deferred import loaded_tools
from .errors import THREAD_UNSUPPORTED
from .messages import Messages, messages_of
from .messages_request import MessagesRequest
from .sampling import read_sampling
from .shape import ReplyShape
from .system import system_instruction
from .thinking import read_effort, read_thinking
from .tools import Tools, read_tools


def read_request(body: Any, reading: Reading) -> MessagesRequest:
    """Read the body of ``POST /v1/messages``.

    Raises `InvalidRequest` naming the field, or `ModelNotFound`.
    """
    body = checked(body)
    if body.get("max_tokens") is None:
        raise fields.missing("max_tokens")
    _refuse_what_servers_keep(body)
    requested, model = _model(body, reading)
    return _read(body, requested, model, reading)


def read_to_count(body: Any, reading: Reading) -> GenerateRequest:
    """Read the body of ``POST /v1/messages/count_tokens``, which is the same without
    ``max_tokens``."""
    body = checked(body)
    requested, model = _model(body, reading)
    return _read(body, requested, model, reading).request


def checked(body: Any) -> Body:
    """The body itself, which must be an object."""
    if not isinstance(body, dict):
        raise InvalidRequest("The request body is not a JSON object.")
    return body


def _read(
    body: Body, requested: str, model: Model, reading: Reading
) -> MessagesRequest:
    budget, blocks, given = Budget(), Blocks(), messages_of(body)
    tools = read_tools(body, loaded_tools(given), budget)
    messages = Messages(blocks, tools.names, model.id)
    messages.read(given)
    effort = messages.effort or read_effort(body, "output_config")
    thinking = read_thinking(body, effort, model, reading.generation)
    form = output.read_format(body, budget)
    form_words = _form_words(form, tools, model)
    extra = {**({} if form_words else form), **thinking.config}
    contents, past_calls = messages.conversation.contents(model)
    asked: Body = {
        "contents": contents,
        **_system(body, reading, form_words),
        **(tools.as_body() or _operators_search(body, form, model, reading)),
        **_config(body, model, reading, extra),
    }
    return MessagesRequest(
        GenerateRequest(model.id, asked, past_calls),
        body.get("stream") is True,
        _shape(requested, tools, thinks=thinking.is_on),
        blocks.remote,
    )


def _system(body: Body, reading: Reading, after: str) -> Body:
    before = [reading.generation.system_prompt]
    return system_instruction(before, body.get("system"), after)


def _form_words(form: Body, tools: Tools, model: Model) -> str:
    """Before Gemini 3, JSON mode beside tools is a 400: then it is asked in words."""
    if form and tools and not model.mixes_json_and_tools:
        return as_words(form)
    return ""


def _config(body: Body, model: Model, reading: Reading, extra: Body) -> Body:
    config = {**read_sampling(body, model, reading.generation), **extra}
    return {"generationConfig": config} if config else {}


def _refuse_what_servers_keep(body: Body) -> None:
    if body.get("thread") is not None:
        raise InvalidRequest(
            "thread: not supported by this gateway; send the whole history",
            param="thread",
            code=THREAD_UNSUPPORTED,
        )
    if fields.members(body, "mcp_servers", "mcp_servers"):
        raise fields.wrong("mcp_servers", "not supported by this gateway")


def _model(body: Body, reading: Reading) -> tuple[str, Model]:
    """The name to echo, and the model that is asked."""
    given = fields.text(body, "model", "model") or reading.default_model
    requested = names.without_window(given)
    name = resolve(reading.model or requested, reading.aliases)
    if name is None:
        raise ModelNotFound(requested[:200])
    return requested, find(name)


def _operators_search(body: Body, form: Body, model: Model, reading: Reading) -> Body:
    """The operator's search is for requests that it does not get in the way of."""
    fits = not form or model.mixes_json_and_tools
    is_free = fits and not body.get("tool_choice") and model.family == "gemini"
    wanted = reading.generation.google_search and is_free
    return {"tools": [{"googleSearch": {}}]} if wanted else {}


def _shape(requested: str, tools: Tools, *, thinks: bool) -> ReplyShape:
    return ReplyShape(
        model=requested,
        names=tools.names.originals,
        parameters=tools.parameters(),
        one_call_only=tools.one_call_only,
        thinks=thinks,
        searches=tools.searches,
    )
