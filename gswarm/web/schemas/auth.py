"""What the ``/api/auth`` paths take and answer."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf

from . import Strict
from .accounts import is_project
from .admin import Credentials, SessionShown


class SetOut(Strict):
    """The query of ``GET /api/auth/google``."""

    intent = fields.String(load_default="link", validate=OneOf(("link", "signin")))
    login_hint = fields.String(load_default=None, validate=Length(1, 320))
    project = fields.String(load_default=None, validate=is_project)
    paste = fields.Boolean(load_default=False)


class CameBack(Schema):
    """The query of ``GET /api/auth/callback``; Google adds what it likes."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String()
    code = fields.String()
    error = fields.String()


class BeginLogin(Credentials):
    """The body of ``POST /api/auth/login``."""

    login_hint = fields.String(
        data_key="loginHint", load_default=None, validate=Length(1, 320)
    )
    project = fields.String(load_default=None, allow_none=True, validate=is_project)


class BegunLogin(SessionShown):
    """A session, and where its owner goes on to link an account."""

    authUrl = fields.String()
    state = fields.String()


class PastedAddress(Strict):
    """The body of ``POST /api/auth/callback-url``: where the browser ended."""

    url = fields.String(required=True, validate=Length(1, 10_000))
