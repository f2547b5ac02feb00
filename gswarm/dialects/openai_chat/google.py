"""Google's own fields, which clients may send beside OpenAI's."""

from __future__ import annotations

import re
from typing import Any

from ...gemini.models import Model
from ...gemini.nesting import deeper_than
from ...gemini.request import Body
from . import fields

PASSED_ON = frozenset(
    {
        "temperature",
        "topP",
        "topK",
        "maxOutputTokens",
        "stopSequences",
        "seed",
        "presencePenalty",
        "frequencyPenalty",
        "responseMimeType",
        "responseSchema",
        "responseJsonSchema",
        "responseModalities",
        "mediaResolution",
        "speechConfig",
        "imageConfig",
        "audioTimestamp",
    }
)
"""Members of generationConfig a client may set itself; all others are ignored."""


def google_extras(body: Body) -> Body:
    """``google`` as SDKs merge it into the body, or inside a literal ``extra_body``."""
    extra = fields.group(body, "extra_body", "extra_body") or {}
    inside = fields.group(extra, "google", "extra_body.google")
    return inside or fields.group(body, "google", "google") or {}


def put_extras(asked: Body, google: Body, model: Model) -> None:
    """Write cached_content, safety_settings and generation_config."""
    if not google:
        return
    if cached := _either(google, "cached_content", fields.text):
        asked["cachedContent"] = cached
    if safety := _either(google, "safety_settings", fields.members):
        asked["safetySettings"] = [_safety_setting(given) for given in safety]
    if own := _either(google, "generation_config", fields.group):
        config = {_camel(key): value for key, value in own.items() if value is not None}
        asked.setdefault("generationConfig", {}).update(
            (key, _shallow(value, key))
            for key, value in sorted(config.items())
            if key in PASSED_ON and key not in model.drops
        )


def _either(google: Body, key: str, read: Any) -> Any:
    """A field in snake or camel case."""
    found = read(google, key, f"google.{key}")
    return (
        read(google, _camel(key), f"google.{_camel(key)}") if found is None else found
    )


def _safety_setting(given: Any) -> Body:
    path = "google.safety_settings"
    if not isinstance(given, dict):
        raise fields.wrong_type(path, "an array of objects", given)
    category = fields.text(given, "category", f"{path}.category")
    threshold = fields.text(given, "threshold", f"{path}.threshold")
    if not category or not threshold:
        raise fields.missing(f"{path}.{'threshold' if category else 'category'}")
    return {"category": category, "threshold": threshold}


def _shallow(value: Any, key: str) -> Any:
    if deeper_than(value, 64):
        path = f"google.generation_config.{key}"
        raise fields.unsupported(path, f"'{path}' is nested too deeply.")
    return value


def _camel(key: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), key)
