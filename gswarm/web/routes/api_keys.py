"""The API keys of this gateway, as the dashboard sees and changes them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from ...keys.api_keys import ApiKeys, describe
from ...store.audit import Audit
from ..bodies import read_json
from ..documentation import documented
from ..guards import Guard
from ..schemas import load
from ..schemas.api_keys import (
    ApiKeyAnswer,
    ApiKeyList,
    ApiKeySettings,
    MadeApiKey,
    NewApiKey,
)

BODY_LIMIT = 128 * 1024


def blueprint(guard: Guard, keys: ApiKeys, audit: Audit) -> Blueprint:
    """``/api/api-keys``: list, make, change, revoke."""
    api_keys = Blueprint("api_keys", __name__, url_prefix="/api/api-keys")

    @api_keys.get("")
    @guard.session_required
    @documented(answers=ApiKeyList)
    def list_keys() -> dict[str, Any]:
        """List every API key. Revoked ones are among them."""
        known = keys.list()
        shown = [describe(key, use) for key, use in known]
        return {"apiKeys": shown, "total": len(shown)}

    @api_keys.post("")
    @guard.session_required
    @documented(body=NewApiKey, answers={201: MadeApiKey})
    def make_key() -> tuple[dict[str, Any], int]:
        """Make an API key. The raw key is shown this once."""
        settings: Any = load(NewApiKey(), read_json(request.environ, BODY_LIMIT))
        key, raw = keys.create(**settings)
        note("api_key.created", key.id, NewApiKey().dump(settings))
        return {**describe(key), "key": raw}, 201

    @api_keys.patch("/<key_id>")
    @guard.session_required
    @documented(body=ApiKeySettings, answers=ApiKeyAnswer)
    def change_key(key_id: str) -> dict[str, Any]:
        """Change an API key. It acts at once, in every process."""
        settings: Any = load(ApiKeySettings(), read_json(request.environ, BODY_LIMIT))
        key = keys.change(key_id, **settings)
        note("api_key.changed", key_id, ApiKeySettings().dump(settings))
        return describe(key, keys.use_of(key_id))

    @api_keys.delete("/<key_id>")
    @guard.session_required
    @documented(answers=ApiKeyAnswer)
    def revoke_key(key_id: str) -> dict[str, Any]:
        """Revoke an API key. It stays in the list, and opens nothing any more, in any
        process."""
        key = keys.revoke(key_id)
        note("api_key.revoked", key_id, {"name": key.name})
        return describe(key, keys.use_of(key_id))

    def note(what: str, key_id: str, details: dict[str, Any]) -> None:
        audit.write(g.who, what, key_id, g.address, details)

    return api_keys
