"""Several prompts in one request: each is a question of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...gemini.request import Body
from ..openai_chat import fields

MOST_PROMPTS = 20
"""As many as LangChain sends at once."""


def one_by_one(body: Any) -> list[Body]:
    """A body for each prompt; none where there is one prompt, or nothing to tell apart.

    Raises `InvalidRequest` for more than are served, or for several in a stream.
    """
    prompts = body.get("prompt") if isinstance(body, dict) else None
    if not isinstance(prompts, list) or len(prompts) < 2:
        return []
    if not all(isinstance(prompt, str) for prompt in prompts):
        return []
    if len(prompts) > MOST_PROMPTS:
        raise fields.unsupported(
            "prompt", f"At most {MOST_PROMPTS} prompts are served in one request."
        )
    if fields.flag(body, "stream", "stream"):
        raise fields.unsupported("prompt", "A stream completes one prompt only.")
    return [body | {"prompt": prompt} for prompt in prompts]


def together(replies: Sequence[Body]) -> Body:
    """The completions as one, in the order of their prompts; their tokens add up."""
    choices = [
        {**choice, "index": index}
        for index, reply in enumerate(replies)
        for choice in reply["choices"]
    ]
    usage = _sum([reply["usage"] for reply in replies])
    return {**replies[0], "choices": choices, "usage": usage}


def _sum(counts: Sequence[Any]) -> Any:
    """Of numbers, or of objects of numbers."""
    if isinstance(counts[0], dict):
        return {name: _sum([each[name] for each in counts]) for name in counts[0]}
    return sum(counts)
