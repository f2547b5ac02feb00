"""The request every dialect translates into and every upstream speaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]
"""A GenerateContentRequest in camelCase JSON: ``contents``, ``systemInstruction``,
``tools``, ``toolConfig``, ``safetySettings``, ``generationConfig``, ``labels``."""

Chunk: TypeAlias = dict[str, Any]
"""A GenerateContentResponse, unwrapped: ``candidates``, ``promptFeedback``,
``usageMetadata``, ``modelVersion``, ``responseId``. A stream is many of them."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A functionCall already in the conversation, as the client sent it back.

    ``content`` and ``part`` index ``body["contents"]``; ``call_id`` is the client's
    id; ``signature`` the thought signature the client echoed, if it did; ``is_first``
    says that it opens its model content; ``is_current`` that it belongs to the current
    turn (everything after the last user content with text and no functionResponse).
    ``is_made_up`` says that the client gave it no id: ours must not leave.
    """

    content: int
    part: int
    call_id: str
    name: str
    args: dict[str, Any]
    signature: str | None
    is_first: bool
    is_current: bool
    is_made_up: bool = False


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """One question to one model.

    ``model`` is the public model name (``gemini-3.5-flash``); upstreams with other
    wire names map it themselves. functionCall and functionResponse parts carry the
    client's call ids here; `gswarm.chat.signatures` puts native ids and thought
    signatures in their place before the request leaves. ``seconds`` is how long the
    client waits for the answer, where it says so.
    """

    model: str
    body: Body
    past_calls: tuple[PastCall, ...] = field(default=())
    seconds: float = math.inf
