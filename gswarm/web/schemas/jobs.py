"""What the paths about jobs take and answer."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from . import OPTIONAL, Answer, Instant, Strict

STATES = ("queued", "running", "done", "failed", "lost")


class JobsQuery(Strict):
    """The query of ``GET /api/jobs``."""

    limit = fields.Integer(load_default=50, validate=Range(1, 200))


class NewBench(Strict):
    """The body of ``POST /api/bench``. First tokens are measured where ``stream`` is
    true."""

    model = fields.String(required=True, validate=Length(1, 200))
    requests = fields.Integer(required=True, strict=True, validate=Range(1, 200))
    concurrency = fields.Integer(required=True, strict=True, validate=Range(1, 20))
    stream = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ListedJob(Answer):
    """A job: ``done`` of ``total`` steps are behind it. ``target`` names what it is
    about, where it is about one thing; ``error`` says why it failed."""

    id = fields.String()
    kind = fields.String()
    target = fields.String()
    state = fields.String(validate=OneOf(STATES))
    done = fields.Integer()
    total = fields.Integer()
    createdAt = Instant()
    startedAt = Instant(allow_none=True)
    finishedAt = Instant(allow_none=True)
    who = fields.String()
    error = fields.String(metadata=OPTIONAL)


class JobAnswer(ListedJob):
    """A job, and what it has brought so far: one for each thing it is about, or a
    report."""

    results = fields.List(fields.Dict())


class JobList(Answer):
    """The jobs started last, the newest first."""

    jobs = fields.List(fields.Nested(ListedJob))
    total = fields.Integer()
