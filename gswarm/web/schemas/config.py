"""What ``/api/gswarm/config`` takes and answers: the parts of the config."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from ...chat.response_cache import Mode
from ...gemini.models import resolve
from . import Answer, Number, Strict

MOST = 10**12
DAY_MS = 86_400_000
LEVELS = ("none", "minimal", "low", "medium", "high")
MOST_ENTRIES = 200


def is_model(name: str) -> None:
    """Raise `ValidationError` unless this is the name of a Gemini model itself."""
    if resolve(name, {}) != name:
        raise ValidationError(f"{name[:80]!r} is not the name of a model.")


def is_model_or_empty(name: str) -> None:
    """Raise `ValidationError` unless it is the name of a model, or nothing."""
    if name:
        is_model(name)


def _flag() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


def _whole(lowest: int, highest: int, *, allow_none: bool = False) -> fields.Integer:
    in_range = Range(lowest, highest)
    return fields.Integer(strict=True, allow_none=allow_none, validate=in_range)


def _number(lowest: float, highest: float, **options: Any) -> Number:
    return Number(validate=Range(lowest, highest), **options)


def _model() -> fields.String:
    return fields.String(validate=[Length(1, 200), is_model])


class SearchConfig(Strict):
    """Grounding by Google Search, for requests without functions."""

    enabled = _flag()


class GenerationConfig(Strict):
    """Values for requests that leave them open; null leaves them to the model."""

    maxTokens = _whole(0, 65_536, allow_none=True)
    temperature = _number(0, 2, allow_none=True)
    topP = _number(0, 1, allow_none=True)
    topK = _whole(0, 1_000, allow_none=True)
    thinkingLevel = fields.String(allow_none=True, validate=OneOf(LEVELS))
    includeThoughts = _flag()


class SystemPromptsConfig(Strict):
    """``default`` goes before a request's own system prompt."""

    default = fields.String(validate=Length(max=100_000))


class RateLimitConfig(Strict):
    """For API keys without limits of their own; 0 is no limit. ``burstLimit`` is how
    many of a minute's requests may come within one second."""

    requestsPerMinute = _whole(0, MOST, allow_none=True)
    burstLimit = _whole(0, MOST, allow_none=True)
    tokensPerDay = _whole(0, MOST, allow_none=True)
    maxConcurrent = _whole(0, MOST, allow_none=True)


class CooldownConfig(Strict):
    """How long projects rest, where Google does not say it. From the error after
    ``consecutiveErrorThreshold`` in a row on, each rest is ``multiplier`` times as long
    as the one before, up to ``maxMs``."""

    initialMs = _whole(1, DAY_MS)
    maxMs = _whole(1, DAY_MS)
    multiplier = _number(1, 100)
    consecutiveErrorThreshold = _whole(1, 1_000)
    authMs = _whole(1, DAY_MS)


class QuotaLimit(Strict):
    """What Google allows; null or 0 where that is not known."""

    perMinutePerProject = _whole(0, MOST, allow_none=True)
    perDayPerAccount = _whole(0, MOST, allow_none=True)


class QuotaConfig(Strict):
    """Google's limits by model, written as a whole. Without ``trackingEnabled`` nothing
    is counted and no refusal foreseen; ``warningThreshold`` is the part of a day's
    limit whose use is told as ``quota_warning``."""

    trackingEnabled = _flag()
    warningThreshold = _number(0.01, 1)
    limits = fields.Dict(
        keys=_model(),
        values=fields.Nested(QuotaLimit),
        validate=Length(max=MOST_ENTRIES),
    )


class ModelsConfig(Strict):
    """The model of requests that name none; other names of models; what to ask while
    Google has no capacity for a model; what is not listed. Lists and ``fallbacks`` are
    written as a whole.

    ``aliases`` are written row by row: names that are left out stay as they are, null
    switches a name off, "" takes the operator's row away again. A name may have ``*``
    in it. The operator's rows are asked before the built-in ones, an exact name before
    patterns, and the longest of these first."""

    default = fields.String(validate=Length(1, 200))
    aliases = fields.Dict(
        keys=fields.String(validate=Length(1, 200)),
        values=fields.String(
            allow_none=True, validate=[Length(max=200), is_model_or_empty]
        ),
        validate=Length(max=MOST_ENTRIES),
    )
    fallbacks = fields.Dict(
        keys=_model(),
        values=fields.List(_model(), validate=Length(max=10)),
        validate=Length(max=MOST_ENTRIES),
    )
    hidden = fields.List(_model(), validate=Length(max=MOST_ENTRIES))


class CacheConfig(Strict):
    """Which answers are given again to the same question of the same key."""

    mode = fields.String(validate=OneOf(get_args(Mode)))
    ttlSeconds = _whole(1, 604_800)


LEAST_STORE_SECONDS = 60


def _is_long_enough(seconds: int) -> None:
    if 0 < seconds < LEAST_STORE_SECONDS:
        raise ValidationError(
            f"Must be 0, for nothing, or at least {LEAST_STORE_SECONDS}."
        )


class ResponsesConfig(Strict):
    """How long responses are stored for ``previous_response_id``, begun anew by use; 0
    keeps none."""

    storeSeconds = fields.Integer(
        strict=True, validate=[Range(0, 2_592_000), _is_long_enough]
    )


class MediaConfig(Strict):
    """What Google may fetch for a request with its project's own rights: buckets by
    name, `*` for all of them, `generativelanguage.googleapis.com` for its Files API."""

    allowedBuckets = fields.List(
        fields.String(validate=Regexp(r"(\*|[a-z0-9][a-z0-9._-]{1,220})\Z")),
        validate=Length(max=MOST_ENTRIES),
    )


class _Parts(Strict):
    googleSearch = fields.Nested(SearchConfig)
    generation = fields.Nested(GenerationConfig)
    systemPrompts = fields.Nested(SystemPromptsConfig)
    rateLimit = fields.Nested(RateLimitConfig)
    cooldown = fields.Nested(CooldownConfig)
    quotaManagement = fields.Nested(QuotaConfig)
    models = fields.Nested(ModelsConfig)
    cache = fields.Nested(CacheConfig)
    responses = fields.Nested(ResponsesConfig)
    media = fields.Nested(MediaConfig)


class ConfigChanges(_Parts):
    """The body of ``POST /api/gswarm/config``: what is left out stays as it is.
    ``version`` is the one that was read before."""

    version = fields.Integer(required=True, strict=True, validate=Range(0))


class ConfigAnswer(Answer, _Parts):
    """The config; ``version`` counts its changes."""

    version = fields.Integer()
