"""The door for OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import Refusal
from ..dialect import ErrorReply, Reading
from ..retrying import error_headers
from .chat_request import ChatRequest
from .errors import write_error
from .read import read_request


class OpenAIChat:
    """``/v1/chat/completions``, and every path of ``/v1`` that is nobody else's."""

    name = "openai_chat"

    def is_spoken(self, path: str, headers: Mapping[str, str]) -> bool:
        return path.startswith("/v1/") or path in ("/v1", "/api/gswarm/chat")

    def read(self, body: Any, reading: Reading) -> ChatRequest:
        if reading.model:
            body = body | {"model": reading.model}
        return read_request(
            body,
            aliases=reading.aliases,
            default_model=reading.default_model,
            defaults=reading.generation,
            system_prompt=reading.system_prompt,
        )

    def error(self, refusal: Refusal, request_id: str) -> ErrorReply:
        headers = error_headers(refusal)
        return ErrorReply(refusal.status, write_error(refusal), headers)


OPENAI_CHAT = OpenAIChat()
