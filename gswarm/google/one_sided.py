"""Members of a request that one of Google's wires knows and another does not.

Clients of Gemini's own language write for one of them, and do not know which they will
be carried over. What does not change the answer is left out where it is not known; a
name that is not here goes as it is, and Google's refusal reaches the client
(facts: gemini-native D).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..gemini.request import Body

_NOTHING: Mapping[str, Any] = {}

GEMINI_API_LACKS = frozenset({"labels", "session_id", "sessionId", "modelArmorConfig"})
GEMINI_API_LACKS_IN_CONFIG = frozenset(
    {"audioTimestamp", "routingConfig", "modelConfig", "modelSelectionConfig"}
)
GEMINI_API_LACKS_IN_CALLING = frozenset({"streamFunctionCallArguments"})
GEMINI_API_LACKS_IN_SAFETY = frozenset({"method"})

CODE_ASSIST_LACKS = frozenset(
    {"serviceTier", "store", "continuationToken", "modelArmorConfig"}
)
CODE_ASSIST_LACKS_IN_CONFIG = frozenset({"enableEnhancedCivicAnswers"})
CODE_ASSIST_LACKS_IN_TOOLS = frozenset({"includeServerSideToolInvocations"})
CODE_ASSIST_LACKS_IN_PARTS = frozenset({"partMetadata", "toolCall", "toolResponse"})


def for_gemini_api(body: Body) -> Body:
    """The request without what only Vertex AI and Code Assist know."""
    found = _without(body, GEMINI_API_LACKS)
    found = _inside(found, "generationConfig", GEMINI_API_LACKS_IN_CONFIG)
    calling = found.get("toolConfig", _NOTHING)
    if "functionCallingConfig" in calling:
        lacks = GEMINI_API_LACKS_IN_CALLING
        calling = _inside(calling, "functionCallingConfig", lacks)
        found = {**found, "toolConfig": calling}
    if settings := found.get("safetySettings"):
        lacks = GEMINI_API_LACKS_IN_SAFETY
        found = {**found, "safetySettings": [_without(s, lacks) for s in settings]}
    return found


def for_code_assist(body: Body) -> Body:
    """The request without what only the public API knows."""
    found = _without(body, CODE_ASSIST_LACKS)
    found = _inside(found, "generationConfig", CODE_ASSIST_LACKS_IN_CONFIG)
    found = _inside(found, "toolConfig", CODE_ASSIST_LACKS_IN_TOOLS)
    contents = found["contents"]
    if all(_is_common(part) for content in contents for part in content["parts"]):
        return found
    return {**found, "contents": list(map(_with_common_parts, contents))}


def _is_common(part: Body) -> bool:
    """Nearly all parts are a text and nothing else."""
    is_plain = len(part) == 1 and "text" in part
    return is_plain or CODE_ASSIST_LACKS_IN_PARTS.isdisjoint(part)


def _with_common_parts(content: Body) -> Body:
    """What Google's own servers called is told to nobody else."""
    kept = [_without(part, CODE_ASSIST_LACKS_IN_PARTS) for part in content["parts"]]
    parts = [part for part in kept if part.keys() - {"thought", "thoughtSignature"}]
    return {**content, "parts": parts or kept}


def _inside(body: Body, name: str, lacks: frozenset[str]) -> Body:
    inner = body.get(name, _NOTHING)
    if lacks.isdisjoint(inner):
        return body
    return {**body, name: _without(inner, lacks)}


def _without(body: Body, lacks: frozenset[str]) -> Body:
    if lacks.isdisjoint(body):
        return body
    return {name: value for name, value in body.items() if name not in lacks}
