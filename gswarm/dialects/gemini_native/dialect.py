"""Gemini's own language, as a dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import Refusal
from ..dialect import ClientRequest, ErrorReply, Reading
from .errors import write_error
from .read import read_request
from .shape import Address

PATHS = ("/v1beta/", "/upload/", "/download/", "/ws/")
"""What its paths begin with, once they have one spelling."""


@dataclass(frozen=True, slots=True)
class GeminiNative:
    """What Google's SDKs and Gemini CLI speak. Which model is asked, and how the answer
    is to come, stands in the address, so bodies are read with it."""

    name: str = "gemini"

    def is_spoken(self, path: str, headers: Mapping[str, str]) -> bool:
        return path.startswith(PATHS) or path == "/v1beta"

    def read(self, body: Any, reading: Reading) -> ClientRequest:
        """Read a body that came without an address: the default model is asked."""
        return read_request(body, reading, Address(""))

    def reading(self, address: Address) -> Callable[[Any, Reading], ClientRequest]:
        """What reads the bodies that come to an address."""
        return lambda body, reading: read_request(body, reading, address)

    def error(self, refusal: Refusal, request_id: str) -> ErrorReply:
        return write_error(refusal)


GEMINI_NATIVE = GeminiNative()
