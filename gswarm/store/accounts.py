"""Accounts: who they are, whether they are usable, and their sealed credentials."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ProjectNeeded, SettingsError, Verdict
from . import names
from .connection import Pipeline, Store
from .encryption import Seal
from .events import publish
from .pool import replace_accounts
from .scripts import Script

logger = logging.getLogger(__name__)

SECRET_FIELDS = frozenset({"refresh_token", "access_token", "client_secret", "api_key"})

_forget = Script("forget")
_repair = Script("repair")
_keep_access = Script("keep_access")
_replace_field = Script("replace_field")


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account, without its credential.

    ``email`` is its name for API-key accounts. ``is_invalid`` with ``invalid_word`` (a
    verdict's word) and ``invalid_reason`` (in Google's words) says that it is out of
    the pool for good; ``rests_until`` that it rests for a while, ``rest_reason`` why,
    ``rest_message`` in whose words;
    ``action_url`` is where a human can end either.
    ``access_ends_at`` is when its access token expires. Instants are epoch seconds.
    """

    email: str
    upstream: str
    enabled: bool = True
    is_invalid: bool = False
    invalid_word: str = ""
    invalid_reason: str = ""
    action_url: str = ""
    tier: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0
    rests_until: float = 0.0
    rest_reason: str = ""
    rest_message: str = ""
    access_ends_at: float = 0.0

    @property
    def needs_project(self) -> bool:
        """Whether it can be served once its owner has named one of its projects."""
        return self.is_invalid and self.invalid_word == ProjectNeeded.word


