"""What the ``/api/api-keys`` paths take and answer."""

from __future__ import annotations

import time

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from ...limits.api_key import (
    LONGEST_NETWORK,
    LONGEST_PATTERN,
    MOST,
    MOST_PATTERNS,
    SCOPES,
)
from . import Answer, Instant, Strict


def is_ahead(instant: float) -> None:
    """Raise `ValidationError` for an end that is over."""
    if instant <= time.time():
        raise ValidationError("Is past. To end a key now, revoke it.")


class ApiKeySettings(Strict):
    """The body of ``PATCH /api/api-keys/{id}``: what is left out stays as it is.

    A limit of null leaves it to the config, 0 is no limit; an empty list allows all.
    """

    name = fields.String(validate=Length(1, 100))
    scopes = fields.List(
        fields.String(validate=OneOf(SCOPES)),
        validate=[Length(min=1, error="Choose at least one scope."), Length(max=3)],
    )
    expires_at = Instant(data_key="expiresAt", allow_none=True, validate=is_ahead)
    is_active = fields.Boolean(data_key="active", truthy={True}, falsy={False})
    rate_limit = fields.Integer(
        data_key="rateLimit", allow_none=True, strict=True, validate=Range(0, MOST)
    )
    tokens_per_day = fields.Integer(
        data_key="tokensPerDay", allow_none=True, strict=True, validate=Range(0, MOST)
    )
    max_concurrent = fields.Integer(
        data_key="maxConcurrent", allow_none=True, strict=True, validate=Range(0, MOST)
    )
    allowed_endpoints = fields.List(
        fields.String(validate=Length(1, LONGEST_PATTERN)),
        data_key="allowedEndpoints",
        validate=Length(max=MOST_PATTERNS),
    )
    allowed_ips = fields.List(
        fields.String(validate=Length(1, LONGEST_NETWORK)),
        data_key="allowedIps",
        validate=Length(max=MOST_PATTERNS),
    )
    allowed_models = fields.List(
        fields.String(validate=Length(1, LONGEST_PATTERN)),
        data_key="allowedModels",
        validate=Length(max=MOST_PATTERNS),
    )
    may_see_projects = fields.Boolean(
        data_key="maySeeProjects", truthy={True}, falsy={False}
    )


class NewApiKey(ApiKeySettings):
    """The body of ``POST /api/api-keys``."""

    class Meta(Strict.Meta):
        exclude = ("is_active",)

    name = fields.String(required=True, validate=Length(1, 100))


class ApiKeyAnswer(Answer):
    """A key and what it was used for; the key itself is not in it."""

    id = fields.String()
    name = fields.String()
    scopes = fields.List(fields.String())
    createdAt = Instant()
    expiresAt = Instant(allow_none=True)
    active = fields.Boolean()
    rateLimit = fields.Integer(allow_none=True)
    tokensPerDay = fields.Integer(allow_none=True)
    maxConcurrent = fields.Integer(allow_none=True)
    allowedEndpoints = fields.List(fields.String())
    allowedIps = fields.List(fields.String())
    allowedModels = fields.List(fields.String())
    maySeeProjects = fields.Boolean()
    lastUsedAt = Instant(allow_none=True)
    requests = fields.Integer()
    tokens = fields.Integer()


class MadeApiKey(ApiKeyAnswer):
    """A new key, and the raw key: nobody can show it again."""

    key = fields.String()


class ApiKeyList(Answer):
    """Every key, oldest first."""

    apiKeys = fields.List(fields.Nested(ApiKeyAnswer))
    total = fields.Integer()
