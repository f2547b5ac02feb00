"""What the ``/api/gswarm`` paths take and answer."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from ...gemini.models import CATALOGUE
from . import OPTIONAL, Answer, Number, Strict

TIERS = sorted({model.tier for model in CATALOGUE})


class Generate(Strict):
    """The body of ``POST /api/gswarm/generate``."""

    prompt = fields.String(required=True, validate=Length(1, 1_000_000))
    model = fields.String(allow_none=True, validate=Length(1, 200))
    maxTokens = fields.Integer(allow_none=True, strict=True, validate=Range(1, 65_536))
    temperature = Number(allow_none=True, validate=Range(0, 2))
    systemPrompt = fields.String(allow_none=True, validate=Length(max=1_000_000))
    stream = fields.Boolean(truthy={True}, falsy={False})


class ModelsQuery(Strict):
    """The query of ``GET /api/gswarm/models``."""

    tier = fields.String(validate=OneOf(TIERS))
    generation = fields.Float(allow_nan=False)
    includePreview = fields.Boolean(load_default=True)


class Usage(Answer):
    """Tokens of one answer."""

    promptTokens = fields.Integer()
    completionTokens = fields.Integer()
    totalTokens = fields.Integer()
    thoughtsTokens = fields.Integer()


class Generated(Answer):
    """An answer, and how it came about."""

    text = fields.String()
    thoughts = fields.String(metadata=OPTIONAL)
    usage = fields.Nested(Usage)
    projectId = fields.String(allow_none=True)
    model = fields.String()
    latencyMs = fields.Float()
    finishReason = fields.String()


class ModelFacts(Answer):
    """A model, its limits, and whether the pool can serve it now."""

    id = fields.String()
    name = fields.String()
    family = fields.String()
    tier = fields.String()
    generation = fields.Float()
    isPreview = fields.Boolean()
    maxInputTokens = fields.Integer()
    maxOutputTokens = fields.Integer()
    supportsThinking = fields.Boolean()
    thinkingControl = fields.String(allow_none=True)
    available = fields.Boolean()


class ModelFactsList(Answer):
    """The models that were asked for."""

    models = fields.List(fields.Nested(ModelFacts))
    count = fields.Integer()
    defaultModel = fields.String()
