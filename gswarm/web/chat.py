"""The response to one question: worded whole, or piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import orjson
from flask import Flask, Response, g, request

from ..chat.exchange import Chat, Exchange
from ..chat.question import Question
from ..dialects.dialect import ClientRequest
from ..dialects.served import Served
from ..errors import Refusal
from ..google.upstream import Chunks
from .headers import header_text
from .server.in_flight import InFlight
from .streaming import gather, stream


class Answers:
    """Answers requests, and lets go of them when their clients leave."""

    def __init__(self, app: Flask, chat: Chat, in_flight: InFlight) -> None:
        self._chat = chat
        self._in_flight = in_flight
        app.after_request(_add_route)

    def answer(self, question: Question) -> Response:
        """The response to one question of the current request's key; raises a `Refusal`
        or `StoreUnavailable`.

        The view that asks is `Recording.recorded`.
        """
        wishes = request.headers.get("Cache-Control")
        exchange = self._chat.begin(g.entry, g.api_key, question, wishes)
        cancellation = self._in_flight.begin(request.environ)
        try:
            _admit(exchange)
            response = _respond(exchange, exchange.chunks(cancellation), question.asked)
        except BaseException as error:
            self._in_flight.end(cancellation)
            exchange.leave(error)
            raise
        response.call_on_close(partial(self._in_flight.end, cancellation))
        return response


def _admit(exchange: Exchange) -> None:
    """Let the answer carry the key's limits, also where they refuse it."""
    try:
        exchange.admit()
    finally:
        if exchange.admission:
            g.admission = exchange.admission
    g.route = {"x-gswarm-cache": exchange.cache}


def _respond(exchange: Exchange, chunks: Chunks, asked: ClientRequest) -> Response:
    try:
        if asked.is_stream:
            writer = asked.writer(exchange.fold, exchange.served)
            response = stream(chunks, writer, asked.stream_type, _route_of(exchange))
            if exchange.certain_model:
                model = header_text(exchange.certain_model)
                response.headers.setdefault("x-gswarm-model", model)
            return response
        gather(chunks)
    except Refusal:
        g.route |= _route(exchange.served())
        raise
    served = exchange.served()
    g.route |= _answered(served)
    body = orjson.dumps(asked.whole(exchange.fold, served))
    return Response(body, mimetype="application/json")


def _route_of(exchange: Exchange) -> Callable[[], dict[str, str]]:
    """The headers of a stream that begins: its attempt has not ended yet."""
    return lambda: _answered(exchange.served(under_way=1))


def _answered(served: Served) -> dict[str, str]:
    """The headers of an answer: what model it is from, whatever was asked for."""
    return {"x-gswarm-model": header_text(served.model), **_route(served)}


def _route(served: Served) -> dict[str, str]:
    """The headers that tell who was asked."""
    if served.project is None:
        return {}
    return {
        "x-gswarm-project": served.project,
        "x-gswarm-attempts": str(served.attempts),
    }


def _add_route(response: Response) -> Response:
    response.headers.update(g.get("route") or {})
    return response
