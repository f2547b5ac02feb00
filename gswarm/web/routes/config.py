"""What an operator can change while GSwarm runs, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request

from ...errors import Conflict, InvalidFields
from ...gemini.aliases import Aliases
from ...gemini.models import resolve
from ...store.audit import Audit
from ...store.config import Config, ConfigConflict, Values
from ..bodies import read_json
from ..documentation import documented
from ..guards import Guard
from ..schemas import load
from ..schemas.config import ConfigAnswer, ConfigChanges

FOR_ADMINS = frozenset({"systemPrompts", "alerts"})
"""Parts that hold words or secrets of the operator's."""

BODY_LIMIT = 1024 * 1024
MOST_ALIASES = 400


def blueprint(guard: Guard, config: Config, audit: Audit) -> Blueprint:
    """``/api/gswarm/config``: read and change it."""
    paths = Blueprint("config", __name__, url_prefix="/api/gswarm/config")

    @paths.get("")
    @guard.key_or_session("monitor", writes="admin")
    @documented(answers=ConfigAnswer)
    def show_config() -> Values:
        """Show the config, with its version. System prompts are shown to the scope
        `admin`."""
        config.refresh()
        if "api_key" in g and "admin" not in g.api_key.scopes:
            return {
                name: part
                for name, part in config.values.items()
                if name not in FOR_ADMINS
            }
        return config.values

    @paths.post("")
    @guard.key_or_session("monitor", writes="admin")
    @documented(body=ConfigChanges, answers=ConfigAnswer, refuses=(Conflict,))
    def change_config() -> Values:
        """Change the config. Every process follows within two seconds.

        The change names the version it was made on. Where somebody else has changed the
        config since, it is refused, with both in `details`: `current` and `yours`.
        """
        asked = load(ConfigChanges(), read_json(request.environ, BODY_LIMIT))
        changes = {name: value for name, value in asked.items() if name != "version"}
        config.refresh()
        check_together(*config.preview(changes))
        try:
            values = config.change(changes, version=asked["version"])
        except ConfigConflict as conflict:
            details = {"current": conflict.current, "yours": changes}
            raise Conflict(str(conflict), details=details) from None
        audit.write(g.who, "config.changed", "config", g.address, changes)
        return values

    return paths


def check_together(values: Mapping[str, Any], aliases: Aliases) -> None:
    """Raise `InvalidFields` where values that are right alone do not go together."""
    cooldown, models = values["cooldown"], values["models"]
    wrong = {}
    if cooldown["maxMs"] < cooldown["initialMs"]:
        wrong["cooldown.maxMs"] = ["Must not be less than initialMs."]
    if resolve(models["default"], aliases) is None:
        wrong["models.default"] = ["Is neither the name of a model nor an alias."]
    if len(models["aliases"]) > MOST_ALIASES:
        wrong["models.aliases"] = [f"There may be {MOST_ALIASES} rows."]
    if wrong:
        raise InvalidFields(wrong)
