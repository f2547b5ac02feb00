"""What ``/api/dashboard/errors`` takes and answers."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, Range, Regexp

from . import OPTIONAL, Answer, Instant
from .audit_log import CURSOR
from .periods import Subject


class ErrorsSought(Subject):
    """Which errors; all where nothing is said. ``type`` is a word of theirs."""

    type = fields.String(load_default=None, validate=Length(1, 100))


class ErrorsQuery(ErrorsSought):
    """``cursor`` is the ``nextCursor`` of the page before."""

    limit = fields.Integer(load_default=50, validate=Range(1, 200))
    cursor = fields.String(load_default=None, validate=Regexp(CURSOR))


class IncidentAnswer(Answer):
    """A failed attempt, or a request that failed for want of anybody to ask.

    `message` is in Google's words where Google said it; `actionUrl` is where a human
    can mend it. `recovered` says that somebody else answered the request.
    """

    id = fields.String()
    at = Instant()
    type = fields.String()
    status = fields.Integer(allow_none=True)
    message = fields.String()
    account = fields.String(allow_none=True)
    projectId = fields.String(allow_none=True)
    model = fields.String()
    key = fields.String(allow_none=True)
    requestId = fields.String()
    actionUrl = fields.String(allow_none=True)
    resetsAt = Instant(allow_none=True)
    resetsIn = fields.String(allow_none=True)
    recovered = fields.Boolean()


class ErrorPage(Answer):
    """Errors, newest first, and where the next page begins."""

    errors = fields.List(fields.Nested(IncidentAnswer))
    nextCursor = fields.String(metadata=OPTIONAL)


class ErrorsForgotten(Answer):
    """How many errors are gone."""

    deleted = fields.Integer()
