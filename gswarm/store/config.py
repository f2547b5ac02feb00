"""What an operator can change while GSwarm runs."""

from __future__ import annotations

import copy
from collections import ChainMap
from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from ..errors import GSwarmError
from ..gemini.aliases import is_idle
from ..rotation.cooldown import CooldownPolicy
from ..rotation.pacing import Pacing
from ..settings import Settings
from . import names
from .connection import Store
from .scripts import Script

Values: TypeAlias = dict[str, Any]
"""The config as the API shows it, in camelCase; ``version`` counts its changes."""

_keep_config = Script("keep_config")

TABLES = frozenset({"limits", "fallbacks"})
"""Parts an operator writes whole: what is left out of them is gone."""
ROWS = frozenset({"aliases"})
"""Parts an operator writes row by row: null is a value there, "" takes a row away."""


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
    def aliases(self) -> ChainMap[str, str | None]:
        """Other names of models: the operator's rows, over the built-in ones."""
        return self._aliases_of(self.values and self._changes)

    @property
    def cooldown(self) -> CooldownPolicy:
        """The figures of the moment."""
        return CooldownPolicy.from_config(self.values["cooldown"])

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
        args = [version, orjson.dumps(self._changed(changes))]
        is_kept = _keep_config(self._store, [names.CONFIG], args)
        values = self._load()
        if not is_kept:
            raise ConfigConflict(values)
        return values

    def preview(
        self, changes: Mapping[str, Any]
    ) -> tuple[Values, ChainMap[str, str | None]]:
        """What the config and the `aliases` would be with these changes."""
        changed = self._changed(changes)
        return merge(self._defaults, changed), self._aliases_of(changed)

    def _changed(self, changes: Mapping[str, Any]) -> Values:
        merged = merge(self._changes, changes)
        merged.pop("version", None)
        self._tidy(_aliases_in(merged))
        return merged

    def _tidy(self, own: dict[str, str | None]) -> None:
        """Drop rows that switch off what nothing switches on."""
        built_in = _aliases_in(self._defaults)
        for name in [name for name in own if is_idle(name, own, built_in)]:
            del own[name]

    def _aliases_of(self, changes: Values) -> ChainMap[str, str | None]:
        return ChainMap(_aliases_in(changes), _aliases_in(self._defaults))

    def _load(self) -> Values:
        stored: Any = self._store.hgetall(names.CONFIG)
        self._changes = orjson.loads(stored.get("json", "{}"))
        values = merge(self._defaults, self._changes)
        self._values = {**values, "version": int(stored.get("version", 0))}
        return self._values


def _aliases_in(values: Values) -> dict[str, str | None]:
    aliases: dict[str, str | None] = values.get("models", {}).get("aliases", {})
    return aliases


def defaults(settings: Settings, aliases: Mapping[str, str | None]) -> Values:
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
        "media": {"allowedBuckets": []},
    }


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Values:
    """``changes`` over ``base``, part by part; `TABLES` and lists change whole, `ROWS`
    row by row."""
    merged = copy.deepcopy(dict(base))
    for name, value in changes.items():
        both_are_parts = isinstance(value, Mapping) and isinstance(
            merged.get(name), Mapping
        )
        if name in ROWS:
            rows = {**merged.get(name, {}), **value}
            merged[name] = {row: each for row, each in rows.items() if each != ""}
        elif both_are_parts and name not in TABLES:
            merged[name] = merge(merged[name], value)
        else:
            merged[name] = copy.deepcopy(value)
    return merged
