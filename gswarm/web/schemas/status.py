"""What ``/api/gswarm/status`` answers."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields
from marshmallow.validate import OneOf

from ...monitoring.status import Word
from . import OPTIONAL, Answer, Instant

WORDS = get_args(Word)


class ModelStatusAnswer(Answer):
    """How one model stands: projects that can be asked now, and those that rest.

    `resting` counts the latter by reason: `rate_limit`, `quota_exhausted`, `auth` or
    `server`. Those beyond its sum wait because Google has no capacity for the model.
    `retiresOn` is the day Google's public API stops serving it, where that is known.
    """

    status = fields.String(validate=OneOf(WORDS))
    available = fields.Integer()
    cooling = fields.Integer()
    resting = fields.Dict(keys=fields.String(), values=fields.Integer())
    nextFreeAt = Instant(allow_none=True)
    retiresOn = fields.Date(metadata=OPTIONAL)


class StatusAnswer(Answer):
    """How the whole stands.

    `models` has those asked for lately, and the default one. `activeProjects` are in
    rotation and do not rest; `cooldownProjects` rest for some model. `failingProjects`
    and `failingAccounts` are refused by Google until somebody mends them; those that
    are switched off do not count. `uptime` is the gateway's, in seconds.
    """

    status = fields.String(validate=OneOf(WORDS))
    models = fields.Dict(keys=fields.String(), values=fields.Nested(ModelStatusAnswer))
    accounts = fields.Integer()
    validAccounts = fields.Integer()
    failingAccounts = fields.Integer()
    projects = fields.Integer()
    activeProjects = fields.Integer()
    cooldownProjects = fields.Integer()
    failingProjects = fields.Integer()
    defaultModel = fields.String()
    uptime = fields.Float()
    quota = fields.Dict()
    version = fields.String()
    timestamp = Instant()
