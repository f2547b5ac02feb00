"""Whether a request names what lies elsewhere: files, caches, stores, services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .request import Body

_OWN_TOOLS = frozenset({"functionDeclarations", "function_declarations"})
_FILES = ("fileData", "file_data")
_CACHES = ("cachedContent", "cached_content")


def names_resources(body: Body) -> bool:
    """Whether Google may refuse the request for something it names, which is not the
    project's doing; either spelling of Google's JSON counts."""
    if any(body.get(name) for name in _CACHES):
        return True
    if any(tool.keys() - _OWN_TOOLS for tool in _dicts(body.get("tools"))):
        return True
    return any(name in part for part in _parts(body) for name in _FILES)


def _parts(body: Body) -> Iterator[dict[str, Any]]:
    instruction = body.get("systemInstruction") or body.get("system_instruction")
    for content in (*_dicts(body.get("contents")), *_dicts([instruction])):
        for part in _dicts(content.get("parts")):
            yield part
            result = part.get("functionResponse") or part.get("function_response")
            yield from _dicts(result.get("parts") if isinstance(result, dict) else ())


def _dicts(values: Any) -> list[dict[str, Any]]:
    values = [values] if isinstance(values, dict) else values
    listed = values if isinstance(values, list) else ()
    return [value for value in listed if isinstance(value, dict)]
