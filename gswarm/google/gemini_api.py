"""Gemini through its public API: the bare request out, the bare response back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..cancellation import Cancellation
from ..gemini.models import find
from ..gemini.request import Chunk
from .chunks import encode, gather_chunk, stream_chunks
from .endpoints import Endpoints
from .http.client import HttpClient, HttpResponse
from .one_sided import for_gemini_api
from .traits import GEMINI_API
from .upstream import Call, Chunks

USER_AGENT = f"gswarm/{__version__}"


class GeminiApi:
    """An `Upstream` for API keys."""

    name = GEMINI_API.name

    def __init__(self, wire: HttpClient, endpoints: Endpoints) -> None:
        self._wire = wire
        self._models = f"{endpoints.gemini_api}/v1beta/models"

    def stream(self, call: Call, cancellation: Cancellation) -> Chunks:
        reply = self._post(":streamGenerateContent?alt=sse", call, cancellation)
        return stream_chunks(reply, _unwrap)

    def generate(self, call: Call, cancellation: Cancellation) -> Chunk:
        return gather_chunk(self._post(":generateContent", call, cancellation), _unwrap)

    def count(self, call: Call, cancellation: Cancellation) -> dict[str, Any]:
        body = for_gemini_api(call.body)
        if body.keys() != {"contents"}:
            model = f"models/{find(call.model).name_on(self.name)}"
            body = {"generateContentRequest": {"model": model, **body}}
        counting = replace(call, body=body)
        return gather_chunk(self._post(":countTokens", counting, cancellation), _unwrap)

    def _post(
        self, method: str, call: Call, cancellation: Cancellation
    ) -> HttpResponse:
        model = quote(find(call.model).name_on(self.name), safe="")
        headers = {
            "x-goog-api-key": call.secret,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        return self._wire.post(
            f"{self._models}/{model}{method}",
            headers,
            encode(for_gemini_api(call.body)),
            deadline=call.deadline,
            cancellation=cancellation,
        )


def _unwrap(response: dict[str, Any]) -> Chunk:
    return response
