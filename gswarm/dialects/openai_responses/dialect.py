"""The door for OpenAI's Responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import Refusal
from ..dialect import ErrorReply, Reading
from .errors import refusal_headers, write_refusal
from .memory import Memory, NoMemory
from .read import ResponsesRequest, read_request

PATH = "/v1/responses"


class OpenAIResponses:
    """``/v1/responses`` and what lies below it."""

    name = "openai_responses"

    def is_spoken(self, path: str, headers: Mapping[str, str]) -> bool:
        return path == PATH or path.startswith(f"{PATH}/")

    def read(self, body: Any, reading: Reading) -> ResponsesRequest:
        """Read a body that refers to nothing stored, and is not stored itself."""
        return read_request(body, reading, NoMemory())

    def reader(self, memory: Memory) -> Callable[[Any, Reading], ResponsesRequest]:
        """`read` for a tenant who has a memory."""
        return lambda body, reading: read_request(body, reading, memory)

    def error(self, refusal: Refusal, request_id: str) -> ErrorReply:
        headers = refusal_headers(refusal)
        return ErrorReply(refusal.status, write_refusal(refusal), headers)


OPENAI_RESPONSES = OpenAIResponses()
