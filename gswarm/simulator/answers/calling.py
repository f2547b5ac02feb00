"""Which functions an answer calls, and with what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .conversation import Conversation, Declaration, outside_tags
from .hints import Hints, names_listed, numbers_listed
from .samples import Sampler

_ASKS_FOR_A_TOOL = re.compile(
    r"\b(use|using|call|calling|invoke|run)\b.{0,40}\b(tools?|functions?)\b",
    re.I | re.S,
)
_IN_ORDER = re.compile(r"\bstep by step\b|\bthen\b|\bafter that\b", re.I)
_TIMES = {"twice": 2, "two times": 2, "thrice": 3, "three times": 3, "four times": 4}
_SEVERAL = re.compile(r"\b(and|both|each|also)\b", re.I)
_PARALLEL = re.compile(r"\bin parallel\b|\bat the same time\b|\bsimultaneously\b", re.I)
_COMMON = frozenset(
    re.findall(
        r"[\w-]+",
        """
        a about an and any are as at be by call called can do for from function
        functions generate get given has have hello how in input into is it its list
        make me my new not number of on one or output please result results return
        returns set string takes tell text that the their them then this to tool tools
        use used user using value values was were what when where which who will with
        you your
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A call about to be made; ``args`` fit the function's schema."""

    name: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Mention:
    """A function named in a prompt, perhaps with arguments: ``add(3, 4)``."""

    at: int
    function: Declaration
    given: str | None = None


def plan(talk: Conversation, *, floats: bool) -> list[Planned]:
    """The calls that answer this conversation; empty when text does.

    A prompt gets a call when it names a function, asks for a tool, or uses a word of a
    function's name or description; ``first a, then b`` gets one call a step; several
    names listed (``both Oslo and Rome``) get one call each. Functions forced by mode
    ANY are called whatever the prompt says.
    """
    if not talk.functions or talk.mode == "NONE":
        return []
    talk = replace(talk, prompt=outside_tags(talk.prompt))
    forced = talk.mode == "ANY"
    mentions = _mentions(talk)
    if len(mentions) > 1 and _IN_ORDER.search(talk.prompt):
        step = talk.steps % len(mentions) if forced else talk.steps
        mentions = mentions[step : step + 1]
    elif talk.results and not forced:
        return []
    elif not mentions and (forced or _ASKS_FOR_A_TOOL.search(talk.prompt)):
        mentions = [_Mention(0, talk.functions[0])]
    return [call for mention in mentions for call in _calls(mention, talk, floats)]


def schema_of(function: Declaration) -> dict[str, Any]:
    """A function's parameters, whichever form declares them."""
    schema = function.get("parametersJsonSchema", function.get("parameters"))
    return schema if isinstance(schema, dict) else {}


def _mentions(talk: Conversation) -> list[_Mention]:
    named = [m for function in talk.functions for m in _named(function, talk.prompt)]
    if named:
        return sorted(named, key=lambda mention: mention.at)
    return _hinted(talk)


def _named(function: Declaration, prompt: str) -> Iterator[_Mention]:
    name = re.escape(function["name"])
    with_args = list(re.finditer(rf"(?<![\w.]){name}\(([^()]*)\)", prompt))
    for match in with_args:
        yield _Mention(match.start(), function, match[1])
    plain = re.search(rf"(?<![\w.-]){name}(?![\w-])", prompt)
    if plain and not with_args:
        yield _Mention(plain.start(), function)


def _hinted(talk: Conversation) -> list[_Mention]:
    """By words of the names; failing that, the one best by its description."""
    words = {match[0]: match.start() for match in _words(talk.prompt)}
    by_name = []
    for function in talk.functions:
        at = _first_shared(_split(function["name"]), words)
        if at is not None:
            by_name.append(_Mention(at, function))
    several = _SEVERAL.search(talk.prompt) or _IN_ORDER.search(talk.prompt)
    if by_name:
        by_name.sort(key=lambda mention: mention.at)
        return by_name if several or _PARALLEL.search(talk.prompt) else by_name[:1]
    return _described(talk, words)


