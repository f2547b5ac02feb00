"""A Responses request, read into Gemini's words."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import ModelNotFound, Refusal
from ...gemini.models import Model, find, resolve
from ...gemini.reply import Fold
from ...gemini.request import Body, GenerateRequest
from ...gemini.schema.budget import Budget
from ..dialect import Reading
from ..openai_chat import fields, output
from ..openai_chat.google import google_extras, put_extras
from ..openai_chat.parts import Parts
from ..openai_chat.sampling import read_sampling
from ..served import Served
from .effort import read_reasoning
from .given import Given, configured, given_by, refuse_unsupported, tools_among
from .items import Items
from .memory import HEX, Memory
from .shape import ReplyShape, echo_of
from .stream import StreamWriter, write_whole
from .tool_choice import choose
from .tools import ToolReader, Tools

LIMITS = ("max_output_tokens", "max_completion_tokens", "max_tokens")
CARRIED = "reasoning.encrypted_content"
SOURCES = "web_search_call.action.sources"


def new_digits() -> str:
    return secrets.token_hex(HEX // 2)


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A request, read.

    ``remote`` maps each web address that must be fetched before the request leaves to
    the field it came from; ``ignored`` lists the types of tools that are not served.
    """

    request: GenerateRequest
    model: str
    is_stream: bool
    shape: ReplyShape
    remote: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()

    stream_type = "text/event-stream; charset=utf-8"

    def writer(self, fold: Fold, served: Callable[[], Served]) -> StreamWriter:
        return StreamWriter(fold, self.shape)

    def failure(self, refusal: Refusal) -> bytes:
        """A stream that tells of nothing but its failure."""
        writer = StreamWriter(Fold(), self.shape)
        return writer.open() + writer.fail(refusal)

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        return write_whole(fold, self.shape)


def read_request(
    body: Any,
    reading: Reading,
    memory: Memory,
    *,
    digits: Callable[[], str] = new_digits,
    now: Callable[[], float] = time.time,
) -> ResponsesRequest:
    """Read the body of ``POST /v1/responses``.

    Unknown fields are ignored and null is the same as absent. Raises `InvalidRequest`
    naming the field, `ModelNotFound`, or `NotFound` for an item that is not stored.
    """
    if not isinstance(body, dict):
        raise fields.wrong_type("body", "an object", body)
    refuse_unsupported(body)
    requested, model = _model(body, reading)
    given = given_by(body, memory)
    told = configured(body, given.items)
    asked = _Asked(told, given, model, reading, memory)
    shape = ReplyShape(
        digits=digits(),
        created_at=int(now()),
        model_id=model.id,
        echo=echo_of(body, requested),
        memory=memory,
        now=now,
        items=given.own,
        chain=given.chain,
        tools=asked.tools.by_name,
        store=_stores(body),
        one_call_only=_flag(body, "parallel_tool_calls") is False,
        shows_thoughts=asked.shows_thoughts,
        carries=not _stores(body) or CARRIED in _included(body),
        shows_sources=SOURCES in _included(body),
        runs_code="codeExecution" in asked.tools.built_in,
        draws=asked.tools.draws,
    )
    return ResponsesRequest(
        GenerateRequest(model.id, asked.body, asked.past_calls),
        requested,
        _flag(body, "stream") or False,
        shape,
        asked.parts.remote,
        asked.tools.ignored,
    )


class _Asked:
    """A request's ``body`` in Gemini's words, and what was learnt on the way."""

    def __init__(
        self, told: Body, given: Given, model: Model, reading: Reading, memory: Memory
    ) -> None:
        defaults, budget = reading.generation, Budget()
        google = google_extras(told)
        self.parts = Parts(model)
        self.tools = _tools(told, given, budget)
        items = Items(self.parts, self.tools, model, memory)
        items.read(given.items)
        thinking, self.shows_thoughts = read_reasoning(told, google, model, defaults)
        text = fields.group(told, "text", "text") or {}
        where = "text.format"
        form = output.read_form(fields.group(text, "format", where), where, budget)
        self.tools.search_unasked(form, model, defaults)
        in_words = form and self.tools and not model.mixes_json_and_tools
        config = {
            **read_sampling(told, model, defaults, LIMITS),
            **({} if in_words else form),
            **_modalities(self.tools, model),
            **self.parts.resolution,
            **thinking,
        }
        before = [
            defaults.system_prompt,
            fields.text(told, "instructions", "instructions") or "",
        ]
        system = _system(items, before, output.as_words(form) if in_words else "")
        contents, self.past_calls = items.conversation.contents(model)
        self.body: Body = {"contents": contents, **system, **self.tools.as_body()}
        if config:
            self.body["generationConfig"] = config
        put_extras(self.body, google, model)


def _model(body: Body, reading: Reading) -> tuple[str, Model]:
    requested = fields.text(body, "model", "model") or reading.default_model
    name = resolve(reading.model or requested, reading.aliases)
    if name is None:
        raise ModelNotFound(requested[:200])
    return requested, find(name)


def _tools(told: Body, given: Given, budget: Budget) -> Tools:
    tools = Tools()
    reader = ToolReader(tools, budget)
    reader.read(fields.members(told, "tools", "tools") or [], "tools")
    for more, path in tools_among(given.items):
        reader.read(more, path, wins=False)
    choose(tools, told.get("tool_choice"))
    return tools


def _modalities(tools: Tools, model: Model) -> Body:
    if tools.draws and model.is_image:
        return {"responseModalities": list(model.makes)}
    return {}


def _system(items: Items, before: list[str], after: str) -> Body:
    """All system words in order; where a request has no others, they are the user's."""
    if not items.conversation and (items.system or any(before)):
        words = items.system or [before.pop()]
        items.conversation.user([{"text": "\n\n".join(words)}])
        items.system = []
    told = [words for words in (*before, *items.system, after) if words.strip()]
    return (
        {"systemInstruction": {"parts": [{"text": "\n\n".join(told)}]}} if told else {}
    )


def _stores(body: Body) -> bool:
    return _flag(body, "store") is not False


def _included(body: Body) -> list[Any]:
    return fields.members(body, "include", "include") or []


def _flag(body: Body, name: str) -> bool | None:
    return fields.flag(body, name, name)
