"""Reading questions off the wire, with the operator's preferences in mind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from flask import Response, after_this_request, g, request

from ..chat.config import Preferences
from ..chat.in_flight import BytesInFlight, Share
from ..chat.media import MOST_IN_FLIGHT, Fetch, inline_remote, share_of_media
from ..dialects.openai_chat.read import read_request
from ..dialects.openai_chat.shape import ChatRequest
from ..errors import (
    InsufficientQuota,
    ModelNotFound,
    Unavailable,
    UpstreamError,
    UpstreamTimeout,
)
from ..gemini.models import resolve
from ..gemini.request import GenerateRequest
from ..keys.api_keys import ApiKeys
from ..settings import Settings
from .bodies import STEP, Take, read_json
from .chat import Chat, Reply
from .recording import Recording

Word: TypeAlias = Callable[[ChatRequest], Reply]
"""Chooses how the answer is worded."""

REFUSALS = (
    ModelNotFound,
    InsufficientQuota,
    UpstreamError,
    Unavailable,
    UpstreamTimeout,
)
"""What may come of a question, however it is worded."""

SMALL_BYTES = 256 * 1024
"""Bodies up to this size are not counted: those of a thousand streams go together."""
BODIES_IN_FLIGHT = 8
"""Larger bodies of the requests of one process come to so many times the longest."""


class Questions:
    """Answers whatever arrives in the form of a chat completion request."""

    def __init__(
        self,
        settings: Settings,
        keys: ApiKeys,
        preferences: Callable[[], Preferences],
        fetch: Fetch,
        chat: Chat,
        recording: Recording,
    ) -> None:
        self._limit = int(settings.max_body_mb * 2**20)
        self._keys = keys
        self._preferences = preferences
        self._fetch = fetch
        self._media = BytesInFlight(MOST_IN_FLIGHT)
        self._bodies = BytesInFlight(BODIES_IN_FLIGHT * self._limit)
        self._chat = chat
        self.recorded = recording.recorded

    def body(self) -> Any:
        """The body of the current request, as JSON; whoever refuses it leaves a record
        of who asked what model."""
        body = read_json(request.environ, self._limit, take=self._hold())
        g.entry.key, g.entry.model = g.key_name, self._named_model(body)
        return body

    def _hold(self) -> Take | None:
        """What counts the current request's body until the answer is over."""
        length = request.content_length
        if length is not None and length <= SMALL_BYTES:
            return None
        share = self._bodies.share(self._limit + STEP)

        @after_this_request
        def release_in_the_end(response: Response) -> Response:
            response.call_on_close(share.release)
            return response

        return share.take

    def ask(self, body: Any, word: Word, *, system_prompt: Any = None) -> Response:
        """Answer ``body`` for the holder of the current request's key.

        The view that asks is decorated with ``recorded``, and has read the body here.
        """
        question = Question(
            body, system_prompt, self._preferences(), self._fetch, self._media
        )
        read = question.read
        g.entry.model, g.entry.is_stream = read.request.model, read.stream
        self._keys.check_model(g.api_key, read.shape.model, read.request.model)
        try:
            response = self._chat.answer(g.api_key, question, word(read))
        except BaseException:
            question.release()
            raise
        response.call_on_close(question.release)
        return response

    def _named_model(self, body: Any) -> str | None:
        """The model that a body names, though nothing else of it may make sense."""
        preferences = self._preferences()
        name = body.get("model") if isinstance(body, dict) else None
        name = name or preferences.default_model
        return resolve(name, preferences.aliases) if isinstance(name, str) else None


class Question:
    """A request body, read for the model it names."""

    def __init__(
        self,
        body: Any,
        system_prompt: Any,
        preferences: Preferences,
        fetch: Fetch,
        media: BytesInFlight,
    ) -> None:
        self._body = body
        self._system_prompt = system_prompt
        self._preferences = preferences
        self._fetch = fetch
        self._media = media
        self._shares: list[Share] = []
        self._allows_model = g.api_key.allows_model
        self.read = self._read_for(body)

    @property
    def request(self) -> GenerateRequest:
        return self.read.request

    @property
    def is_complete(self) -> bool:
        return not self.read.remote

    def completed(self) -> GenerateRequest:
        return self._complete(self.read)

    def release(self) -> None:
        """The request is over: its media are no longer held."""
        while self._shares:
            self._shares.pop().release()

    def fallbacks(self) -> Iterator[GenerateRequest]:
        """Each model takes other fields, so the body is read anew."""
        for model in self._preferences.fallbacks.get(self.request.model, ()):
            if self._allows_model(model):
                yield self._complete(self._read_for(self._body | {"model": model}))

    def _read_for(self, body: Any) -> ChatRequest:
        return read_request(
            body,
            aliases=self._preferences.aliases,
            default_model=self._preferences.default_model,
            defaults=self._preferences.generation,
            system_prompt=self._system_prompt,
        )

    def _complete(self, read: ChatRequest) -> GenerateRequest:
        if not read.remote:
            return read.request
        share = share_of_media(self._media)
        self._shares.append(share)
        body = inline_remote(read.request.body, self._fetch, read.remote, share)
        return replace(read.request, body=body)
