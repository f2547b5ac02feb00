"""``generationConfig`` and ``safetySettings``: ranges, and what each model lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..errors import invalid
from ..models import Model
from . import schemas
from .protos import Dialect

Config: TypeAlias = dict[str, Any]

_MIME_TYPES = frozenset({"text/plain", "application/json", "text/x.enum"})
_MAX_STOPS = 5
_CORE_HARMS = frozenset(
    f"HARM_CATEGORY_{name}"
    for name in (
        "HARASSMENT",
        "HATE_SPEECH",
        "SEXUALLY_EXPLICIT",
        "DANGEROUS_CONTENT",
        "CIVIC_INTEGRITY",
    )
)


def check(request: dict[str, Any], model: Model, dialect: Dialect) -> None:
    """Raise the 400 for the first setting this model does not take."""
    config: Config = request.get("generationConfig", {})
    for rule in _RULES:
        rule(config, model)
    _check_output(config, dialect)
    _check_thinking(config.get("thinkingConfig", {}), model)
    _check_safety(request.get("safetySettings", []), model)


def _ranges(config: Config, model: Model) -> None:
    lowest_top_p = 0.0 if model.generation < 3 else 1e-6
    for name, shown, low, high in (
        ("temperature", "temperature", 0.0, 2.0),
        ("topP", "topP", lowest_top_p, 1.0),
        ("topK", "topK", 1, 1000),
        ("maxOutputTokens", "maxOutputTokens", 1, model.max_output_tokens),
    ):
        value = config.get(name)
        if value is not None and not low <= value <= high:
            raise invalid(
                f"Unable to submit request because it has a {shown} value of {value} "
                f"but the supported range is from {low} (inclusive) to {high} "
                "(inclusive). Update the value and try again."
            )


def _candidates(config: Config, model: Model) -> None:
    if config.get("candidateCount", 1) != 1:
        raise invalid("Multiple candidates is not enabled for this model")


def _stops(config: Config, model: Model) -> None:
    stops = config.get("stopSequences", [])
    if len(stops) > _MAX_STOPS:
        raise invalid(
            f"The number of stop sequences ({len(stops)}) exceeds the maximum of "
            f"{_MAX_STOPS}."
        )
    if "" in stops:
        raise invalid("Stop sequences must not be empty.")


def _penalties(config: Config, model: Model) -> None:
    asked = config.get("presencePenalty") or config.get("frequencyPenalty")
    if asked and not model.accepts_penalties:
        raise invalid("Penalty is not enabled for this model")


def _logprobs(config: Config, model: Model) -> None:
    if config.get("responseLogprobs") or config.get("logprobs"):
        raise invalid(f"Logprobs is not enabled for models/{model.name}")


def _modalities(config: Config, model: Model) -> None:
    for modality in config.get("responseModalities", []):
        if modality == "AUDIO" or (modality == "IMAGE" and not model.makes_images):
            raise invalid(
                "Model does not support the requested response modalities: "
                f"{modality.lower()}"
            )


_RULES: tuple[Callable[[Config, Model], None], ...] = (
    _ranges,
    _candidates,
    _stops,
    _penalties,
    _logprobs,
    _modalities,
)


def _check_output(config: Config, dialect: Dialect) -> None:
    mime = config.get("responseMimeType", "text/plain")
    if mime not in _MIME_TYPES:
        raise invalid(
            f"* GenerateContentRequest.generation_config.response_mime_type: allowed "
            f"mimetypes are {sorted(_MIME_TYPES)}, got {mime}."
        )
    forms = [
        name for name in ("responseSchema", "responseJsonSchema") if name in config
    ]
    if len(forms) > 1:
        raise invalid(
            "Only one of response_schema and response_json_schema may be set."
        )
    if forms and mime == "text/plain":
        raise invalid(
            "Unable to submit request because a response schema needs a response mime "
            "type of application/json or text/x.enum."
        )
    place = "generation_config.response_schema"
    if "responseSchema" in config:
        schemas.check_proto(config["responseSchema"], place, dialect)
    if "responseJsonSchema" in config:
        place = "generation_config.response_json_schema"
        schemas.check_free(config["responseJsonSchema"], place, is_object=False)


def _check_thinking(thinking: Config, model: Model) -> None:
    budget, level = thinking.get("thinkingBudget"), thinking.get("thinkingLevel")
    if budget is not None and level is not None:
        raise invalid(
            "You can only set only one of thinking budget and thinking level."
        )
    if thinking and not model.thinks:
        raise invalid("Thinking is not enabled for this model.")
    if level is not None:
        _check_level(level.lower(), model)
    if budget is not None and model.budget:
        _check_budget(budget, model, model.budget)
        if budget == 0 and thinking.get("includeThoughts"):
            raise invalid(
                "Thinking_config.include_thoughts is only enabled when thinking is "
                "enabled."
            )


def _check_level(level: str, model: Model) -> None:
    if not model.levels:
        raise invalid("Thinking level is not supported for this model.")
    if level not in model.levels:
        raise invalid(
            f"Thinking level {level.upper()} is not supported for this model. Please "
            "retry with other thinking level."
        )


def _check_budget(budget: int, model: Model, allowed: tuple[int, int]) -> None:
    low, high = allowed
    if budget == -1 or (budget == 0 and model.can_stop_thinking):
        return
    if budget == 0:
        raise invalid("Budget 0 is invalid. This model only works in thinking mode.")
    if not low <= budget <= high:
        raise invalid(
            f"The thinking budget {budget} is invalid. Please choose a value between "
            f"{low} and {high}."
        )


def _check_safety(settings: list[Config], model: Model) -> None:
    seen: set[str] = set()
    for setting in settings:
        category = setting.get("category", "")
        if category in seen:
            raise invalid(f"Duplicate safety setting for {category}.")
        seen.add(category)
        if "flash-lite" in model.tier and category not in _CORE_HARMS:
            raise invalid(f"Unsupported safety category for this model: {category}.")
