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
from .models import Api
from .world import World

METHODS = frozenset({"generateContent", "streamGenerateContent", "countTokens"})


@dataclass(frozen=True)
class Question:
    api: Api
    model: models.Model
    request: dict[str, Any]
    account: str
    project: str
    streams: bool
    as_sse: bool

    @property
    def wraps(self) -> bool:
        return self.api == "cloudcode"


def code_assist(method: str) -> Response:
    account = caller()
    raw = raw_body()
    body = parsed(raw)
    call = the_call()
    the_world().calls.keep_body(call, raw)
    if method == "countTokens":
        meet_script()
        return answer({"totalTokens": len(raw) // 4})
    call.model, call.project = body.get("model", ""), body.get("project", "")
    admit(account, call.project)
    model = models.find(call.model, "cloudcode")
    if model.name in the_world().projects[call.project].models_missing:
        raise named("not_found")
    do = meet_script()
    the_world().quotas.admit(account.email, call.project, model.name)
    streams = method == "streamGenerateContent"
    sse = request.args.get("alt") == "sse"
    question = Question(
        "cloudcode",
        model,
        body.get("request", {}),
        account.email,
        call.project,
        streams,
        sse,
    )
    return reply(question, do)


def reply(question: Question, do: dict[str, Any]) -> Response:
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
    the_call().model = question.model.name
    return Response(
        _written(events, the_call(), the_connection(), the_world()),
        content_type="text/event-stream",
    )


def _written(
    events: Iterator[bytes], call: Call, connection: Connection, world: World
) -> Iterator[bytes]:
    try:
        connection.send_headers()
        speed = world.speed
        for event in events:
            connection.wait(speed.ttft_seconds)
            yield event
        call.finished = True
    except Severed:
        raise
    except (GeneratorExit, OSError):
        call.closed_by_client = True
        raise
    finally:
        world.calls.ended()
