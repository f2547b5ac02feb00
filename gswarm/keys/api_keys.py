"""API keys: who is asking, what they may do, and how much of it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack
from weakref import WeakSet

from ..errors import (
    AddressNotAllowed,
    InvalidKey,
    InvalidRequest,
    MissingKey,
    NotFound,
    PermissionDenied,
)
from ..gemini.request import Body
from ..limits.api_key import ApiKey, KeyUse, checked
from ..limits.rate_limits import (
    Admission,
    Counts,
    Limits,
    admission,
    limits_of,
    tokens_expected,
)
from ..store.access_changes import AccessChanges, queue_change
from ..store.admission import queue_admission, queue_leave, queue_renewal
from ..store.api_keys import ApiKeyRecords
from ..store.connection import Pipeline, Store
from ..store.deferred import Later
from ..timestamps import iso

PREFIX = "sk-gswarm-"
RAW_KEY = re.compile(r"sk-gswarm-([0-9a-f]{8})[0-9a-f]{24}")
PLAYGROUND = ApiKey(
    id="playground", name="playground", scopes=("chat",), may_see_projects=True
)
"""Stands for the dashboard's own requests; never stored, under the config's limits."""

NO_USE = KeyUse()

FRESH_SECONDS = 1.0
"""A key that was looked up so recently is not looked up again, unless one has changed
since: every process hears of that at once. This is for a line to the store that died
without a word."""

MOST_FRESH = 1000


class KeySettings(TypedDict, total=False):
    """What may be chosen for a key, as in `ApiKey`."""

    name: str
    scopes: Sequence[str]
    expires_at: float | None
    is_active: bool
    rate_limit: int | None
    tokens_per_day: int | None
    max_concurrent: int | None
    allowed_endpoints: Sequence[str]
    allowed_ips: Sequence[str]
    allowed_models: Sequence[str]
    may_see_projects: bool


class ApiKeys:
    """Everything about API keys. Raises `StoreUnavailable`, never lets through instead.

    ``limits`` are for keys without limits of their own. A process that admits requests
    calls `renew` every few seconds, or their places are given to others.
    """

    def __init__(
        self,
        store: Store,
        *,
        limits: Callable[[], Limits] = Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._records = ApiKeyRecords(store)
        self._limits = limits
        self._clock = clock
        self._inside: WeakSet[Admission] = WeakSet()
        self._fresh: dict[bytes, tuple[float, ApiKey]] = {}
        self._times_forgotten = 0
        self._changes = AccessChanges(store, self._forget)

    # ------------------------------------------------------------ keeping

    def create(self, **settings: Unpack[KeySettings]) -> tuple[ApiKey, str]:
        """Make a key; returns it with the raw key, which nobody will see again.

        Raises `InvalidRequest` with the setting's name as ``param``.
        """
        blank = ApiKey(id="", name="", created_at=self._clock())
        wanted = checked(_with(blank, settings))
        while True:
            raw = PREFIX + secrets.token_hex(16)
            salt = secrets.token_hex(16)
            key = replace(wanted, id=_id_of(raw), salt=salt, digest=_digest(raw, salt))
            if made := self._records.add(key):
                return made, raw

    def list(self) -> Sequence[tuple[ApiKey, KeyUse]]:
        """Every key and what it was used for, oldest first."""
        return self._records.read_all()

    def use_of(self, key_id: str) -> KeyUse:
        """What a key was used for so far."""
        return self._records.read_use(key_id)

    def find(self, name_or_id: str) -> ApiKey:
        """The key of this id or name; an active one before a revoked one.

        Raises `NotFound`, or `InvalidRequest` when several share the name.
        """
        keys = [key for key, _ in self._records.read_all()]
        named = [key for key in keys if key.name == name_or_id]
        active = [key for key in named if key.is_active]
        found = [key for key in keys if key.id == name_or_id] or active or named
        if not found:
            raise NotFound(f"There is no API key {name_or_id!r}.")
        if len(found) > 1:
            raise InvalidRequest(
                f"{len(found)} API keys are called {name_or_id!r}; give the id."
            )
        return found[0]

    def revoke(self, key_id: str) -> ApiKey:
        """Let a key open nothing any more. Raises `NotFound`."""
        return self._edit(key_id, lambda key: replace(key, is_active=False))

    def change(self, key_id: str, **settings: Unpack[KeySettings]) -> ApiKey:
        """Change a key's settings, in effect everywhere at once.

        Raises `NotFound`, or `InvalidRequest` as `create` does.
        """
        return self._edit(key_id, lambda key: checked(_with(key, settings)))

    def _edit(self, key_id: str, edit: Callable[[ApiKey], ApiKey]) -> ApiKey:
        key = self._records.change(key_id, edit)
        self._forget()
        if key is None:
            raise NotFound(f"There is no API key {key_id!r}.")
        with self._store.pipeline() as pipe:
            queue_change(pipe, key_id)
            pipe.execute()
        return key

    def _forget(self) -> None:
        self._times_forgotten += 1
        self._fresh.clear()

    # ------------------------------------------------------------ using

    def identify(self, raw: str | None) -> ApiKey:
        """The key that was shown, whatever it may do: `check` says that.

        One read at most, however many keys there are. Raises `MissingKey`, or
        `InvalidKey` for one that nobody knows.
        """
        if not raw:
            raise MissingKey(
                "You didn't provide an API key. Send it in the Authorization header: "
                "`Authorization: Bearer YOUR_KEY`."
            )
        return self._known(raw)

    def check(self, key: ApiKey, *, address: str, path: str) -> None:
        """Raise `InvalidKey` for a key that is revoked or expired, `PermissionDenied`
        where it may not be used from there or for that."""
        self._check_life(key)
        if not key.allows_address(address):
            raise AddressNotAllowed(f"This API key may not be used from {address}.")
        if not key.allows_path(path):
            raise PermissionDenied(f"This API key may not be used for {path}.")

    def confirm(self, key: ApiKey) -> None:
        """Raise `InvalidKey` where a key, as it was identified, is revoked by now."""
        self._check_life(self._records.read(key.id) or replace(key, is_active=False))

    def check_model(self, key: ApiKey, *model_names: str) -> None:
        """Raise `PermissionDenied` unless the key allows one of a model's names."""
        if not any(map(key.allows_model, model_names)):
            raise PermissionDenied(
                f"This API key may not use the model `{model_names[0]}`.",
                code="model_not_allowed",
            )

    def admit(
        self,
        pipe: Pipeline,
        key: ApiKey,
        *,
        generates: bool = True,
        body: Body | None = None,
    ) -> Later[Admission]:
        """Queue a request for admission; `Admission.check` then raises the refusal.

        A request that does not generate is held to the requests per minute alone. The
        tokens that its Gemini ``body`` may come to count as used until it ends.
        """
        now, limits = self._clock(), limits_of(key, self._limits())
        place = secrets.token_hex(8) if generates else None
        tokens = tokens_expected(body or {}) if limits.tokens_per_day else 0

        def enter(counts: Counts) -> Admission:
            admitted = admission(key, limits, counts, place, now)
            if admitted.place:
                self._inside.add(admitted)
            return admitted

        return queue_admission(pipe, key, limits, place, now, tokens).then(enter)

    def finish(self, pipe: Pipeline, admitted: Admission, tokens: int = 0) -> None:
        """Queue the end of an admitted request: its tokens, and its place back.

        Should the pipeline fail, the place comes back by itself, no longer being
        renewed.
        """
        self._inside.discard(admitted)
        if tokens or admitted.place:
            queue_leave(pipe, admitted.key, admitted.place, tokens, self._clock())

    def renew(self) -> None:
        """Hold the places of this process's requests; due every few seconds.

        A request that was dropped without being finished is not held any longer.
        """
        held = [(inside.key.id, inside.place or "") for inside in self._inside]
        if held:
            with self._store.pipeline() as pipe:
                queue_renewal(pipe, held, self._clock())
                pipe.execute()

    def _known(self, raw: str) -> ApiKey:
        """The key, from memory where that is fresh, else from the store."""
        name, now = hashlib.sha256(raw.encode()).digest(), time.monotonic()
        until, key = self._fresh.get(name) or (0.0, None)
        if key is None or until < now:
            forgotten = self._times_forgotten
            self._changes.follow()
            key = self._looked_up(raw)
            if len(self._fresh) >= MOST_FRESH:
                self._fresh.clear()
            if forgotten == self._times_forgotten:
                self._fresh[name] = now + FRESH_SECONDS, key
        return key

    def _looked_up(self, raw: str) -> ApiKey:
        key = self._records.read(_id_of(raw)) if RAW_KEY.fullmatch(raw) else None
        if key is None or not hmac.compare_digest(key.digest, _digest(raw, key.salt)):
            raise InvalidKey(f"Incorrect API key provided: {_masked(raw)}.")
        return key

    def _check_life(self, key: ApiKey) -> None:
        if not key.is_active:
            raise InvalidKey("This API key has been revoked.")
        if key.is_expired(self._clock()):
            raise InvalidKey(f"This API key expired at {_iso(key.expires_at)}.")


