"""The response object, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from ...errors import InvalidRequest, Refusal, UpstreamError
from ...gemini.reply import Fold, Usage
from ..openai_chat.citations import write_annotations
from .memory import response_id
from .shape import ReplyShape
from .written_calls import Item

INCOMPLETE = {"length": "max_output_tokens", "blocked": "content_filter"}


def write_response(
    shape: ReplyShape,
    status: str,
    output: Sequence[Item] = (),
    *,
    store: bool = False,
    **members: Any,
) -> dict[str, Any]:
    """All members but those of ``shape.echo``, which are the same all along."""
    done_at = int(shape.now()) if status == "completed" else None
    return {
        "id": response_id(shape.digits),
        "object": "response",
        "created_at": shape.created_at,
        "completed_at": done_at,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "output": list(output),
        "store": store,
        "usage": None,
        **members,
    }


def with_echo(response: Mapping[str, Any], echo: bytes) -> orjson.Fragment:
    """The whole object; ``echo`` is encoded once for all events of a stream."""
    own = orjson.dumps(response)
    return orjson.Fragment(own[:-1] + b"," + echo[1:])


def ending_of(fold: Fold) -> dict[str, Any]:
    """``status`` and ``incomplete_details``; raises where there is no answer."""
    if fold.block_reason and not fold.finish_reason and fold.is_empty:
        raise InvalidRequest(
            f"The prompt was blocked by Google ({fold.block_reason}).",
            param="input",
            code="invalid_prompt",
        )
    if fold.ending == "broken":
        raise UpstreamError("The upstream service sent an unusable reply.")
    if reason := INCOMPLETE.get(fold.ending):
        return {"status": "incomplete", "incomplete_details": {"reason": reason}}
    return {"status": "completed"}


def write_usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": 0,
        },
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }


def write_citations(grounding: Mapping[str, Any], text: str) -> list[Item]:
    """``url_citation`` annotations, flat."""
    cited = write_annotations(grounding, text)
    return [{"type": each["type"], **each["url_citation"]} for each in cited]


def write_search(
    grounding: Mapping[str, Any], id: str, *, shows_sources: bool
) -> Item | None:
    """A ``web_search_call`` for what Google searched; None where it did not."""
    queries = [str(each) for each in grounding.get("webSearchQueries") or ()]
    pages = [
        page["uri"]
        for chunk in grounding.get("groundingChunks") or ()
        if (page := chunk.get("web") or {}).get("uri")
    ]
    if not queries and not pages:
        return None
    action: Item = {
        "type": "search",
        "query": queries[0] if queries else "",
        "queries": queries,
    }
    if shows_sources:
        action["sources"] = [{"type": "url", "url": page} for page in pages]
    return {
        "type": "web_search_call",
        "id": id,
        "status": "completed",
        "action": action,
    }


# ---------------------------------------------------------------------- failures

FAILURE_CODES = frozenset(
    {
        "context_length_exceeded",
        "insufficient_quota",
        "invalid_prompt",
        "rate_limit_exceeded",
        "server_is_overloaded",
    }
)
"""Words that clients, Codex above all, tell what to do next by."""


def failure_code(refusal: Refusal) -> str:
    """``response.error.code``: a request that is wrong is not tried again, a model
    without capacity is called so."""
    if refusal.code in FAILURE_CODES:
        return refusal.code
    if refusal.code == "overloaded":
        return "server_is_overloaded"
    return "invalid_prompt" if 400 <= refusal.status < 500 else "server_error"
