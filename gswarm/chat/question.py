"""A question as a client asked it: read for one model, and anew for each fallback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from ..dialects.dialect import ClientRequest, Reading
from ..gemini.request import Chunk, GenerateRequest
from ..limits.api_key import ApiKey
from .in_flight import BytesInFlight, Share
from .media import Fetch, inline_remote, share_of_media

Read: TypeAlias = Callable[[Any, Reading], ClientRequest]
"""Reads a body, as `gswarm.dialects.dialect.Dialect.read` does."""


class Question:
    """A request body, read for the model it names as ``asked``. Where the answer is
    ``known`` beforehand, nobody needs to be asked."""

    def __init__(
        self,
        body: Any,
        read: Read,
        reading: Reading,
        *,
        key: ApiKey,
        fallbacks: Mapping[str, Sequence[str]],
        fetch: Fetch,
        media: BytesInFlight,
    ) -> None:
        self.known: Chunk | None = None
        self._body = body
        self._read = read
        self._reading = reading
        self._fallbacks = fallbacks
        self._fetch = fetch
        self._media = media
        self._shares: list[Share] = []
        self._allows_model = key.allows_model
        self.asked = read(body, reading)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left for `completed` to fetch."""
        return not self.asked.remote

    def completed(self) -> GenerateRequest:
        """The question with everything it names fetched; raises `InvalidRequest`."""
        return self._complete(self.asked)

    @property
    def has_fallbacks(self) -> bool:
        """Whether another model may answer than the one that is asked first."""
        return bool(self._fallbacks.get(self.asked.request.model))

    def fallbacks(self) -> Iterator[GenerateRequest]:
        """The same question to other models, for when this one has no capacity. Each
        model takes other fields, so the body is read anew."""
        for model in self._fallbacks.get(self.asked.request.model, ()):
            if self._allows_model(model):
                reading = replace(self._reading, model=model)
                yield self._complete(self._read(self._body, reading))

    def release(self) -> None:
        """The request is over: its media are no longer held."""
        while self._shares:
            self._shares.pop().release()

    def _complete(self, asked: ClientRequest) -> GenerateRequest:
        if not asked.remote:
            return asked.request
        share = share_of_media(self._media)
        self._shares.append(share)
        body = inline_remote(asked.request.body, self._fetch, asked.remote, share)
        return replace(asked.request, body=body)
