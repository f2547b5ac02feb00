"""The door for OpenAI's legacy completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import Refusal
from ..dialect import ErrorReply, Reading
from ..openai_chat.errors import write_error
from ..retrying import error_headers
from .read import CompletionRequest, read_request


class OpenAICompletions:
    """``/v1/completions``."""

    name = "openai_completions"

    def is_spoken(self, path: str, headers: Mapping[str, str]) -> bool:
        return path == "/v1/completions"

    def read(self, body: Any, reading: Reading) -> CompletionRequest:
        return read_request(body, reading)

    def error(self, refusal: Refusal, request_id: str) -> ErrorReply:
        headers = error_headers(refusal)
        return ErrorReply(refusal.status, write_error(refusal), headers)


OPENAI_COMPLETIONS = OpenAICompletions()
