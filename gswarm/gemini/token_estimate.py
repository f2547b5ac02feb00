"""How many tokens a request comes to, told without asking Google.

An estimate that clients subtract from one another: the same request always comes to
the same, and what is added to a request adds the same to its count, whatever else is
in it. So each text, tool and medium counts for itself, rounded up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from .request import Body

BYTES_PER_TOKEN = 4
PER_CONTENT = 4
PER_PAGE = 258
"""Tokens of a small image, and of a page of a PDF (Gemini API docs, tokens)."""
PAGE_BASE64 = 65_536
"""Characters of base64 that are taken for one page of a PDF."""


def estimate_tokens(body: Body) -> int:
    """Tokens of the contents, the system instruction and the tools of a request."""
    contents = body["contents"]
    system = body.get("systemInstruction") or {}
    return (
        PER_CONTENT * len(contents)
        + sum(_parts(content) for content in contents)
        + _parts(system)
        + sum(map(_json, _declarations(body)))
    )


def estimate_text(text: str) -> int:
    """Tokens of some words."""
    return _rounded(len(text.encode("utf-8", "surrogatepass")))


def _parts(content: Mapping[str, Any]) -> int:
    return sum(_part(part) for part in content.get("parts") or ())


def _part(part: Mapping[str, Any]) -> int:
    if "text" in part:
        return estimate_text(part["text"] or "")
    if media := part.get("inlineData"):
        return _media(media)
    if "fileData" in part:
        return PER_PAGE
    if result := part.get("functionResponse"):
        inside = sum(_part(each) for each in result.get("parts") or ())
        return inside + _json([result.get("name"), result.get("response")])
    if call := part.get("functionCall"):
        return _json([call.get("name"), call.get("args")])
    return _json(part)


def _media(media: Mapping[str, Any]) -> int:
    if media.get("mimeType") != "application/pdf":
        return PER_PAGE
    return PER_PAGE * max(1, -(-len(media.get("data") or "") // PAGE_BASE64))


def _declarations(body: Body) -> Iterator[Any]:
    for tool in body.get("tools") or ():
        yield from tool.get("functionDeclarations") or [tool]


def _json(value: Any) -> int:
    return _rounded(len(orjson.dumps(value)))


def _rounded(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)
