"""What an operator can change while GSwarm runs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from ..errors import GSwarmError
from ..rotation.cooldown import Cooldown
from ..rotation.pacing import Pacing
from ..settings import Settings
from . import names
from .connection import Store
from .scripts import Script

Values: TypeAlias = dict[str, Any]
"""The config as the API shows it, in camelCase; ``version`` counts its changes."""

_keep_config = Script("keep_config")

TABLES = frozenset({"limits", "aliases", "fallbacks"})
"""Parts an operator writes whole: what is left out of them is gone."""


class ConfigConflict(GSwarmError):
    """Somebody else has changed the config since it was read; ``current`` is theirs."""

    def __init__(self, current: Values) -> None:
        super().__init__("The config has changed since you read it.")
        self.current = current


class Config:
    """The operator's config, with a copy in this process, made when first asked for.

    `refresh` looks for changes made by others; call it about once a second. Raises
    `StoreUnavailable`: nobody is answered by figures that the operator has changed.
    """

    def __init__(self, store: Store, defaults: Values) -> None:
        self._store = store
        self._defaults = defaults
        self._changes: Values = {}
        self._values: Values | None = None
        self._pacing: tuple[Values, Pacing] | None = None

    @property
    def values(self) -> Values:
        """The config of the moment."""
        return self._values or self._load()

    @property
    def cooldown(self) -> Cooldown:
        """The figures of the moment."""
        return Cooldown.from_config(self.values["cooldown"])

    @property
    def pacing(self) -> Pacing:
        """The limits of the moment, read anew only when the config has changed."""
        values = self.values
        if self._pacing is None or self._pacing[0] is not values:
            self._pacing = values, Pacing.from_config(values["quotaManagement"])
        return self._pacing[1]

    def refresh(self) -> bool:
        """Read the config if it has changed; says whether it had."""
        version = int(self._store.hget(names.CONFIG, "version") or 0)
        if version == self.values["version"]:
            return False
        self._load()
        return True

    def change(self, changes: Mapping[str, Any], *, version: int) -> Values:
        """Merge ``changes`` into the config; ``version`` is the one they were made on.

        Raises `ConfigConflict` if that is not the newest. The shape is not checked
        here. Defaults that were never changed are not written, so that newer defaults
        reach old stores.
        """
        self._load()
        merged = merge(self._changes, changes)
        merged.pop("version", None)
        args = [version, orjson.dumps(merged)]
        is_kept = _keep_config(self._store, [names.CONFIG], args)
        values = self._load()
        if not is_kept:
            raise ConfigConflict(values)
        return values

    def _load(self) -> Values:
        stored: Any = self._store.hgetall(names.CONFIG)
        self._changes = orjson.loads(stored.get("json", "{}"))
        values = merge(self._defaults, self._changes)
        self._values = {**values, "version": int(stored.get("version", 0))}
        return self._values


def defaults(settings: Settings, aliases: Mapping[str, str]) -> Values:
    """The config nobody has changed yet. 0 is unlimited, null leaves it to the request;
    ``aliases`` are other names of models."""
    nobody = ("maxTokens", "temperature", "topP", "topK", "thinkingLevel")
    return {
        "googleSearch": {"enabled": False},
        "generation": {**dict.fromkeys(nobody), "includeThoughts": True},
        "systemPrompts": {"default": ""},
        "rateLimit": {
            "requestsPerMinute": 0,
            "burstLimit": 0,
            "tokensPerDay": 0,
            "maxConcurrent": 0,
        },
        "cooldown": {
            "initialMs": 60_000,
            "maxMs": 3_600_000,
            "multiplier": 2,
            "consecutiveErrorThreshold": 3,
            "authMs": 300_000,
        },
        "quotaManagement": {
            "trackingEnabled": True,
            "warningThreshold": 0.8,
            "limits": {},
        },
        "models": {
            "default": settings.model,
            "aliases": dict(aliases),
            "fallbacks": {},
            "hidden": [],
        },
        "cache": {"mode": settings.cache, "ttlSeconds": settings.cache_ttl},
        "responses": {"storeSeconds": 86_400},
    }


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Values:
    """``changes`` over ``base``, part by part; `TABLES` and lists change whole."""
    merged = copy.deepcopy(dict(base))
    for name, value in changes.items():
        both_are_parts = isinstance(value, Mapping) and isinstance(
            merged.get(name), Mapping
        )
        if both_are_parts and name not in TABLES:
            merged[name] = merge(merged[name], value)
        else:
            merged[name] = copy.deepcopy(value)
    return merged
