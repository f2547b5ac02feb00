"""How a client wants its answer, and what the answer repeats of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...gemini.request import Body
from .memory import Memory
from .tools import Tool


@dataclass(frozen=True, slots=True)
class ReplyShape:
    """How this client wants its answer.

    ``digits`` name the response and its items. ``echo`` holds the members of the
    response object that repeat the request. ``tools`` says what each function Gemini
    may call is to the client. ``carries`` is true for a client that keeps thought
    signatures itself. ``store`` says whether the response is to be kept in ``memory``,
    with the ``items`` it was asked with, behind those of ``chain``.
    """

    digits: str
    created_at: int
    model_id: str
    echo: Mapping[str, Any]
    memory: Memory
    now: Callable[[], float]
    items: Sequence[Body] = ()
    chain: Sequence[str] = ()
    tools: Mapping[str, Tool] = field(default_factory=dict)
    store: bool = False
    one_call_only: bool = False
    shows_thoughts: bool = False
    carries: bool = False
    shows_sources: bool = False
    runs_code: bool = False
    draws: bool = False


def echo_of(body: Mapping[str, Any], model: str) -> dict[str, Any]:
    """What a response repeats of a request's body, which has been read already.

    All of it is always there, in the types OpenAI's specification gives.
    """
    reasoning = body.get("reasoning") or {}
    return {
        "model": model,
        "background": False,
        "conversation": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "metadata": body.get("metadata") or {},
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": body.get("previous_response_id"),
        "prompt": None,
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {"effort": None, "summary": None, **reasoning},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "temperature": _or(body.get("temperature"), 1.0),
        "text": {"format": {"type": "text"}, **_given(body.get("text"))},
        "tool_choice": _or(body.get("tool_choice"), "auto"),
        "tools": body.get("tools") or [],
        "top_logprobs": body.get("top_logprobs") or 0,
        "top_p": _or(body.get("top_p"), 1.0),
        "presence_penalty": body.get("presence_penalty") or 0,
        "frequency_penalty": body.get("frequency_penalty") or 0,
        "truncation": body.get("truncation") or "disabled",
        "user": body.get("user"),
    }


def _given(text: Any) -> dict[str, Any]:
    return {name: value for name, value in (text or {}).items() if value is not None}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