def describe(key: ApiKey, use: KeyUse = NO_USE) -> dict[str, Any]:
    """A key as people and programs see it, without its digest."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "createdAt": _iso(key.created_at),
        "expiresAt": _iso(key.expires_at),
        "active": key.is_active,
        "rateLimit": key.rate_limit,
        "tokensPerDay": key.tokens_per_day,
        "maxConcurrent": key.max_concurrent,
        "allowedEndpoints": list(key.allowed_endpoints),
        "allowedIps": list(key.allowed_ips),
        "allowedModels": list(key.allowed_models),
        "maySeeProjects": key.may_see_projects,
        "lastUsedAt": _iso(use.last_used_at),
        "requests": use.requests,
        "tokens": use.tokens,
    }


def _with(key: ApiKey, settings: KeySettings) -> ApiKey:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in settings.items()
    }
    return replace(key, **values)


def _id_of(raw: str) -> str:
    return raw[len(PREFIX) : len(PREFIX) + 8]


def _digest(raw: str, salt: str) -> str:
    return hmac.digest(bytes.fromhex(salt), raw.encode(), "sha256").hex()


def _masked(raw: str) -> str:
    is_plain = len(raw) >= 12 and raw.isascii() and raw.isprintable()
    return f"{raw[:3]}***{raw[-4:]}" if is_plain else "***"


def _iso(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)
