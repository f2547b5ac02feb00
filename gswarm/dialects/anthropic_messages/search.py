"""Write what a web search found as the blocks Anthropic's own search answers with.

Claude Code counts its searches by these blocks, and makes links of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...gemini.reply import Fold
from . import ids
from .shape import ReplyShape


def write_results(fold: Fold, shape: ReplyShape) -> list[dict[str, Any]]:
    """``server_tool_use`` and ``web_search_tool_result``, where a search was asked for;
    without grounding they hold no results."""
    if not shape.searches:
        return []
    call_id = ids.new_search_id()
    query = next(iter(_queries(fold.grounding)), "")
    return [
        {
            "type": "server_tool_use",
            "id": call_id,
            "name": "web_search",
            "input": {"query": query},
        },
        {
            "type": "web_search_tool_result",
            "tool_use_id": call_id,
            "content": list(_pages(fold.grounding)),
        },
    ]


def count(fold: Fold, shape: ReplyShape) -> int:
    """How many searches Google made for a client that asked for some."""
    return len(_queries(fold.grounding)) if shape.searches else 0


def _queries(grounding: Mapping[str, Any]) -> list[str]:
    queries = grounding.get("webSearchQueries") or []
    return [query for query in queries if isinstance(query, str) and query]


def _pages(grounding: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for chunk in grounding.get("groundingChunks") or ():
        page = (chunk or {}).get("web") or {}
        if uri := page.get("uri"):
            yield {
                "type": "web_search_result",
                "url": uri,
                "title": page.get("title") or uri,
                "encrypted_content": "",
                "page_age": None,
            }
