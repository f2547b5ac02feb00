"""What the ``/api/admin`` paths take."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length

from . import Strict


class Credentials(Strict):
    """The body of ``POST /api/admin/login``."""

    username = fields.String(required=True, validate=Length(1, 200))
    password = fields.String(required=True, validate=Length(1, 1000))
