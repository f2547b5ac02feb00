"""What a key that only watches is not shown: e-mails, projects, other keys' requests.

The names of accounts and projects become short hashes, the same everywhere; words of
Google's that may name one lose them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g

from ..google.error_body import scrub
from ..limits.api_key import ApiKey
from ..monitoring.record import Record

ACCOUNTS = frozenset({"email", "account", "account_id"})
PROJECTS = frozenset({"projectId", "projectIds", "project", "project_id"})
BY_ACCOUNT, BY_PROJECT = "by_account", "by_project"
WORDS = frozenset({"message", "invalidReason"})
LINKS = frozenset({"actionUrl"})


@dataclass(frozen=True, slots=True)
class Discretion:
    """What is hidden from somebody: ``key_id`` is theirs where they see nothing of
    other keys."""

    hides_accounts: bool = False
    hides_projects: bool = False
    key_id: str | None = None

    def account(self, name: str) -> str:
        """An account as they may know it."""
        return short(name) if self.hides_accounts and name else name

    def project(self, name: str) -> str:
        """A project as they may know it."""
        return short(name) if self.hides_projects and name else name

    def shows(self, record: Mapping[str, Any]) -> bool:
        """Whether a request, or what is told of one, is theirs to see."""
        return self.key_id is None or record.get("key_id") == self.key_id

    def of(self, value: Any) -> Any:
        """The same value, wherever it names somebody, as they may know it."""
        if not self.hides_accounts:
            return value
        if isinstance(value, list | tuple):
            return [self.of(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {name: self._member(name, each) for name, each in value.items()}

    def _member(self, name: str, value: Any) -> Any:
        if name in ACCOUNTS:
            return _renamed(value, self.account)
        if name in PROJECTS:
            return _renamed(value, self.project)
        if name in (BY_ACCOUNT, BY_PROJECT):
            rename = self.account if name == BY_ACCOUNT else self.project
            return {rename(key): each for key, each in value.items()}
        if name in WORDS and isinstance(value, str):
            return scrub(value)
        return None if name in LINKS else self.of(value)


OPEN = Discretion()


def discretion() -> Discretion:
    """What is hidden from whoever makes the current request: nothing from somebody who
    is signed in, nor from a key with the scope ``admin``."""
    key: ApiKey | None = g.get("api_key")
    if key is None or "admin" in key.scopes:
        return OPEN
    return Discretion(True, not key.may_see_projects, key.id)


def short(name: str) -> str:
    """Stands for a name that is not shown; no way leads back."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def as_shown(record: Record, hidden: Discretion) -> Record:
    """A record without what only tells whose it is."""
    return {k: v for k, v in hidden.of(record).items() if k != "key_id"}


def _renamed(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, list | tuple):
        return [_renamed(each, rename) for each in value]
    return value
