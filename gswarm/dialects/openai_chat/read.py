"""A chat completion request, read into Gemini's words."""

from __future__ import annotations

from typing import Any

from ...errors import ModelNotFound
from ...gemini.aliases import Aliases
from ...gemini.generation import Generation
from ...gemini.models import Model, find, resolve
from ...gemini.request import Body, GenerateRequest
from ...gemini.schema.budget import Budget
from . import fields, output
from .chat_request import ChatRequest
from .google import google_extras, put_extras
from .messages import Messages, messages_of
from .parts import Parts
from .responses import as_chat
from .sampling import read_sampling
from .shape import ReplyShape
from .thinking import read_thinking
from .tools import Tools, read_tools

NO_DEFAULTS = Generation()


def read_request(
    body: Any,
    *,
    aliases: Aliases,
    default_model: str,
    defaults: Generation | None = None,
    system_prompt: Any = None,
) -> ChatRequest:
    """Read the body of ``POST /v1/chat/completions``.

    Unknown fields are ignored and null is the same as absent. ``system_prompt`` is an
    extra field of our own paths; it goes behind the operator's and before the
    request's. Raises `InvalidRequest` naming the field, or `ModelNotFound`.
    """
    if not isinstance(body, dict):
        raise fields.wrong_type("body", "an object", body)
    body, root = as_chat(body)
    defaults = defaults or NO_DEFAULTS
    requested, model = _model(body, aliases, default_model)
    google = google_extras(body)
    budget, parts = Budget(), Parts(model)
    tools = read_tools(body, budget)
    messages = Messages(parts, tools.names)
    messages.read(messages_of(body), root)
    thinking, shows_thoughts = read_thinking(body, google, model, defaults)
    form = output.read_response_format(body, budget)
    tools.search_unasked(form, model, defaults)
    form_words = _form_words(form, tools, model)
    config = {
        **read_sampling(body, model, defaults),
        **({} if form_words else form),
        **output.read_modalities(body, model),
        **parts.resolution,
        **thinking,
    }
    prompts = (defaults.system_prompt, system_prompt, body.get("instructions"))
    system = _system(messages, _prompts(*prompts), form_words)
    contents, past_calls = messages.conversation.contents(model)
    asked: Body = {"contents": contents, **system, **tools.as_body()}
    if config:
        asked["generationConfig"] = config
    put_extras(asked, google, model)
    return ChatRequest(
        GenerateRequest(model.id, asked, past_calls),
        fields.flag(body, "stream", "stream") or False,
        _shape(body, requested, tools, shows_thoughts),
        parts.remote,
    )


def _model(body: Body, aliases: Aliases, default_model: str) -> tuple[str, Model]:
    requested = fields.text(body, "model", "model") or default_model
    name = resolve(requested, aliases)
    if name is None:
        raise ModelNotFound(requested[:200])
    return requested, find(name)


def _shape(
    body: Body, requested: str, tools: Tools, shows_thoughts: bool
) -> ReplyShape:
    options = fields.group(body, "stream_options", "stream_options") or {}
    where = "stream_options.include_usage"
    parallel = fields.flag(body, "parallel_tool_calls", "parallel_tool_calls")
    return ReplyShape(
        model=requested,
        include_usage=fields.flag(options, "include_usage", where) or False,
        names=tools.names.originals,
        uses_legacy_functions=tools.is_legacy,
        one_call_only=parallel is False or tools.is_legacy,
        parameters=tools.parameters(),
        shows_thoughts=shows_thoughts,
        custom_tools=frozenset(tools.custom),
    )


def _form_words(form: Body, tools: Tools, model: Model) -> str:
    """Before Gemini 3, JSON mode beside tools is a 400: then it is asked in words."""
    if form and tools and not model.mixes_json_and_tools:
        return output.as_words(form)
    return ""


def _prompts(operator: str, extra: Any, instructions: Any) -> list[str]:
    given = (
        operator,
        fields.text({"systemPrompt": extra}, "systemPrompt", "systemPrompt"),
        fields.text({"instructions": instructions}, "instructions", "instructions"),
    )
    return [words for words in given if words and words.strip()]


def _system(messages: Messages, before: list[str], after: str) -> Body:
    """All system words in order; where a request has no others, they are the user's."""
    if not messages.conversation and messages.system:
        messages.conversation.user([{"text": "\n\n".join(messages.system)}])
        messages.system = []
    words = "\n\n".join(filter(None, [*before, *messages.system, after]))
    return {"systemInstruction": {"parts": [{"text": words}]}} if words else {}
