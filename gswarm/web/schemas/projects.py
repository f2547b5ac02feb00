"""What the paths about projects take and answer."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from ...accounts.project_list import SORTS, STATUSES
from . import OPTIONAL, Answer, Instant, Strict

PROJECT_ID = r"\A[a-z][a-z0-9-]{4,28}[a-z0-9]\Z"

# ------------------------------------------------------------------ what they take


class ProjectsQuery(Strict):
    """The query of ``GET /api/projects``. ``search`` looks at ids, names and accounts;
    ``refresh`` asks Google for the projects there are, first. By ``health``, what is in
    rotation is worth more than what is not."""

    search = fields.String(load_default="", validate=Length(max=200))
    account = fields.String(load_default=None, validate=Length(1, 320))
    status = fields.String(load_default=None, validate=OneOf(STATUSES))
    sort = fields.String(load_default="id", validate=OneOf(SORTS))
    direction = fields.String(load_default="asc", validate=OneOf(("asc", "desc")))
    page = fields.Integer(load_default=1, validate=Range(1, 1_000_000))
    pageSize = fields.Integer(load_default=50, validate=Range(1, 200))
    refresh = fields.Boolean(load_default=False)


class NewProject(Strict):
    """The body of ``POST /api/projects/create``. ``account`` is an e-mail or an
    account's id; where ``projectId`` is left out, one is made up."""

    account = fields.String(required=True, validate=Length(1, 320))
    projectId = fields.String(
        load_default=None,
        allow_none=True,
        validate=Regexp(
            PROJECT_ID,
            error="6 to 30 lower-case letters, digits and hyphens; a letter first.",
        ),
    )
    name = fields.String(load_default=None, allow_none=True, validate=Length(4, 30))


class ProjectToggle(Strict):
    """The body of ``POST /api/projects/{id}/toggle``; without ``enabled``, the other
    way than it is."""

    enabled = fields.Boolean(
        load_default=None, allow_none=True, truthy={True}, falsy={False}
    )


class ProjectTest(Strict):
    """What to test with; the default model, where nothing is said."""

    model = fields.String(load_default=None, allow_none=True, validate=Length(1, 200))


class Probe(ProjectTest):
    """The body of ``POST /api/probe``; without ``projectIds``, all. With
    ``disableFailing``, what Google refuses leaves the rotation; what is only limited,
    or down for the moment, stays."""

    projectIds = fields.List(
        fields.String(validate=Length(1, 200)),
        load_default=None,
        allow_none=True,
        validate=Length(1, 10_000),
    )
    disableFailing = fields.Boolean(load_default=False, truthy={True}, falsy={False})


# ------------------------------------------------------------------ what they answer


class HealthTerms(Answer):
    """Each 0..1 and unweighted; ``cooldown`` is the penalty."""

    success = fields.Float()
    recency = fields.Float()
    cooldown = fields.Float()


class ProjectStatus(Answer):
    """A project for one model. Instants in epoch milliseconds, 0: never."""

    projectId = fields.String()
    lastUsedAt = fields.Integer()
    lastSuccessAt = fields.Integer()
    lastErrorAt = fields.Integer()
    successCount = fields.Integer()
    errorCount = fields.Integer()
    limitedCount = fields.Integer()
    consecutiveErrors = fields.Integer()
    cooldownUntil = fields.Integer()
    cooldownReason = fields.String(metadata=OPTIONAL)
    lastErrorType = fields.String(metadata=OPTIONAL)
    quotaResetTime = fields.Integer(metadata=OPTIONAL)
    quotaResetReason = fields.String(metadata=OPTIONAL)


class ProjectRow(Answer):
    """A project and how it stands: over all models, and for each asked for lately.

    Where Google shuts it out for good, `cooldownReason` is in Google's words, and it
    waits for somebody to switch it on again.
    """

    id = fields.String()
    projectId = fields.String()
    name = fields.String()
    account = fields.String()
    upstream = fields.String(allow_none=True)
    enabled = fields.Boolean()
    apiEnabled = fields.Boolean(allow_none=True)
    status = fields.String(validate=OneOf(STATUSES))
    health = fields.Float()
    healthTerms = fields.Nested(HealthTerms)
    inFlight = fields.Integer()
    lastUsedAt = Instant(allow_none=True)
    cooldownUntil = Instant(allow_none=True)
    cooldownReason = fields.String(allow_none=True)
    successCount = fields.Integer()
    errorCount = fields.Integer()
    models = fields.Dict(keys=fields.String(), values=fields.Nested(ProjectStatus))


class ProjectPage(Answer):
    """Some of the projects; ``total`` counts those that were asked for."""

    projects = fields.List(fields.Nested(ProjectRow))
    total = fields.Integer()
    page = fields.Integer()
    pageSize = fields.Integer()


class ProjectTried(Answer):
    """What came of one request to a project. ``message`` is in Google's words,
    ``actionUrl`` is where somebody can mend it."""

    ok = fields.Boolean()
    latencyMs = fields.Integer()
    status = fields.Integer(metadata=OPTIONAL)
    message = fields.String(metadata=OPTIONAL)
    actionUrl = fields.String(metadata=OPTIONAL)