class Accounts:
    """The accounts in the store. A change moves its projects in the pool at once, for
    every process. All of it raises `StoreUnavailable`."""

    def __init__(
        self, store: Store, seal: Seal, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock

    def keep(
        self,
        email: str,
        upstream: str,
        credential: Mapping[str, str],
        *,
        tier: str = "",
        verdict: Verdict | None = None,
    ) -> None:
        """Add an account, or give it a new credential; either makes it usable, unless
        a ``verdict`` says why it is not.

        ``credential``: refresh_token, access_token, client_id, client_secret, api_key,
        expiry_date (ms), in clear.
        """
        now = str(self._clock())
        sealed: dict[Any, str] = {**self.sealed(credential)}
        record: dict[Any, str] = {
            "upstream": upstream,
            "enabled": "1",
            "tier": tier,
            "updated_at": now,
        }
        with self._store.pipeline(transaction=True) as pipe:
            pipe.sadd(names.ACCOUNTS, email)
            pipe.hset(names.account(email), mapping=record)
            pipe.hsetnx(names.account(email), "created_at", now)
            pipe.delete(names.credential(email))
            pipe.hset(names.credential(email), mapping=sealed)
            _repair(pipe, (), [self._now_ms(), email])
            if verdict:
                self._invalidate(pipe, email, verdict)
            pipe.execute()

    def invalidate(self, email: str, verdict: Verdict) -> None:
        """Take an account out of the pool until it is repaired."""
        with self._store.pipeline(transaction=True) as pipe:
            self._invalidate(pipe, email, verdict)
            pipe.execute()

    def enable(self, email: str, enabled: bool) -> None:
        """Put an account in rotation, forgetting why it was not, or take it out."""
        record: dict[Any, str] = {
            "enabled": str(int(enabled)),
            "updated_at": str(self._clock()),
        }
        with self._store.pipeline(transaction=True) as pipe:
            pipe.hset(names.account(email), mapping=record)
            if enabled:
                _repair(pipe, (), [self._now_ms(), email])
            else:
                replace_accounts(pipe, self._clock(), [email])
            pipe.execute()

    def remove(self, email: str) -> None:
        """Forget an account, its credential and its projects."""
        _forget(self._store, (), [self._now_ms(), email])

    def find(self, email: str) -> Account | None:
        """One account, or None."""
        return self._read([email])[0]

    def all(self) -> list[Account]:
        """Every account, by e-mail."""
        emails: Any = self._store.smembers(names.ACCOUNTS)
        return [found for found in self._read(sorted(emails)) if found]

    # ------------------------------------------------------------ credentials

    def credential(self, email: str) -> dict[str, str]:
        """An account's credential fields as stored, the secret ones sealed."""
        fields: Any = self._store.hgetall(names.credential(email))
        return dict(fields)

    def keep_access(
        self,
        email: str,
        sealed_refresh_token: str,
        access_token: str,
        ends_at: float,
        new_refresh_token: str | None = None,
    ) -> bool:
        """Keep a fresh access token, and the refresh token that came with it, if one
        did; False if the account has signed in anew since."""
        new = self._seal.seal(new_refresh_token) if new_refresh_token else ""
        args = [sealed_refresh_token, self._seal.seal(access_token), _ms(ends_at), new]
        return bool(_keep_access(self._store, [names.credential(email)], args))

    def sealed(self, credential: Mapping[str, str]) -> dict[str, str]:
        """Credential fields as they are stored."""
        return {
            name: self._seal.seal(value) if name in SECRET_FIELDS else str(value)
            for name, value in credential.items()
        }

    def opened(self, sealed: Mapping[str, str]) -> dict[str, str]:
        """Credential fields in clear."""
        return {
            name: self._seal.open(value) if name in SECRET_FIELDS else value
            for name, value in sealed.items()
        }

    def reseal(self) -> int:
        """Seal with the newest key what an older one sealed; says how many fields."""
        emails: Any = self._store.smembers(names.ACCOUNTS)
        resealed = 0
        for email in emails:
            try:
                resealed += self._reseal(email)
            except SettingsError as error:
                logger.error("%s: %s", email, error)
        return resealed

    def _reseal(self, email: str) -> int:
        """A field changed in between keeps its change: it is sealed anew anyway."""
        key = names.credential(email)
        stale = {
            name: value
            for name, value in self.credential(email).items()
            if name in SECRET_FIELDS and not self._seal.is_current(value)
        }
        for name, value in stale.items():
            fresh = self._seal.seal(self._seal.open(value))
            _replace_field(self._store, [key], [name, value, fresh])
        return len(stale)

    # ---------------------------------------------------------------- records

    def _invalidate(self, pipe: Pipeline, email: str, verdict: Verdict) -> None:
        record: dict[Any, str] = {
            "is_invalid": "1",
            "invalid_word": verdict.word,
            "invalid_reason": verdict.message,
            "action_url": verdict.action_url or "",
            "updated_at": str(self._clock()),
        }
        pipe.hset(names.account(email), mapping=record)
        replace_accounts(pipe, self._clock(), [email])
        told = {
            "account": email,
            "reason": verdict.word,
            "message": verdict.message,
            "actionUrl": verdict.action_url,
        }
        publish(pipe, "account_invalid", told)

    def _read(self, emails: list[str]) -> list[Account | None]:
        with self._store.pipeline() as pipe:
            for email in emails:
                pipe.hgetall(names.account(email))
                pipe.hget(names.credential(email), "expiry_date")
            replies = pipe.execute()
        return [
            _account(email, record, access_ends, self._clock())
            if record.get("upstream")
            else None
            for email, record, access_ends in zip(
                emails, replies[::2], replies[1::2], strict=True
            )
        ]

    def _now_ms(self) -> int:
        return _ms(self._clock())


def _account(
    email: str, record: dict[str, str], access_ends: str | None, now: float
) -> Account:
    is_invalid = record.get("is_invalid") == "1"
    rests_until = float(record.get("cooldownUntil", 0)) / 1000
    is_out = is_invalid or rests_until > now
    return Account(
        email=email,
        upstream=record["upstream"],
        enabled=record.get("enabled") == "1",
        is_invalid=is_invalid,
        invalid_word=record.get("invalid_word", ""),
        invalid_reason=record.get("invalid_reason", ""),
        action_url=record.get("action_url", "") if is_out else "",
        tier=record.get("tier", ""),
        created_at=float(record.get("created_at", 0)),
        updated_at=float(record.get("updated_at", 0)),
        rests_until=rests_until,
        rest_reason=record.get("cooldownReason", ""),
        rest_message=record.get("cooldownMessage", "") if rests_until > now else "",
        access_ends_at=float(access_ends or 0) / 1000,
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
