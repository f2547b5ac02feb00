"""What the ``/api/admin`` paths take and answer."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length

from . import Answer, Instant, Strict


class Credentials(Strict):
    """The body of ``POST /api/admin/login``."""

    username = fields.String(required=True, validate=Length(1, 200))
    password = fields.String(required=True, validate=Length(1, 1000))


class WaysIn(Answer):
    """How one may sign in, beside a password."""

    authenticated = fields.Boolean()
    google = fields.Boolean()


class SessionShown(Answer):
    """Somebody who is signed in."""

    authenticated = fields.Boolean()
    user = fields.String()
    expiresAt = Instant()
    csrfToken = fields.String()
    simulated = fields.Boolean(
        metadata={"description": "Another address stands in for Google's."}
    )
    canLink = fields.Boolean(
        metadata={"description": "An OAuth client is set up: accounts can be linked."}
    )


class SessionEnded(Answer):
    """Nobody is signed in any more."""

    authenticated = fields.Boolean()
