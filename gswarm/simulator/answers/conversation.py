"""What a request asks, put so that an answer can be thought up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..validation.tools import builtins, declared
from ..validation.turns import calls_in, responses_in, turn_start

Declaration = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One request read.

    ``prompt`` is the text of the current turn, ``number`` how many turns there were,
    ``steps`` how many model contents with calls followed it, ``results`` the last
    functionResponses, ``media`` the inlineData parts of the turn and of its results.
    ``turn`` and ``turn_steps`` are as ``prompt`` and ``steps``, but stay what they are
    where more text comes with the results, as agents send it.
    ``mode`` is the function calling mode, ``functions`` those that may be called.
    """

    prompt: str
    turn: str
    number: int
    steps: int
    turn_steps: int
    results: tuple[dict[str, Any], ...]
    media: tuple[dict[str, Any], ...]
    instruction: str
    functions: tuple[Declaration, ...]
    mode: str
    builtins: tuple[str, ...]
    config: dict[str, Any]

    @property
    def thinking(self) -> dict[str, Any]:
        """The request's ``thinkingConfig``."""
        found: dict[str, Any] = self.config.get("thinkingConfig", {})
        return found


def read(request: dict[str, Any]) -> Conversation:
    """Read a validated request."""
    contents = request["contents"]
    start = turn_start(contents)
    results = responses_in(contents[-1])
    prompt = turn = _text(contents[start])
    steps = turn_steps = sum(1 for content in contents[start:] if calls_in(content))
    if results and _text(contents[-1]):
        prompt, steps = _text(contents[-1]), 0
    calling = request.get("toolConfig", {}).get("functionCallingConfig", {})
    return Conversation(
        prompt=prompt,
        turn=turn,
        number=sum(1 for content in contents if _is_prompt(content)),
        steps=steps,
        turn_steps=turn_steps,
        results=tuple(results),
        media=tuple(
            _media(contents[start]) + (_media(contents[-1]) if results else [])
        ),
        instruction=_text(request.get("systemInstruction", {})),
        functions=_callable(request, calling),
        mode=calling.get("mode", "AUTO"),
        builtins=tuple(builtins(request)),
        config=request.get("generationConfig", {}),
    )


def outside_tags(prompt: str) -> str:
    """The prompt without what agents put beside the user's words, in tags."""
    return _TAGGED.sub("", prompt)


_TAGGED = re.compile(r"<([a-z][\w-]*)>.*?</\1>", re.DOTALL)


def _text(content: dict[str, Any]) -> str:
    parts = content.get("parts", [])
    texts = [
        part["text"] for part in parts if "text" in part and not part.get("thought")
    ]
    return "\n".join(texts).strip()


def _media(content: dict[str, Any]) -> list[dict[str, Any]]:
    found = [part["inlineData"] for part in content["parts"] if "inlineData" in part]
    for response in responses_in(content):
        inside = response.get("parts", [])
        found += [part["inlineData"] for part in inside if "inlineData" in part]
    return found


def _is_prompt(content: dict[str, Any]) -> bool:
    return content.get("role", "user") == "user" and not responses_in(content)


def _callable(
    request: dict[str, Any], calling: dict[str, Any]
) -> tuple[Declaration, ...]:
    allowed = calling.get("allowedFunctionNames", [])
    return tuple(f for f in declared(request) if not allowed or f["name"] in allowed)
