"""Reading questions off the wire, with the operator's preferences in mind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from flask import Response, g, request

from ..api_keys import ApiKeys
from ..dialects.openai_chat.read import read_request
from ..dialects.openai_chat.shape import ChatRequest
from ..gemini.request import GenerateRequest
from ..settings import Settings
from .bodies import read_json
from .chat import Chat, Reply
from .preferences import Preferences

Word: TypeAlias = Callable[[ChatRequest], Reply]
"""Chooses how the answer is worded."""


class Questions:
    """Answers whatever arrives in the form of a chat completion request."""

    def __init__(
        self,
        settings: Settings,
        keys: ApiKeys,
        preferences: Callable[[], Preferences],
        chat: Chat,
    ) -> None:
        self._limit = int(settings.max_body_mb * 2**20)
        self._keys = keys
        self._preferences = preferences
        self._chat = chat

    def body(self) -> Any:
        """The body of the current request, as JSON."""
        return read_json(request.environ, self._limit)

    def ask(self, body: Any, word: Word, *, system_prompt: Any = None) -> Response:
        """Answer ``body`` for the holder of the current request's key."""
        asked = self._read(body, system_prompt)
        self._keys.check_model(g.api_key, asked.shape.model, asked.request.model)
        fallbacks = self._fallbacks(body, system_prompt, asked.request.model)
        return self._chat.answer(g.api_key, asked.request, word(asked), fallbacks)

    def _read(self, body: Any, system_prompt: Any) -> ChatRequest:
        preferences = self._preferences()
        return read_request(
            body,
            aliases=preferences.aliases,
            default_model=preferences.default_model,
            defaults=preferences.generation,
            system_prompt=system_prompt,
        )

    def _fallbacks(
        self, body: Any, system_prompt: Any, model: str
    ) -> Iterator[GenerateRequest]:
        """The same question to the models that stand in for this one, read anew: each
        takes other fields."""
        for other in self._preferences().fallbacks.get(model, ()):
            if g.api_key.allows_model(other):
                yield self._read(body | {"model": other}, system_prompt).request
