"""The paths every OpenAI client calls."""

from __future__ import annotations

from contextlib import closing

import orjson
from flask import Blueprint, Response, g

from ...dialects.openai_chat.dialect import OPENAI_CHAT
from ...dialects.openai_completions.dialect import OPENAI_COMPLETIONS
from ...dialects.openai_completions.several import one_by_one, together
from ...gemini.request import Body
from ..chat_requests import REFUSALS, Questions
from ..documentation import EVENTS, documented
from ..guards import Guard
from ..schemas import openai as schemas


def blueprint(guard: Guard, questions: Questions) -> Blueprint:
    """``/v1``: chat completions."""
    openai = Blueprint("openai", __name__, url_prefix="/v1")

    @openai.post("/chat/completions")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.ChatRequest,
        answers=(schemas.ChatCompletion, EVENTS),
        refuses=REFUSALS,
    )
    def chat_completions() -> Response:
        """Answer a conversation. Streams server-sent events where `stream` is true."""
        return questions.ask(questions.body(), OPENAI_CHAT.read)

    @openai.post("/completions")
    @questions.recorded
    @guard.needs("chat", counted="by_the_view")
    @documented(
        body=schemas.CompletionRequest,
        answers=(schemas.Completion, EVENTS),
        refuses=REFUSALS,
    )
    def completions() -> Response:
        """Complete a prompt. Streams server-sent events where `stream` is true.

        Of a list of prompts each is a request of its own to the limits and the log.
        """
        body = questions.body()
        bodies = one_by_one(body)
        if not bodies:
            return questions.ask(body, OPENAI_COMPLETIONS.read)
        reply = together([_completed(each) for each in bodies])
        return Response(orjson.dumps(reply), mimetype="application/json")

    @questions.recorded
    def _completed(body: Body) -> Body:
        """One completion of several."""
        g.entry.key = g.key_name
        with closing(questions.ask(body, OPENAI_COMPLETIONS.read)) as response:
            reply: Body = orjson.loads(response.get_data())
            return reply

    return openai
