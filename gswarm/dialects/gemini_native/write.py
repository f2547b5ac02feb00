"""A reply as Gemini words it: what Google said, without what is between it and us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ...gemini.request import Chunk
from .enums import REPLY

PRIVATE = frozenset(
    {
        "traceId",
        "consumedCredits",
        "remainingCredits",
        "metadata",
        "automaticFunctionCallingHistory",
    }
)
"""Members that tell of an account of the pool, or are only an envelope's."""

_Enums: TypeAlias = Mapping[str, "str | _Enums"]
"""By field, the enum it holds, or where in a message one is held."""

_RATING: _Enums = {"category": "HarmCategory", "probability": "HarmProbability"}
_COUNT: _Enums = {"modality": "TokenModality"}
_PART: _Enums = {
    "executableCode": {"language": "Language"},
    "codeExecutionResult": {"outcome": "Outcome"},
}
_ENUMS: _Enums = {
    "candidates": {
        "finishReason": "FinishReason",
        "safetyRatings": _RATING,
        "content": {"parts": _PART},
    },
    "promptFeedback": {"blockReason": "BlockReason", "safetyRatings": _RATING},
    "usageMetadata": dict.fromkeys(
        (
            "promptTokensDetails",
            "cacheTokensDetails",
            "candidatesTokensDetails",
            "toolUsePromptTokensDetails",
        ),
        _COUNT,
    ),
}


class Wording:
    """Words the chunks of one reply; ``id`` is for those that Google gave none.

    ``has_numbers`` gives enums by number, for those who asked for that; all others
    break on it (facts: gemini-native A5).
    """

    def __init__(self, id: str, has_numbers: bool = False) -> None:
        self._id = id
        self._has_numbers = has_numbers

    def reply(self, chunk: Chunk) -> Chunk:
        """A chunk as its client sees it; empty where nothing is left of it."""
        if not PRIVATE.isdisjoint(chunk):
            chunk = {k: v for k, v in chunk.items() if k not in PRIVATE}
        if chunk and not chunk.get("responseId"):
            chunk = {**chunk, "responseId": self._id}
        return _numbered(chunk, _ENUMS) if self._has_numbers else chunk


def _numbered(value: Any, enums: str | _Enums) -> Any:
    """The same with numbers in place of enums; a word that has none is 0."""
    if isinstance(value, list):
        return [_numbered(item, enums) for item in value]
    if isinstance(enums, str):
        return REPLY[enums].get(value, 0) if isinstance(value, str) else value
    if not isinstance(value, dict):
        return value
    return {
        name: _numbered(item, enums[name]) if name in enums else item
        for name, item in value.items()
    }
