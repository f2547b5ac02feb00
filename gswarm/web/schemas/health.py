"""What ``/healthz`` and ``/readyz`` answer."""

from __future__ import annotations

from marshmallow import fields

from . import Answer


class Health(Answer):
    """One word: ok, ready or unavailable."""

    status = fields.String()
