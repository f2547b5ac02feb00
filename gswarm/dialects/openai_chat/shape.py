"""How the answer to a chat request must look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReplyShape:
    """How this client wants its answer.

    ``model`` is echoed as it was requested. ``names``, ``parameters`` and
    ``custom_tools`` are keyed by the name Gemini knows a function by: ``names`` holds
    the client's own name where it differs, ``parameters`` the declared JSON Schema
    (``{"n": 5.0}`` is written as ``5`` where the schema says integer).
    """

    model: str
    include_usage: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    uses_legacy_functions: bool = False
    one_call_only: bool = False
    parameters: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    shows_thoughts: bool = True
    custom_tools: frozenset[str] = frozenset()