def _described(talk: Conversation, words: dict[str, int]) -> list[_Mention]:
    """The function whose description shares most words with the prompt, if any."""
    best, most = None, 0
    for function in talk.functions:
        told = {match[0] for match in _words(function.get("description", ""))}
        shared = sum(1 for word in told if _first_shared({word}, words) is not None)
        if shared > most:
            best, most = function, shared
    return [_Mention(0, best)] if best else []


def _calls(mention: _Mention, talk: Conversation, floats: bool) -> Iterator[Planned]:
    schema, name = schema_of(mention.function), mention.function["name"]
    if mention.given is not None:
        hints = Hints(mention.given)
        args = _positional(mention.given, schema)
        yield Planned(name, {**_sampled(schema, hints, floats), **args})
        return
    for words in _variants(schema, talk.prompt):
        hints = Hints(words, without=_own_words(talk))
        yield Planned(name, _sampled(schema, hints, floats))


def _variants(schema: dict[str, Any], prompt: str) -> list[str]:
    """One text per call to make: the prompt, or the prompt narrowed to one name."""
    listed = _listed(schema, prompt)
    if len(listed) > 1:
        return listed
    lower = prompt.lower()
    times = next((n for words, n in _TIMES.items() if words in lower), 1)
    if times == 1 and _PARALLEL.search(prompt):
        times = 2
    return [prompt] * times


def _listed(schema: dict[str, Any], prompt: str) -> list[str]:
    """What an enumeration lists, if the function takes one such thing at a time."""
    kinds = [str(p.get("type", "")).lower() for p in _needed(schema)]
    if kinds.count("string") == 1 and "array" not in kinds:
        return [f"'{name}'" for name in names_listed(prompt)]
    if kinds in (["integer"], ["number"]):
        return numbers_listed(prompt)
    return []


def _needed(schema: dict[str, Any]) -> list[dict[str, Any]]:
    properties = schema.get("properties", {})
    required = [name for name in schema.get("required", []) if name in properties]
    found = (properties[name] for name in required or properties)
    return [schema for schema in found if isinstance(schema, dict)]


def _sampled(schema: dict[str, Any], hints: Hints, floats: bool) -> dict[str, Any]:
    if not schema.get("properties"):
        return {}
    made = Sampler(schema, hints, complete=False, floats=floats).sample()
    return made if isinstance(made, dict) else {}


def _positional(given: str, schema: dict[str, Any]) -> dict[str, Any]:
    """``3, "x"`` or ``a=3`` read in the order of the properties."""
    names = list(schema.get("properties", {}))
    found = {}
    for index, piece in enumerate(filter(None, map(str.strip, given.split(",")))):
        name, equals, text = piece.partition("=")
        if equals and name.strip() in names:
            found[name.strip()] = _literal(text.strip())
        elif index < len(names):
            found[names[index]] = _literal(piece)
    return found


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip("'\"`")


def _own_words(talk: Conversation) -> set[str]:
    """Names of functions and parameters: no values, even where quoted."""
    own = {function["name"] for function in talk.functions}
    for function in talk.functions:
        own |= set(schema_of(function).get("properties", {}))
    return own


def _words(text: str) -> Iterator[re.Match[str]]:
    for match in re.finditer(r"[^\W\d_]{3,}", text.lower()):
        if match[0] not in _COMMON:
            yield match


def _split(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return {match[0] for match in _words(spaced.replace("_", " "))}


def _first_shared(wanted: set[str], words: dict[str, int]) -> int | None:
    places = [
        at for word, at in words.items() for want in wanted if _related(word, want)
    ]
    return min(places, default=None)


def _related(one: str, other: str) -> bool:
    """The same word up to an ending: add, adder, adding; city, cities."""
    short, long = sorted((one, other), key=len)
    stem = short[:-1] if short.endswith(("y", "e")) and len(short) > 3 else short
    return long.startswith(stem) and len(long) - len(short) <= 3
