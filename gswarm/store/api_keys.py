"""API keys in the store: one record each, found by the key's own first digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import orjson

from ..limits.api_key import ApiKey, KeyUse
from . import names
from .connection import Store
from .scripts import Script

USE = ("requests", "tokens", "last_used_at")


class ApiKeyRecords:
    """Records of API keys. Raises `StoreUnavailable`."""

    _replace = Script("replace_field")

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, key_id: str) -> ApiKey | None:
        record = self._store.hget(names.API_KEYS, key_id)
        return _from_json(str(record)) if record else None

    def read_all(self) -> list[tuple[ApiKey, KeyUse]]:
        """Every key with its use, oldest first."""
        with self._store.pipeline() as pipe:
            pipe.hvals(names.API_KEYS)
            pipe.hgetall(names.API_KEY_USES)
            records, uses = pipe.execute()
        keys = sorted(map(_from_json, records), key=_age)
        return [(key, _use_of(key.id, uses)) for key in keys]

    def read_use(self, key_id: str) -> KeyUse:
        """What one key was used for."""
        counters = [f"{key_id}:{count}" for count in USE]
        values: list[Any] = self._store.hmget(names.API_KEY_USES, counters)
        known = zip(counters, values, strict=True)
        return _use_of(key_id, {counter: value for counter, value in known if value})

    def add(self, key: ApiKey) -> ApiKey | None:
        """Keep a new key and number it; None when its id is taken."""
        made = replace(key, number=int(self._store.incr(names.API_KEYS_MADE)))
        is_new = self._store.hsetnx(names.API_KEYS, made.id, _as_json(made))
        return made if is_new else None

    def change(self, key_id: str, edit: Callable[[ApiKey], ApiKey]) -> ApiKey | None:
        """Replace a record by its edited self, whoever else edits; None if unknown."""
        while record := self._store.hget(names.API_KEYS, key_id):
            key = edit(_from_json(str(record)))
            args = [key_id, record, _as_json(key)]
            if self._replace(self._store, [names.API_KEYS], args):
                return key
        return None


def _age(key: ApiKey) -> tuple[float, int]:
    """What puts keys in the order they were made in, also within one instant."""
    return key.created_at, key.number


def _as_json(key: ApiKey) -> str:
    return orjson.dumps(key).decode()


@lru_cache(maxsize=1024)
def _from_json(record: str) -> ApiKey:
    """Parsed once per record: the same key asks again and again."""
    known = {field.name for field in fields(ApiKey)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in orjson.loads(record).items()
        if name in known
    }
    return ApiKey(**values)


def _use_of(key_id: str, uses: dict[str, str]) -> KeyUse:
    used_at = uses.get(f"{key_id}:last_used_at")
    return KeyUse(
        requests=int(uses.get(f"{key_id}:requests", 0)),
        tokens=int(uses.get(f"{key_id}:tokens", 0)),
        last_used_at=float(used_at) / 1000 if used_at else None,
    )
