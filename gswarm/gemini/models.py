"""The catalogue: what each Gemini model takes, refuses and is called where."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from .aliases import DEFAULT_ALIASES, Aliases, target_of
from .model import PENALTIES, SAMPLING, UPSTREAMS, Control, Model

__all__ = [
    "CATALOGUE",
    "DEFAULT_ALIASES",
    "UPSTREAMS",
    "Model",
    "called",
    "find",
    "is_known",
    "resolve",
    "upstreams_of",
]

LOW_HIGH = ("low", "high")
LOW_TO_HIGH = ("low", "medium", "high")
MINIMAL_TO_HIGH = ("minimal", "low", "medium", "high")

PUBLIC = ("gemini_api", "vertex")

CATALOGUE: tuple[Model, ...] = (
    Model(
        "gemini-2.0-flash",
        "Gemini 2.0 Flash",
        "gemini",
        "flash",
        2.0,
        max_output_tokens=8_192,
        upstreams=PUBLIC,
        drops=frozenset(),
    ),
    Model(
        "gemini-2.5-pro",
        "Gemini 2.5 Pro",
        "gemini",
        "pro",
        2.5,
        thinking_control="budget",
        budget_range=(128, 32_768),
        retires_on=date(2026, 12, 1),
    ),
    Model(
        "gemini-2.5-flash",
        "Gemini 2.5 Flash",
        "gemini",
        "flash",
        2.5,
        thinking_control="budget",
        allows_off=True,
        retires_on=date(2026, 12, 1),
    ),
    Model(
        "gemini-2.5-flash-lite",
        "Gemini 2.5 Flash-Lite",
        "gemini",
        "flash-lite",
        2.5,
        thinking_control="budget",
        budget_range=(512, 24_576),
        allows_off=True,
        thinks_unasked=False,
    ),
    Model(
        "gemini-2.5-flash-image",
        "Gemini 2.5 Flash Image",
        "gemini",
        "image",
        2.5,
        max_input_tokens=32_768,
        max_output_tokens=32_768,
        upstreams=PUBLIC,
        makes=("TEXT", "IMAGE"),
    ),
    Model(
        "gemini-3-pro-preview",
        "Gemini 3 Pro Preview",
        "gemini",
        "pro",
        3.0,
        is_preview=True,
        thinking_control="level",
        thinking_levels=LOW_HIGH,
        retires_on=date(2026, 3, 9),
        upstreams=("cloudcode",),
    ),
    Model(
        "gemini-3.1-pro-preview",
        "Gemini 3.1 Pro Preview",
        "gemini",
        "pro",
        3.1,
        is_preview=True,
        thinking_control="level",
        thinking_levels=LOW_TO_HIGH,
    ),
    Model(
        "gemini-3-flash-preview",
        "Gemini 3 Flash Preview",
        "gemini",
        "flash",
        3.0,
        is_preview=True,
        thinking_control="level",
        thinking_levels=MINIMAL_TO_HIGH,
    ),
    Model(
        "gemini-3.1-flash-lite",
        "Gemini 3.1 Flash-Lite",
        "gemini",
        "flash-lite",
        3.1,
        thinking_control="level",
        thinking_levels=MINIMAL_TO_HIGH,
    ),
    Model(
        "gemini-3-pro-image",
        "Gemini 3 Pro Image",
        "gemini",
        "image",
        3.0,
        max_input_tokens=65_536,
        max_output_tokens=32_768,
        upstreams=PUBLIC,
        makes=("TEXT", "IMAGE"),
    ),
    Model(
        "gemini-3.1-flash-image",
        "Gemini 3.1 Flash Image",
        "gemini",
        "image",
        3.1,
        max_input_tokens=65_536,
        max_output_tokens=32_768,
        upstreams=PUBLIC,
        makes=("TEXT", "IMAGE"),
    ),
    Model(
        "gemini-3.5-flash",
        "Gemini 3.5 Flash",
        "gemini",
        "flash",
        3.5,
        thinking_control="level",
        thinking_levels=MINIMAL_TO_HIGH,
        wire_names={"cloudcode": "gemini-3-flash"},
    ),
    Model(
        "gemini-3.5-flash-lite",
        "Gemini 3.5 Flash-Lite",
        "gemini",
        "flash-lite",
        3.5,
        thinking_control="level",
        thinking_levels=MINIMAL_TO_HIGH,
        upstreams=PUBLIC,
        drops=PENALTIES | SAMPLING,
        accepts_prefill=False,
    ),
    Model(
        "gemini-3.6-flash",
        "Gemini 3.6 Flash",
        "gemini",
        "flash",
        3.6,
        thinking_control="level",
        thinking_levels=MINIMAL_TO_HIGH,
        upstreams=PUBLIC,
        drops=PENALTIES | SAMPLING,
        accepts_prefill=False,
    ),
    Model(
        "gemini-3.7-flash",
        "Gemini 3.7 Flash",
        "gemini",
        "flash",
        3.7,
        thinking_control="level",
        thinking_levels=LOW_TO_HIGH,
        upstreams=PUBLIC,
        drops=PENALTIES | SAMPLING,
        accepts_prefill=False,
    ),
    Model(
        "gemini-3.8-flash",
        "Gemini 3.8 Flash",
        "gemini",
        "flash",
        3.8,
        thinking_control="level",
        thinking_levels=LOW_TO_HIGH,
        upstreams=PUBLIC,
        drops=PENALTIES | SAMPLING,
        accepts_prefill=False,
    ),
    Model(
        "gemini-4-argon",
        "Gemini 4 Argon",
        "gemini",
        "pro",
        4.0,
        thinking_control="level",
        thinking_levels=LOW_HIGH,
        upstreams=("vertex",),
        drops=PENALTIES | SAMPLING,
        accepts_prefill=False,
    ),
    Model(
        "gemma-4-31b-it",
        "Gemma 4 31B",
        "gemma",
        "31b",
        4.0,
        max_input_tokens=256_000,
        max_output_tokens=8_192,
        upstreams=("gemini_api",),
    ),
    Model(
        "gemma-4-26b-a4b-it",
        "Gemma 4 26B A4B",
        "gemma",
        "26b",
        4.0,
        max_input_tokens=256_000,
        max_output_tokens=8_192,
        upstreams=("gemini_api",),
    ),
)

_BY_ID = {model.id: model for model in CATALOGUE}
_BY_WIRE_NAME = {
    (upstream, model.name_on(upstream)): model.id
    for model in CATALOGUE
    for upstream in model.upstreams
}
LONGEST_NAME = 200
"""Characters; longer names are nobody's, and are not looked at."""

