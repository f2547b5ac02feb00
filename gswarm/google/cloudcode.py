"""Gemini through Code Assist: an envelope around the request, and the response."""

from __future__ import annotations

from typing import Any

from .. import __version__
from ..cancellation import Cancellation
from ..gemini.models import find
from ..gemini.request import Body, Chunk
from ..gemini.token_estimate import estimate_tokens
from .chunks import encode, gather_chunk, stream_chunks
from .endpoints import Endpoints
from .http.client import HttpClient, HttpResponse
from .one_sided import for_code_assist
from .traits import CLOUDCODE
from .upstream import Call, Chunks

USER_AGENT = f"gswarm/{__version__}"


class CloudCode:
    """An `Upstream` for accounts that signed in with Google.

    No ``x-goog-user-project`` is ever sent: it makes Google look for its private API
    in the customer's project, and answer 403 (Code Assist).
    """

    name = CLOUDCODE.name

    def __init__(self, wire: HttpClient, endpoints: Endpoints) -> None:
        self._wire = wire
        self._methods = f"{endpoints.code_assist}/v1internal"

    def stream(self, call: Call, cancellation: Cancellation) -> Chunks:
        reply = self._post(":streamGenerateContent?alt=sse", call, cancellation)
        return stream_chunks(reply, _unwrap)

    def generate(self, call: Call, cancellation: Cancellation) -> Chunk:
        return gather_chunk(self._post(":generateContent", call, cancellation), _unwrap)

    def count(self, call: Call, cancellation: Cancellation) -> dict[str, Any]:
        """It counts contents and nothing else; tools are estimated."""
        model = f"models/{find(call.model).name_on(self.name)}"
        asked = {"model": model, "contents": _countable(call.body)}
        reply = self._send(":countTokens", {"request": asked}, call, cancellation)
        counted = gather_chunk(reply, lambda response: response)
        tools = {"contents": [], "tools": call.body.get("tools", [])}
        total = counted.get("totalTokens") or 0
        return {**counted, "totalTokens": total + estimate_tokens(tools)}

    def _post(
        self, method: str, call: Call, cancellation: Cancellation
    ) -> HttpResponse:
        envelope = {
            "model": find(call.model).name_on(self.name),
            "project": call.project_id,
            "request": for_code_assist(call.body),
        }
        return self._send(method, envelope, call, cancellation)

    def _send(
        self,
        method: str,
        envelope: dict[str, Any],
        call: Call,
        cancellation: Cancellation,
    ) -> HttpResponse:
        headers = {
            "Authorization": f"Bearer {call.secret}",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        return self._wire.post(
            self._methods + method,
            headers,
            encode(envelope),
            deadline=call.deadline,
            cancellation=cancellation,
        )


def _countable(body: Body) -> list[Body]:
    """The contents, and the system instruction before them; thoughts are text, as
    countTokens fails at them (facts: cloudcode 1.5)."""
    contents = [
        {**content, "parts": [_without_thought(part) for part in content["parts"]]}
        for content in for_code_assist(body)["contents"]
    ]
    instruction = body.get("systemInstruction", {}).get("parts") or []
    if not instruction:
        return contents
    first, *others = contents
    if first["role"] == "user":
        return [{**first, "parts": [*instruction, *first["parts"]]}, *others]
    return [{"role": "user", "parts": instruction}, *contents]


def _without_thought(part: Body) -> Body:
    return {name: value for name, value in part.items() if name != "thought"}


def _unwrap(envelope: dict[str, Any]) -> Chunk:
    response: Chunk = envelope.get("response") or {}
    if "usageMetadata" in envelope and isinstance(response, dict):
        # Seen beside the response instead of inside.
        return {"usageMetadata": envelope["usageMetadata"], **response}
    return response
