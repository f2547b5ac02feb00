"""Reading questions off the wire, with the operator's preferences in mind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, after_this_request, g, request

from ..chat.config import ChatConfig
from ..chat.in_flight import BytesInFlight
from ..chat.media import MOST_IN_FLIGHT, Fetch
from ..chat.question import Question, Read
from ..dialects.dialect import Reading
from ..errors import (
    InsufficientQuota,
    ModelNotFound,
    Unavailable,
    UpstreamError,
    UpstreamTimeout,
)
from ..gemini.file_addresses import check_files
from ..gemini.models import resolve
from ..gemini.request import Chunk, GenerateRequest
from ..keys.api_keys import ApiKeys
from ..settings import Settings
from .bodies import Take, read_json
from .chat import Answers
from .recording import Recording

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
    """Answers questions, whatever dialect they come in."""

    def __init__(
        self,
        settings: Settings,
        keys: ApiKeys,
        preferences: Callable[[], ChatConfig],
        fetch: Fetch,
        answers: Answers,
        recording: Recording,
    ) -> None:
        self._limit = int(settings.max_body_mb * 2**20)
        self._keys = keys
        self._preferences = preferences
        self._fetch = fetch
        self._media = BytesInFlight(MOST_IN_FLIGHT)
        self._bodies = BytesInFlight(BODIES_IN_FLIGHT * self._limit)
        self._answers = answers
        self.recorded = recording.recorded

    def body(self, model: str | None = None) -> Any:
        """The body of the current request, as JSON; whoever refuses it leaves a record
        of who asked what model: the one that is named elsewhere, or in the body."""
        g.entry.key, g.entry.key_id = g.key_name, g.key_id
        g.entry.model = self._meant(model)
        body = read_json(request.environ, self._limit, take=self._hold())
        if model is None:
            g.entry.model = self._named_model(body)
        return body

    def _hold(self) -> Take | None:
        """What counts the current request's body until the answer is over."""
        length, is_packed = (
            request.content_length,
            "Content-Encoding" in request.headers,
        )
        if length is not None and length <= SMALL_BYTES and not is_packed:
            return None
        share = self._bodies.share(BODIES_IN_FLIGHT * self._limit)

        @after_this_request
        def release_in_the_end(response: Response) -> Response:
            response.call_on_close(share.release)
            return response

        return share.take

    def ask(
        self,
        body: Any,
        read: Read,
        *,
        system_prompt: Any = None,
        known: Chunk | None = None,
    ) -> Response:
        """Answer ``body``, read by ``read``, for the holder of the current request's
        key; as ``known``, where the answer needs nobody to be asked.

        The view that asks is decorated with ``recorded``, and has read the body here.
        """
        question = Question(
            body,
            read,
            self._reading(system_prompt),
            key=g.api_key,
            fallbacks=self._preferences().fallbacks,
            fetch=self._fetch,
            media=self._media,
        )
        question.known = known
        asked = question.asked
        allowed = self._preferences().allowed_buckets
        check_files(asked.request.body, allowed, fetched=asked.remote)
        g.entry.model, g.entry.is_stream = asked.request.model, asked.is_stream
        self._keys.check_model(g.api_key, asked.model, asked.request.model)
        try:
            response = self._answers.answer(question)
        except BaseException:
            question.release()
            raise
        response.call_on_close(question.release)
        return response

    def read(
        self,
        read: Callable[[Any, Reading], GenerateRequest],
        model: str | None = None,
    ) -> GenerateRequest:
        """The current request's body, read for a view that asks nobody: it leaves no
        record. Raises `PermissionDenied` unless the key allows the model: by the name
        in the path, if any, or in the body, or its own."""
        body = read_json(request.environ, self._limit, take=self._hold())
        asked = read(body, self._reading())
        name = model or body.get("model") or asked.model
        self._keys.check_model(g.api_key, name, asked.model)
        return asked

    def _reading(self, system_prompt: Any = None) -> Reading:
        preferences = self._preferences()
        return Reading(
            preferences.aliases,
            preferences.default_model,
            preferences.generation,
            system_prompt,
        )

    def check_files(self, asked: GenerateRequest) -> None:
        """Raise `InvalidRequest` for files that the operator does not allow."""
        check_files(asked.body, self._preferences().allowed_buckets)

    def _named_model(self, body: Any) -> str | None:
        """The model that a body names, though nothing else of it may make sense."""
        name = body.get("model") if isinstance(body, dict) else None
        return self._meant(name or self._preferences().default_model)

    def _meant(self, name: Any) -> str | None:
        aliases = self._preferences().aliases
        return resolve(name, aliases) if isinstance(name, str) else None
