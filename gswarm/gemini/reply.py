"""Read a reply: its parts, how it ended, what it used; gather many chunks into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .grounding import located
from .request import Chunk

Part = dict[str, Any]

Ending = Literal["stop", "calls", "length", "blocked", "broken"]
"""Why a reply ended: by itself, to have functions called, at its length limit, stopped
by a filter, or unusable (a malformed call, or no word of how it ended)."""

CUT = frozenset({"MAX_TOKENS", "CONTINUATION"})
BLOCKED = frozenset(
    {
        "SAFETY",
        "PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
        "RECITATION",
        "MODEL_ARMOR",
        "LANGUAGE",
        "OTHER",
        "ESCALATION",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "IMAGE_OTHER",
        "NO_IMAGE",
    }
)
BROKEN = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
    }
)
_GATHERED = frozenset(
    {
        *("content", "finishReason", "finishMessage", "index"),
        *("groundingMetadata", "logprobsResult"),
    }
)
_GATHERED_OF_ALL = frozenset(
    {"candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId"}
)
"""Members of a candidate, and of a chunk, that are gathered each in its own way."""
_WORDS = frozenset({"content", "index"})
_CONTENT = ("functionCall", "inlineData", "executableCode", "codeExecutionResult")


def candidate_of(chunk: Chunk) -> Mapping[str, Any]:
    """The first candidate, or an empty one: only one is ever asked for."""
    candidates = chunk.get("candidates")
    return (candidates[0] if candidates else None) or {}


def parts_of(chunk: Chunk) -> list[Part]:
    """The parts of a chunk; any level of them may be missing."""
    content = candidate_of(chunk).get("content")
    return (content.get("parts") if content else None) or []


def carries_content(chunk: Chunk) -> bool:
    """Whether a chunk holds anything a client could see: a thought, text, a call."""
    return any(
        part.get("text") or any(kind in part for kind in _CONTENT)
        for part in parts_of(chunk)
    )


def block_reason_of(chunk: Chunk) -> str | None:
    """Why the prompt itself was refused, if it was."""
    feedback = chunk.get("promptFeedback")
    return feedback.get("blockReason") if feedback else None


def is_final(chunk: Chunk) -> bool:
    """Whether nothing but a usage chunk can follow."""
    if candidate_of(chunk).get("finishReason"):
        return True
    return not chunk.get("candidates") and block_reason_of(chunk) is not None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply. ``cached`` is a share of ``prompt``, ``reasoning`` of
    ``completion``, and ``total`` is the sum of those two."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0
    prompt_audio: int = 0
    completion_audio: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.completion


def read_usage(metadata: Mapping[str, Any]) -> Usage:
    """Usage from a ``usageMetadata`` object.

    Some backends report candidates that already include the thoughts; the total tells
    them apart (seen: 21 prompt + 1 candidate + 109 thoughts = 131).
    """
    prompt, tool_use, candidates, thoughts, total = (
        metadata.get(name) or 0
        for name in (
            "promptTokenCount",
            "toolUsePromptTokenCount",
            "candidatesTokenCount",
            "thoughtsTokenCount",
            "totalTokenCount",
        )
    )
    shown = total - candidates
    includes_thoughts = shown in (prompt, prompt + tool_use) and thoughts <= candidates
    return Usage(
        prompt=prompt + tool_use,
        completion=candidates + (0 if includes_thoughts else thoughts),
        cached=metadata.get("cachedContentTokenCount") or 0,
        reasoning=thoughts,
        prompt_audio=_audio_tokens(metadata.get("promptTokensDetails")),
        completion_audio=_audio_tokens(metadata.get("candidatesTokensDetails")),
    )


def _audio_tokens(details: Any) -> int:
    listed = details if isinstance(details, list) else ()
    return sum(
        detail.get("tokenCount") or 0
        for detail in listed
        if isinstance(detail, dict) and detail.get("modality") == "AUDIO"
    )


class Fold:
    """Chunks gathered into the reply they make up together.

    ``finish_reason``, ``finish_message`` and ``block_reason`` are Gemini's own words;
    ``logprobs`` is the gathered ``logprobsResult``; ``usage_metadata`` holds, for each
    counter, the last value that was not zero, since counters are cumulative and early
    chunks may say zero. What else there is (``citationMetadata``, ``safetyRatings``,
    ``createTime``, whatever is new) is kept for those who pass a reply on.
    """

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.finish_message: str | None = None
        self.block_reason: str | None = None
        self._grounding: dict[str, Any] = {}
        self._pieces: list[str] = []
        self.logprobs: dict[str, list[Any]] = {}
        self.usage_metadata: dict[str, Any] = {}
        self.model_version: str | None = None
        self.response_id: str | None = None
        self._feedback: dict[str, Any] = {}
        self._beside_content: dict[str, Any] = {}
        self._beside_candidates: dict[str, Any] = {}
        self._parts: list[Part] = []
        self._run: list[str] = []
        self._run_is_thought = False

    def feed(self, chunk: Chunk) -> None:
        """Add the next chunk. Nearly all hold words and counts and nothing else."""
        candidate = candidate_of(chunk)
        content = candidate.get("content")
        for part in (content and content.get("parts")) or ():
            self._add(part)
        if not candidate.keys() <= _WORDS:
            self._note_candidate(candidate)
        if usage := chunk.get("usageMetadata"):
            self.usage_metadata |= usage if all(usage.values()) else _filled(usage)
        if not chunk.keys() <= _GATHERED_OF_ALL or "promptFeedback" in chunk:
            self._note_prompt(chunk)
            for name in chunk.keys() - _GATHERED_OF_ALL:
                self._beside_candidates[name] = chunk[name]
        self.model_version = chunk.get("modelVersion") or self.model_version
        self.response_id = chunk.get("responseId") or self.response_id

    @property
    def parts(self) -> list[Part]:
        """All parts in order, neighbouring pieces of text joined."""
        self._end_run()
        return self._parts

    @property
    def text(self) -> str:
        return "".join(
            part["text"]
            for part in self.parts
            if part.get("text") and not part.get("thought")
        )

    @property
    def signed_text(self) -> tuple[str, str] | None:
        """Its text and the last thought signature on that; calls carry their own."""
        signatures = [
            part.get("thoughtSignature") or part.get("thought_signature")
            for part in self.parts
            if "text" in part and not part.get("thought")
        ]
        last = next(filter(None, reversed(signatures)), None)
        return (self.text, last) if last else None

    @property
    def thoughts(self) -> str:
        return "".join(
            part["text"]
            for part in self.parts
            if part.get("text") and part.get("thought")
        )

    @property
    def calls(self) -> list[Part]:
        """The parts with a ``functionCall``."""
        return [part for part in self.parts if "functionCall" in part]

    @property
    def media(self) -> list[dict[str, Any]]:
        """The ``inlineData`` objects: ``mimeType`` and base64 ``data``."""
        return [part["inlineData"] for part in self.parts if "inlineData" in part]

    @property
    def grounding(self) -> dict[str, Any]:
        """The ``groundingMetadata``, its segments counted in bytes of `text`."""
        return located(self._grounding, self._pieces) if self._grounding else {}

    @property
    def usage(self) -> Usage:
        return read_usage(self.usage_metadata)

    @property
    def ending(self) -> Ending:
        """How the reply ended, from what happened. The limit wins over calls: a call
        cut short must not be run."""
        reason = self.finish_reason
        if reason in CUT:
            return "length"
        if reason in BLOCKED or (self.block_reason and not reason):
            return "blocked"
        if reason in BROKEN or not reason:
            return "broken"
        return "calls" if self.calls else "stop"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said, called or drawn; thoughts alone are nothing."""
        return not any(
            (part.get("text") and not part.get("thought"))
            or any(kind in part for kind in _CONTENT)
            for part in self.parts
        )

    def chunk(self) -> Chunk:
        """The whole reply as one GenerateContentResponse, as Gemini would send it."""
        candidate = {
            "content": {"role": "model", "parts": self.parts},
            "finishReason": self.finish_reason,
            "finishMessage": self.finish_message,
            "groundingMetadata": self.grounding,
            "logprobsResult": self.logprobs,
            **self._beside_content,
        }
        has_candidate = bool(self.parts or self.finish_reason)
        whole = {
            "candidates": [{"index": 0, **_filled(candidate)}] if has_candidate else [],
            "promptFeedback": self._feedback,
            "usageMetadata": self.usage_metadata,
            "modelVersion": self.model_version,
            "responseId": self.response_id,
            **self._beside_candidates,
        }
        return _filled(whole)

    def _add(self, part: Part) -> None:
        is_thought = bool(part.get("thought"))
        self._pieces.append("" if is_thought else part.get("text") or "")
        is_plain = "text" in part and len(part) == 1 + ("thought" in part)
        if not is_plain:
            self._end_run()
            self._parts.append(part)
            return
        if is_thought is not self._run_is_thought:
            self._end_run()
            self._run_is_thought = is_thought
        self._run.append(part["text"] or "")

    def _end_run(self) -> None:
        text = "".join(self._run)
        self._run = []
        if text:
            thought = {"thought": True} if self._run_is_thought else {}
            self._parts.append({"text": text, **thought})

    def _note_candidate(self, candidate: Mapping[str, Any]) -> None:
        self.finish_reason = candidate.get("finishReason") or self.finish_reason
        self.finish_message = candidate.get("finishMessage") or self.finish_message
        if grounding := candidate.get("groundingMetadata"):
            self._grounding |= _filled(grounding)
        for name, tokens in (candidate.get("logprobsResult") or {}).items():
            if isinstance(tokens, list):
                self.logprobs.setdefault(name, []).extend(tokens)
        for name in candidate.keys() - _GATHERED:
            if further := candidate[name]:
                known = self._beside_content.get(name)
                self._beside_content[name] = _joined(known, further)

    def _note_prompt(self, chunk: Chunk) -> None:
        if feedback := chunk.get("promptFeedback"):
            self.block_reason = block_reason_of(chunk) or self.block_reason
            self._feedback |= _filled(feedback)


def _joined(known: Any, further: Any) -> Any:
    """Lists inside of an object (citations, addresses) go on; the rest is replaced."""
    if not isinstance(known, dict) or not isinstance(further, dict):
        return further
    return known | {
        name: [*known[name], *value]
        if isinstance(value, list) and isinstance(known.get(name), list)
        else value
        for name, value in further.items()
    }


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
