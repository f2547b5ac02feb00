"""What an answer says of its way, in its headers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g

from gswarm.dialects.dialect import Reading
from gswarm.dialects.openai_chat.dialect import OPENAI_CHAT
from gswarm.dialects.served import Served
from gswarm.errors import UpstreamError
from gswarm.gemini.generation import Generation
from gswarm.gemini.reply import Fold
from gswarm.web import streaming
from gswarm.web.chat import Answers
from gswarm.web.refusals import answer_exception

CHUNK = {
    "candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]
}
ASKED, ANSWERING = "gemini-2.5-flash", "gemini-3.5-flash"


class Exchange:
    """One that another model than was asked for has answered, or failed to."""

    admission = None
    cache = "miss"

    def __init__(self, fails: bool, certain: str | None, *, slow: bool) -> None:
        self.fold = Fold()
        self.certain_model = certain
        self._fails = fails
        self._is_slow = slow

    def admit(self) -> None:
        """Everybody may enter."""

    def chunks(self, _cancellation: Any) -> Any:
        if self._fails:
            raise UpstreamError("It broke.")
        if self._is_slow:
            yield None
        self.fold.feed(CHUNK)
        yield CHUNK

    def served(self, under_way: int = 0) -> Served:
        return Served("p1", 1 + under_way, ANSWERING, 5, "1" * 24, 1795300000)

    def leave(self, error: BaseException | None = None) -> None:
        """Nothing was taken along."""


def headers_of(
    *,
    stream: bool = False,
    fails: bool = False,
    certain: str | None = None,
    slow: bool = False,
) -> Any:
    app = Flask("test")
    app.register_error_handler(Exception, answer_exception)
    chat: Any = SimpleNamespace(begin=lambda *_: Exchange(fails, certain, slow=slow))
    running: Any = SimpleNamespace(begin=lambda _: None, end=lambda _: None)
    answers = Answers(app, chat, running)
    messages = [{"role": "user", "content": "Hello"}]
    body = {"model": ASKED, "messages": messages, "stream": stream}
    reading = Reading({}, ASKED, Generation())
    question: Any = SimpleNamespace(asked=OPENAI_CHAT.read(body, reading))

    @app.post("/v1/chat/completions")
    def ask() -> Any:
        g.request_id, g.entry, g.api_key = "req_1", None, None
        return answers.answer(question)

    return app.test_client().post("/v1/chat/completions").headers


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_names_the_model_it_is_from(stream):
    told = headers_of(stream=stream)

    assert told["x-gswarm-model"] == ANSWERING
    assert told["x-gswarm-project"] == "p1"
    assert told["x-gswarm-cache"] == "miss"


def test_a_refusal_is_from_no_model():
    told = headers_of(fails=True)

    assert "x-gswarm-model" not in told
    assert told["x-gswarm-project"] == "p1"


@pytest.mark.parametrize("certain", [ASKED, None])
def test_a_stream_that_begins_early_names_the_model_only_if_no_other_may_answer(
    monkeypatch, certain
):
    monkeypatch.setattr(streaming, "SILENCE_SECONDS", 0)

    told = headers_of(stream=True, slow=True, certain=certain)

    assert told.get("x-gswarm-model") == certain
    assert "x-gswarm-project" not in told
