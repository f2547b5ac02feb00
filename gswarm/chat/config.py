"""What the operator's config says to the parts that answer requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..gemini.aliases import Aliases
from ..gemini.generation import Generation
from ..gemini.models import resolve
from ..store.config import Config, Values
from .response_cache import Mode


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """One version of the config, in the words of those who use it."""

    default_model: str
    aliases: Aliases
    fallbacks: Mapping[str, Sequence[str]]
    hidden: frozenset[str]
    generation: Generation
    cache_mode: Mode
    cache_seconds: int
    response_seconds: int
    allowed_buckets: frozenset[str]


def following(config: Config) -> Callable[[], ChatConfig]:
    """The preferences of the moment, read anew only when the config has changed."""
    read: tuple[Values, ChatConfig] | None = None

    def current() -> ChatConfig:
        nonlocal read
        values = config.values
        if read is None or read[0] is not values:
            read = values, read_preferences(values, config.aliases)
        return read[1]

    return current


def read_preferences(config: Mapping[str, Any], aliases: Aliases) -> ChatConfig:
    """From a config in the form the API shows it, and its aliases by who made them."""
    models, cache, generation = config["models"], config["cache"], config["generation"]
    default = models["default"]
    return ChatConfig(
        default_model=resolve(default, aliases) or default,
        aliases=aliases,
        fallbacks=models["fallbacks"],
        hidden=frozenset(models["hidden"]),
        generation=Generation(
            max_tokens=generation["maxTokens"] or None,
            temperature=generation["temperature"] or None,
            top_p=generation["topP"] or None,
            top_k=generation["topK"] or None,
            thinking_level=generation["thinkingLevel"],
            include_thoughts=generation["includeThoughts"],
            system_prompt=config["systemPrompts"]["default"],
            google_search=config["googleSearch"]["enabled"],
        ),
        cache_mode=cache["mode"],
        cache_seconds=cache["ttlSeconds"],
        response_seconds=config["responses"]["storeSeconds"],
        allowed_buckets=frozenset(config["media"]["allowedBuckets"]),
    )
