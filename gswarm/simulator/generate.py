"""A call to a model, from the request's body to the last byte of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request

from . import models
from .admission import admit
from .calls import Call
from .connection import Connection, Severed
from .errors import named
from .exchange import (
    answer,
    caller,
    meet_script,
    parsed,
    raw_body,
    the_call,
    the_connection,
    the_world,
)
from .models import Api, Model
from .scripts import Do
from .signatures import Scope
from .tokens import contents_tokens
from .validation import validate, validate_count, validate_envelope
from .world import World

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
    """Scripted fault, validation, quota, answer: in this order."""
    world = the_world()
    do = meet_script()
    found = validate(
        body,
        question.model,
        dialect="gemini_api" if question.api == "gemini_api" else "vertex",
        signer=world.signer,
        scope=question.scope,
        enveloped=question.wraps,
    )
    world.quotas.admit(
        question.scope.account, question.scope.project, question.model.name
    )
    return reply(question, found, do)


def _count(body: dict[str, Any]) -> Response:
    the_call().model, contents = validate_count(body)
    meet_script()
    models.find(the_call().model, "cloudcode")
    return answer({"totalTokens": contents_tokens(contents)})


def reply(question: Question, found: dict[str, Any], do: Do) -> Response:
    chunk = {
        "candidates": [
            {
                "index": 0,
                "content": {
                    "role": "model",
                    "parts": [{"text": f"Simulated {question.model.name} heard you."}],
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 1,
            "candidatesTokenCount": 4,
            "totalTokenCount": 5,
        },
        "modelVersion": question.model.version,
    }
    value = {"response": chunk, "traceId": "0"} if question.wraps else chunk
    if not question.streams:
        return answer(value)
    events = iter([b"data: " + orjson.dumps(value) + b"\r\n\r\n"])
    return Response(
        _written(events, the_call(), the_connection(), the_world()),
        content_type="text/event-stream",
    )


def _written(
    events: Iterator[bytes], call: Call, connection: Connection, world: World
) -> Iterator[bytes]:
    """Write as the events say; the call's entry tells how it ended."""
    try:
        connection.send_headers()
        for event in events:
            yield event
        call.finished = True
    except Severed:
        raise
    except (GeneratorExit, OSError):
        call.closed_by_client = True
        raise
    finally:
        world.calls.ended()
