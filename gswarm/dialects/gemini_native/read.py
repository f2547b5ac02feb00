"""A GenerateContentRequest as a client sent it, read into the one the house asks.

Nothing is translated, as Gemini's is the language of the house: the spelling is made
one, the operator's defaults fill what is open, and what nobody here knows goes
upstream, whose refusal reaches the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import InvalidRequest, ModelNotFound
from ...gemini.generation import Generation
from ...gemini.models import Model, find, resolve
from ...gemini.nesting import deeper_than
from ...gemini.request import Body, GenerateRequest
from ...gemini.thinking import EFFORTS, thinking_config
from ..dialect import Reading
from . import fields
from .addresses import to_fetch
from .conversation import conversation
from .shape import Address, NativeRequest
from .tidy import tidied

OF_THE_PATH = frozenset({"model", "stream", "streamOptions"})
"""Members that say again what the address says, in this dialect or another."""

LONGEST_MODEL = 200


def read_request(body: Any, reading: Reading, address: Address) -> NativeRequest:
    """Read the body of ``models/{model}:generateContent`` and its streaming twin.

    Raises `InvalidRequest` naming the field, or `ModelNotFound`.
    """
    model = model_of(address, reading)
    given = read_body(body, "Request")
    contents, past_calls = conversation(given["contents"])
    remote = to_fetch(contents)
    asked: Body = {**given, "contents": contents}
    _refuse_what_no_pool_holds(asked)
    _settle_system(asked, reading)
    _settle_config(asked, model, reading.generation, _is_meant(model, address))
    _settle_search(asked, model, reading.generation)
    return NativeRequest(
        GenerateRequest(model.id, asked, past_calls, address.seconds), address, remote
    )


def model_of(address: Address, reading: Reading) -> Model:
    """The model to ask: the one of the path, or the one it stands for."""
    named = reading.model or address.model or reading.default_model
    is_short = len(named) <= LONGEST_MODEL
    name = resolve(named, reading.aliases) if is_short else None
    if name is None:
        raise ModelNotFound(named[:LONGEST_MODEL])
    return find(name)


def read_body(body: Any, message: str) -> Body:
    """A request's members in one spelling; what says nothing is left out."""
    if not isinstance(body, dict):
        raise InvalidRequest(
            "Invalid JSON payload received. Root element must be a message."
        )
    _check_depth(body)
    given = tidied(body, message)
    if "tools" in given:
        given["tools"] = [tool for tool in given["tools"] if tool]
    said = {
        name: value
        for name, value in given.items()
        if name not in OF_THE_PATH and value not in ({}, [])
    }
    if "contents" not in said and "generateContentRequest" not in said:
        raise fields.missing("contents", "contents is not specified")
    return said


def _check_depth(body: Body) -> None:
    """What may hold itself, which is schemas, is walked through."""
    for name in ("tools", "generationConfig", "generation_config"):
        if deeper_than(body.get(name)):
            raise InvalidRequest(
                f"Invalid JSON payload received. '{name}' is nested too deeply.",
                param=name,
            )


def _refuse_what_no_pool_holds(asked: Body) -> None:
    """File search stores belong to one project; MCP servers would be called by Google,
    with their secrets."""
    for at, tool in enumerate(asked.get("tools", ())):
        for kind in ("fileSearch", "mcpServers"):
            if kind in tool:
                raise fields.unsupported(
                    f"tools[{at}].{kind}", f"This gateway does not offer {kind}."
                )


def _is_meant(model: Model, address: Address) -> bool:
    """Whether the model asked is the one the client wrote its settings for."""
    return resolve(address.model, {}) == model.id


# ------------------------------------------------------------------ the operator's


def _settle_system(asked: Body, reading: Reading) -> None:
    """The operator's prompt goes before the request's own."""
    own = asked.get("systemInstruction", {}).get("parts") or []
    prompts = (reading.generation.system_prompt, reading.system_prompt)
    first = [{"text": words} for words in prompts if words and words.strip()]
    if first:
        asked["systemInstruction"] = {"role": "user", "parts": [*first, *own]}


def _settle_config(
    asked: Body, model: Model, defaults: Generation, is_meant: bool
) -> None:
    config: Body = dict(asked.get("generationConfig", {}))
    _check_candidates(config)
    if not is_meant:
        config = _adapted(config, model)
    _fill_in(config, model, defaults)
    if config.get("maxOutputTokens", 0) > model.max_output_tokens:
        config["maxOutputTokens"] = model.max_output_tokens
    if config:
        asked["generationConfig"] = config


def _check_candidates(config: Body) -> None:
    if config.get("candidateCount", 1) > 1:
        raise fields.unsupported(
            "generation_config.candidate_count",
            "Multiple candidates is not enabled for this model",
        )


def _adapted(config: Body, model: Model) -> Body:
    """Settings that were made for another model, as this one takes them."""
    fitting = {name: each for name, each in config.items() if name not in model.drops}
    thinking = fitting.pop("thinkingConfig", None)
    if thinking and (translated := _translated(thinking, model)):
        fitting["thinkingConfig"] = translated
    return fitting


def _translated(thinking: Body, model: Model) -> Body | None:
    level = str(thinking.get("thinkingLevel", "")).lower()
    return thinking_config(
        model,
        effort=level if level in EFFORTS else None,
        budget=thinking.get("thinkingBudget"),
        includes_thoughts=bool(thinking.get("includeThoughts")),
    )


def _fill_in(config: Body, model: Model, defaults: Generation) -> None:
    """What the request leaves open. Thoughts are shown to those alone who ask for them:
    Gemini's clients take the first part of an answer for its text."""
    for name, value in (
        ("maxOutputTokens", defaults.max_tokens),
        ("temperature", defaults.temperature),
        ("topP", defaults.top_p),
        ("topK", defaults.top_k),
    ):
        if value is not None and name not in model.drops:
            config.setdefault(name, value)
    own: Mapping[str, Any] = config.get("thinkingConfig", {})
    if defaults.thinking_level and not own.keys() & {"thinkingLevel", "thinkingBudget"}:
        shows = bool(own.get("includeThoughts"))
        level = defaults.thinking_level
        filled = thinking_config(model, effort=level, includes_thoughts=shows)
        if filled:
            config["thinkingConfig"] = filled


def _settle_search(asked: Body, model: Model, defaults: Generation) -> None:
    """The operator's search is for requests that it does not get in the way of."""
    config = asked.get("generationConfig", {})
    has_form = "responseMimeType" in config or "responseModalities" in config
    fits = model.family == "gemini" and (not has_form or model.mixes_json_and_tools)
    if defaults.google_search and fits and "tools" not in asked:
        asked["tools"] = [{"googleSearch": {}}]
