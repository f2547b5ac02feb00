"""Other names of models: those that clients have in their menus, and an operator's."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

Aliases: TypeAlias = Mapping[str, str | None]
"""A name, or a pattern with ``*``, and the model it leads to; None switches it off.
The maps of a ChainMap are asked one after the other."""

_PRO = "gemini-3.1-pro-preview"
_FLASH = "gemini-3.5-flash"
_LITE = "gemini-3.1-flash-lite"

DEFAULT_ALIASES: dict[str, str | None] = {
    "gpt-4o": _FLASH,
    "gpt-4o-20*": _FLASH,
    "gpt-4o-mini": _LITE,
    "gpt-4o-mini-20*": _LITE,
    "gpt-4": _PRO,
    "gpt-4-turbo*": _PRO,
    "gpt-4.1*": _FLASH,
    "gpt-4.1-mini*": _LITE,
    "gpt-4.1-nano*": _LITE,
    # Not gpt-6*: Codex goes by the name, and would send tools of another kind.
    "gpt-5*": _FLASH,
    "gpt-5*mini*": _LITE,
    "gpt-5*nano*": _LITE,
    "gpt-3.5-turbo*": _LITE,
    "o3*": _PRO,
    "o3-mini*": _FLASH,
    "o4*": _FLASH,
    "claude-*": _FLASH,
    "claude-*haiku*": _LITE,
    "claude-*sonnet*": _FLASH,
    "claude-*fable*": _FLASH,
    "claude-*opus*": _PRO,
    "claude-*mythos*": _PRO,
    # Vectors of different models cannot be compared: only an operator may mix them.
    "text-embedding-*": None,
    "gemini-pro": _PRO,
    "gemini-flash": _FLASH,
    "gemini-flash-lite": _LITE,
    "gemini-3-flash": _FLASH,
    "pro": _PRO,
    "flash": _FLASH,
    "flash-lite": _LITE,
}


def layered(own: Aliases) -> ChainMap[str, str | None]:
    """An operator's rows over the built-in ones: each of theirs is asked first."""
    return ChainMap(dict(own), DEFAULT_ALIASES)


def own_names(aliases: Aliases) -> dict[str, str]:
    """The names, without patterns, that an operator gave to models."""
    own = aliases.maps[0] if isinstance(aliases, ChainMap) else {}
    return {
        name: model for name, model in own.items() if model and not is_pattern(name)
    }


def is_pattern(row: str) -> bool:
    """Whether it stands for many names."""
    return "*" in row


def target_of(
    names: tuple[str, ...], aliases: Aliases, *, is_model: bool = False
) -> str | None:
    """The model that the spellings of one name lead to.

    An exact row goes before patterns, a longer pattern before a shorter one; patterns
    go by the name in lower case. Of those that begin with ``*``, none catches what
    ``is_model`` itself.
    """
    for layer in aliases.maps if isinstance(aliases, ChainMap) else [aliases]:
        row = _row_for(names, layer, is_model)
        if row is not None:
            return layer[row]
    return None


def is_idle(name: str, own: Aliases, built_in: Aliases) -> bool:
    """Whether a row that switches its name off could as well not be there."""
    others = [row for row in (*own, *built_in) if row != name and is_pattern(row)]
    is_needed = is_pattern(name) or name in built_in or _fits_any((name,), others)
    return own[name] is None and not is_needed


def fits(name: str, pattern: str) -> bool:
    """Whether a pattern stands for this name, too: in one pass, whoever wrote it."""
    head, *middle, tail = pattern.split("*")
    at, end = len(head), len(name) - len(tail)
    if at > end or not (name.startswith(head) and name.endswith(tail)):
        return False
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _row_for(names: tuple[str, ...], layer: Aliases, is_model: bool) -> str | None:
    exact = next((name for name in names if name in layer), None)
    if exact is not None:
        return exact
    heads, patterns = _patterns_of(tuple(layer))
    lowered = [name for name in _lowered(names) if name.startswith(heads)]
    if not lowered:
        return None
    barred = "*" if is_model else ()
    fitting = (row for row in patterns if _fits_one(lowered, row))
    return next((row for row in fitting if not row.startswith(barred)), None)


@lru_cache(maxsize=8)
def _patterns_of(rows: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How names begin that any pattern fits, and the patterns, longest first: every
    request asks, and rows change by an operator's hand alone."""
    patterns = sorted(filter(is_pattern, rows), key=len, reverse=True)
    heads = (row.partition("*")[0].lower() for row in patterns)
    return tuple(dict.fromkeys(heads)), tuple(patterns)


def _fits_any(names: Iterable[str], patterns: Iterable[str]) -> bool:
    lowered = _lowered(names)
    return any(_fits_one(lowered, pattern) for pattern in patterns)


def _fits_one(lowered: Iterable[str], pattern: str) -> bool:
    pattern = pattern.lower()
    return any(fits(name, pattern) for name in lowered)


def _lowered(names: Iterable[str]) -> list[str]:
    """The names in lower case, each once: they are held against many patterns."""
    return list(dict.fromkeys(name.lower() for name in names))
