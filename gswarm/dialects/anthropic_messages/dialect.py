"""The door for Anthropic's Messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import Refusal
from ..dialect import ErrorReply, Reading
from ..retrying import error_headers
from .errors import status_of, write_error
from .messages_request import MessagesRequest
from .read import read_request

_OWN = re.compile(r"/v1/messages(/.*)?")
_OTHERS = re.compile(
    r"/v1/(chat|completions|responses|embeddings|images|audio)(/.*)?"
    r"|/v1(alpha|beta)\w*(/.*)?|/v1/.*:\w+"
)
"""Where a body can only be another dialect's, whoever sends it."""

_SHARED = re.compile(r"/v1(/.*)?")


class AnthropicMessages:
    """``/v1/messages``, and what else clients of Anthropic's ask for."""

    name = "anthropic_messages"

    def is_spoken(self, path: str, headers: Mapping[str, str]) -> bool:
        """On its own paths, and wherever else a client says which version it speaks,
        as all of Anthropic's do."""
        if _OWN.fullmatch(path):
            return True
        is_shared = _SHARED.fullmatch(path) and not _OTHERS.fullmatch(path)
        return bool(is_shared) and "anthropic-version" in headers

    def read(self, body: Any, reading: Reading) -> MessagesRequest:
        return read_request(body, reading)

    def error(self, refusal: Refusal, request_id: str) -> ErrorReply:
        headers = [*error_headers(refusal), ("request-id", request_id)]
        return ErrorReply(status_of(refusal), write_error(refusal, request_id), headers)


ANTHROPIC_MESSAGES = AnthropicMessages()
