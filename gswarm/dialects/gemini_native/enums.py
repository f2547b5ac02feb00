"""Enums by the numbers that proto JSON allows in place of names.

The numbers are those of the public API (google-ai-generativelanguage 0.12.1); Vertex AI
counts some of them differently, so that nothing but names may leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Names: TypeAlias = Mapping[int, str]


def _counted(words: str, prefix: str = "", first: int = 1) -> Names:
    named = enumerate(words.split(), first)
    return {number: f"{prefix}{word}" for number, word in named}


REQUEST: Mapping[str, Names] = {
    "Type": _counted("STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL"),
    "HarmCategory": _counted(
        "HARASSMENT HATE_SPEECH SEXUALLY_EXPLICIT DANGEROUS_CONTENT CIVIC_INTEGRITY",
        "HARM_CATEGORY_",
        first=7,
    ),
    "HarmBlockThreshold": _counted(
        "BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF"
    ),
    "Mode": _counted("AUTO ANY NONE VALIDATED"),
    "Modality": _counted("TEXT IMAGE AUDIO"),
    "MediaResolution": _counted("LOW MEDIUM HIGH", "MEDIA_RESOLUTION_"),
    "ThinkingLevel": {},
    "Language": _counted("PYTHON"),
    "Outcome": _counted("OK FAILED DEADLINE_EXCEEDED", "OUTCOME_"),
}
"""What clients may send, by the name of the enum."""

EITHER_CASE = frozenset({"Type", "ThinkingLevel"})
"""Enums that Google reads in lower case, too."""

REPLY: Mapping[str, Mapping[str, int]] = {
    name: {word: number for number, word in words.items()}
    for name, words in (
        (
            "FinishReason",
            _counted(
                "STOP MAX_TOKENS SAFETY RECITATION OTHER LANGUAGE BLOCKLIST"
                " PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL IMAGE_SAFETY"
                " UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS IMAGE_PROHIBITED_CONTENT"
                " IMAGE_OTHER NO_IMAGE IMAGE_RECITATION"
            ),
        ),
        ("HarmProbability", _counted("NEGLIGIBLE LOW MEDIUM HIGH")),
        (
            "BlockReason",
            _counted("SAFETY OTHER BLOCKLIST PROHIBITED_CONTENT IMAGE_SAFETY"),
        ),
        ("TokenModality", _counted("TEXT IMAGE VIDEO AUDIO DOCUMENT")),
        ("HarmCategory", REQUEST["HarmCategory"]),
        ("Language", REQUEST["Language"]),
        ("Outcome", REQUEST["Outcome"]),
    )
}
"""What replies hold, by the name of the enum; a newer word has no public number."""
