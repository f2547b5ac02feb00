"""How one client wants its message written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReplyShape:
    """How this client wants its answer.

    ``model`` is echoed as it was requested. ``names`` and ``parameters`` are keyed by
    the name Gemini knows a function by: ``names`` holds the client's own where it
    differs, ``parameters`` the declared JSON Schema. ``thinks`` says that thinking was
    asked for, so that blocks of it may appear; ``searches`` that the client's one tool
    is the web search, whose results have blocks of their own.
    """

    model: str
    names: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    one_call_only: bool = False
    thinks: bool = False
    searches: bool = False
