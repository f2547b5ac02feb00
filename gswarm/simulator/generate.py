"""A call to a model, from the request's body to the last byte of the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from . import faults, models, resources, wire
from .admission import admit
from .answers import Script, markers
from .answers import answer as answer_to
from .answers.conversation import read
from .calls import Call, CallLog
from .connection import Connection, Severed
from .errors import invalid, named
from .exchange import (
    JSON,
    answer,
    caller,
    meet,
    meet_script,
    parsed,
    raw_body,
    the_call,
    the_connection,
    the_world,
)
from .models import Api, Model
from .scripts import Do, check
from .signatures import Scope
from .tokens import contents_tokens
from .validation import (
    check_request,
    read_request,
    tally,
    validate_count,
    validate_envelope,
)
from .validation.protos import Dialect
from .wire import Cut, Event, Pause, RawTail

METHODS = frozenset({"generateContent", "streamGenerateContent", "countTokens"})


@dataclass(frozen=True)
class Question:
    """Who asks which model through which API, and how they want to be answered."""

    api: Api
    model: Model
    scope: Scope
    streams: bool

    @property
    def wraps(self) -> bool:
        """Whether answers stand inside Code Assist's envelope."""
        return self.api == "cloudcode"


def code_assist(method: str) -> Response:
    """One of `METHODS` with Code Assist's envelope."""
    account, body = caller(), asked(raw_body())
    if method == "countTokens":
        return _count(body)
    call = the_call()
    call.model, call.project, inner = validate_envelope(body)
    admit(account, call.project)
    question = Question(
        api="cloudcode",
        model=model_for(call.project, call.model, "cloudcode"),
        scope=Scope(account.email, call.project),
        streams=method == "streamGenerateContent",
    )
    return respond(question, inner)


def asked(raw: bytes) -> dict[str, Any]:
    """The body as JSON, kept in the call log; raises Google's 400."""
    body = parsed(raw)
    the_world().calls.keep_body(the_call(), raw)
    return body


def model_for(project_id: str, name: str, api: Api) -> Model:
    """The model, if the API has it and the project may use it; else Google's 404."""
    model = models.find(name, api)
    if model.name in the_world().projects[project_id].models_missing:
        raise named(
            "not_found" if api == "cloudcode" else "gemini_not_found", model=name
        )
    return model


def respond(question: Question, body: Any) -> Response:
    """Scripted fault, validation, the prompt's own faults, quota, answer: in this
    order."""
    world, scope = the_world(), question.scope
    do = meet_script()
    dialect: Dialect = "gemini_api" if question.api == "gemini_api" else "vertex"
    found = read_request(body, dialect, question.wraps)
    the_call().signatures = tally(found, question.model, world.signer, scope)
    check_request(
        found, question.model, dialect=dialect, signer=world.signer, scope=scope
    )
    resources.check(found, enveloped=question.wraps)
    do = do or meet(_wished(found))
    world.quotas.admit(
        scope.account, scope.project, question.model.name, api=question.api
    )
    script = _written(question, found, do)
    return _streamed(question, script) if question.streams else _whole(question, script)


def _count(body: dict[str, Any]) -> Response:
    the_call().model, contents = validate_count(body)
    meet_script()
    models.find(the_call().model, "cloudcode")
    return answer({"totalTokens": contents_tokens(contents)})


def _wished(found: dict[str, Any]) -> Do:
    """What the prompt wants done to its own call; raises the 400 for what cannot be."""
    turn, do = read(found).turn, Do()
    try:
        for text in markers.values(turn, "do"):
            do |= json.loads(text, strict=False)
        check({**do, "odd": markers.values(turn, "odd")})
    except (TypeError, ValueError) as error:
        raise invalid(f"[[do:…]]: {error}") from error
    return do


def _written(question: Question, found: dict[str, Any], do: Do) -> Script:
    """The answer, at the world's speed and with what a script does to it."""
    world = the_world()
    script = answer_to(
        found,
        question.model,
        signer=world.signer,
        scope=question.scope,
        manner=world.manner,
        serial=the_call().n,
    )
    if do:
        script = faults.apply(do, script, now=world.clock())
    return faults.paced(script, world.speed.ttft_seconds, world.speed.chunk_seconds)


def _streamed(question: Question, script: Script) -> Response:
    if request.args.get("alt") == "sse":
        events = wire.sse_events(script, wrap=question.wraps)
        return _reply(events, "text/event-stream")
    return _reply(wire.json_array(script, wrap=question.wraps), JSON)


def _whole(question: Question, script: Script) -> Response:
    events = wire.unary_events(script, wrap=question.wraps)
    if script.broken and not script.broken.error:
        return _reply(events, JSON)
    content, connection = b"", the_connection()
    for event in events:
        if isinstance(event, Pause):
            connection.wait(event.seconds)
        elif isinstance(event, bytes):
            content += event
    return Response(content, content_type=JSON)


def _reply(events: Iterator[Event], content_type: str) -> Response:
    written = _write(events, the_connection(), the_call(), the_world().calls)
    return Response(written, content_type=content_type)


def _write(
    events: Iterator[Event], connection: Connection, call: Call, log: CallLog
) -> Iterator[bytes]:
    """Act the events out, each piece of bytes written at once.

    The call's entry in the log tells how it ended.
    """
    try:
        connection.send_headers()
        for event in events:
            if isinstance(event, Pause):
                connection.wait(event.seconds)
            elif isinstance(event, Cut):
                connection.sever(event.how)
            else:
                yield event.content if isinstance(event, RawTail) else event
        call.finished = True
    except Severed:
        raise
    except (GeneratorExit, OSError):
        call.closed_by_client = True
        raise
    finally:
        log.ended()