TWIN = "claude-gw-"
"""Before a model's own name: Claude Code lists only what is called so."""

_PREFIXES = ("models/", "google/", "gemini/", "openai/", "anthropic/", "anthropic.")
_SUFFIX = re.compile(r"(?:\[1m\])+$", re.IGNORECASE)
"""What Claude Code has behind the names of models with a large context."""
_NAME = re.compile(r"(?:gemini|gemma)-[A-Za-z0-9._-]{1,80}")
"""A name goes into an upstream's path, so nothing else may pass."""


def resolve(name: str, aliases: Aliases) -> str | None:
    """The model a client means, or None for a name that is nobody's.

    A ``gemini-*`` or ``gemma-*`` name that is not in the catalogue is passed on.
    """
    if len(name) > LONGEST_NAME:
        return None
    bare = _SUFFIX.sub("", _without_prefixes(name))
    own = bare.removeprefix(TWIN)
    can_be = _NAME.fullmatch(own) is not None
    if own != bare and can_be:
        return own
    target = target_of((name, bare), aliases, is_model=is_known(bare))
    return target or (own if can_be else None)


def is_known(name: str) -> bool:
    """Whether the catalogue has this model."""
    return name in _BY_ID


def find(name: str) -> Model:
    """The facts about a model; of one the catalogue lacks, what its name suggests."""
    return _BY_ID.get(name) or _guess(name)


def called(wire_name: str, upstream: str) -> str:
    """The model that goes by this name on an upstream: `Model.name_on`, backwards."""
    return _BY_WIRE_NAME.get((upstream, wire_name), wire_name)


def upstreams_of(name: str) -> tuple[str, ...] | None:
    """The upstreams that serve a model; None where nobody knows, as the catalogue lacks
    it. The day it retires is Google's to keep: whoever asks after it is heard there."""
    return find(name).upstreams if is_known(name) else None


def _without_prefixes(name: str) -> str:
    while prefix := next((p for p in _PREFIXES if name.startswith(p)), None):
        name = name[len(prefix) :]
    return name


def _guess(name: str) -> Model:
    relatives = [model for model in CATALOGUE if name.startswith(model.id + "-")]
    if relatives and not re.search("image|tts|live|audio", name):
        nearest = max(relatives, key=lambda model: len(model.id))
        return replace(
            nearest,
            id=name,
            name=name,
            is_preview=_looks_unfinished(name),
            retires_on=None,
            wire_names={},
        )
    return _guess_by_generation(name)


def _guess_by_generation(name: str) -> Model:
    family = name.partition("-")[0]
    number = re.search(r"-(\d+(?:\.\d+)?)(?:-|$)", name)
    generation = float(number[1]) if number else 3.5
    makes = _guess_output(name)
    control = _guess_control(generation) if family == "gemini" else None
    return Model(
        name,
        name,
        family,
        _guess_tier(name),
        generation,
        is_preview=_looks_unfinished(name),
        thinking_control=control if makes == ("TEXT",) else None,
        thinking_levels=LOW_HIGH if control == "level" else (),
        budget_range=(512, 24_576),
        drops=PENALTIES | SAMPLING if generation >= 3.6 else PENALTIES,
        accepts_prefill=generation < 3.6,
        makes=makes,
    )


def _guess_control(generation: float) -> Control | None:
    if generation >= 3:
        return "level"
    return "budget" if generation >= 2.5 else None


def _guess_tier(name: str) -> str:
    tiers = ("image", "flash-lite", "flash", "pro")
    return next((tier for tier in tiers if tier in name), "other")


def _guess_output(name: str) -> tuple[str, ...]:
    if "image" in name:
        return ("TEXT", "IMAGE")
    return ("AUDIO",) if "tts" in name else ("TEXT",)


def _looks_unfinished(name: str) -> bool:
    return "preview" in name or "-exp" in name
