"""What ``GET /api/audit`` takes."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Range, Regexp

from . import Strict

CURSOR = r"\A\d{1,15}-\d{1,15}\Z"


class AuditQuery(Strict):
    """``cursor`` is the ``nextCursor`` of the page before."""

    limit = fields.Integer(load_default=50, validate=Range(1, 200))
    cursor = fields.String(load_default=None, validate=Regexp(CURSOR))
