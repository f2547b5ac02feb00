"""OpenAI's Responses that are stored."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request

from ...chat.response_memory import ResponseMemory
from ...dialects.dialect import EVENT_STREAM
from ...dialects.openai_responses.dialect import PATH
from ...dialects.openai_responses.listing import list_items
from ...dialects.openai_responses.memory import (
    Record,
    chain_of,
    context_of,
    response_not_found,
)
from ...dialects.openai_responses.replay import replay
from ...errors import InvalidRequest
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import load
from ..schemas import responses as schemas
from ..streaming import STREAM_HEADERS
from .responses import MemoryOf


def blueprint(guard: Guard, memory: MemoryOf) -> Blueprint:
    """``/v1/responses/…``."""
    responses = Blueprint("stored_responses", __name__, url_prefix=PATH)

    @responses.get("/<response_id>")
    @guard.needs("chat")
    @documented(query=schemas.ShowQuery, answers=(schemas.Response, EVENTS))
    def show_response(response_id: str) -> Response:
        """Show a stored response, or tell it again as events."""
        asked = load(schemas.ShowQuery(), request.args)
        response = _found(memory(), response_id)["response"]
        if not asked["stream"]:
            return _json(response)
        events = replay(response, asked["starting_after"])
        return Response(events, content_type=EVENT_STREAM, headers=STREAM_HEADERS)

    @responses.delete("/<response_id>")
    @guard.needs("chat")
    @documented(answers=schemas.Deleted)
    def delete_response(response_id: str) -> dict[str, Any]:
        """Forget a stored response. Those that go on from it can go on no more."""
        if not memory().forget(response_id):
            raise response_not_found(response_id)
        return {"id": response_id, "object": "response", "deleted": True}

    @responses.get("/<response_id>/input_items")
    @guard.needs("chat")
    @documented(query=schemas.ItemsQuery, answers=schemas.ItemList)
    def list_input_items(response_id: str) -> Response:
        """List what a response was asked with, responses before it included."""
        asked = load(schemas.ItemsQuery(), request.args)
        record = _found(memory(), response_id)
        before = [*chain_of(memory(), record["chain"][-1])] if record["chain"] else []
        items = [*context_of(before), *record["input"]]
        return _json(
            list_items(
                items,
                limit=asked["limit"],
                newest_first=asked["order"] == "desc",
                after=asked["after"],
            )
        )

    @responses.post("/<response_id>/cancel")
    @guard.needs("chat")
    @documented(answers=schemas.Response, refuses=(InvalidRequest,))
    def cancel_response(response_id: str) -> Response:
        """Refuse to cancel: a response is stored when it is over."""
        _found(memory(), response_id)
        raise InvalidRequest("Cannot cancel a synchronous response.")

    return responses


def _found(memory: ResponseMemory, id: str) -> Record:
    found = memory.find([id]).get(id)
    if found is None:
        raise response_not_found(id)
    return found[0]


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), mimetype="application/json")
