"""What the ``/api/gswarm`` paths take."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from ...gemini.models import CATALOGUE
from . import Strict

TIERS = sorted({model.tier for model in CATALOGUE})


class Generate(Strict):
    """The body of ``POST /api/gswarm/generate``."""

    prompt = fields.String(required=True, validate=Length(1, 1_000_000))
    model = fields.String(allow_none=True, validate=Length(1, 200))
    maxTokens = fields.Integer(allow_none=True, strict=True, validate=Range(1, 65_536))
    temperature = fields.Float(allow_none=True, allow_nan=False, validate=Range(0, 2))
    systemPrompt = fields.String(allow_none=True, validate=Length(max=1_000_000))
    stream = fields.Boolean(truthy={True}, falsy={False})


class ModelsQuery(Strict):
    """The query of ``GET /api/gswarm/models``."""

    tier = fields.String(validate=OneOf(TIERS))
    generation = fields.Float(allow_nan=False)
    includePreview = fields.Boolean(load_default=True)
