"""What ``GET /api/audit`` takes and answers."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Range, Regexp

from . import OPTIONAL, Answer, Instant, Strict

CURSOR = r"\A[1-9]\d{0,14}-\d{1,15}\Z"


class AuditQuery(Strict):
    """``cursor`` is the ``nextCursor`` of the page before."""

    limit = fields.Integer(load_default=50, validate=Range(1, 200))
    cursor = fields.String(load_default=None, validate=Regexp(CURSOR))


class AuditEntry(Answer):
    """One change, or sign-in."""

    id = fields.String()
    at = Instant()
    who = fields.String()
    what = fields.String()
    target = fields.String()
    address = fields.String()
    details = fields.Dict()


class AuditPage(Answer):
    """A page of entries, and where the next one begins."""

    entries = fields.List(fields.Nested(AuditEntry))
    nextCursor = fields.String(metadata=OPTIONAL)
