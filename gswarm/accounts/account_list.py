"""The accounts as people see them: how each is, what it serves with, and since when."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound
from ..google.traits import traits_of
from ..store.accounts import Account, Accounts
from ..store.projects import Projects
from ..timestamps import iso


@dataclass(frozen=True, slots=True)
class Row:
    """One account, at the instant ``seen_at``."""

    account: Account
    project_ids: tuple[str, ...]
    last_used_at: float
    seen_at: float

    @property
    def status(self) -> str:
        """``invalid``, ``disabled``, ``cooldown`` or ``active``."""
        if self.account.is_invalid:
            return "invalid"
        if not self.account.enabled:
            return "disabled"
        rests = self.account.rests_until > self.seen_at
        return "cooldown" if rests else "active"

    @property
    def is_expired(self) -> bool:
        """Whether its access token is over; the next request fetches another."""
        account = self.account
        can_end = traits_of(account.upstream).uses_oauth
        return can_end and account.access_ends_at <= self.seen_at


class AccountList:
    """Reads the rows. Raises `StoreUnavailable`."""

    def __init__(
        self,
        accounts: Accounts,
        projects: Projects,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._projects = projects
        self._clock = clock

    def rows(self) -> list[Row]:
        """Every account, by name."""
        projects = self._projects.all()
        uses = self._projects.last_uses([project.id for project in projects])
        used: dict[str, dict[str, float]] = defaultdict(dict)
        for project, last_use in zip(projects, uses, strict=True):
            used[project.account][project.id] = last_use
        now = self._clock()
        return [
            _row(account, used.get(account.email, {}), now)
            for account in self._accounts.all()
        ]

    def row(self, name_or_id: str) -> Row:
        """One account; raises `NotFound`."""
        account = self.find(name_or_id)
        ids = sorted(self._projects.of(account.email))
        used = dict(zip(ids, self._projects.last_uses(ids), strict=True))
        return _row(account, used, self._clock())

    def find(self, name_or_id: str) -> Account:
        """The account of this e-mail, name or id; raises `NotFound`."""
        for name in (name_or_id, name_or_id.lower()):
            if known := self._accounts.find(name):
                return known
        for account in self._accounts.all():
            if id_of(account) == name_or_id:
                return account
        raise NotFound(f"There is no account {name_or_id!r}.")


def id_of(account: Account) -> str:
    """A name for addresses: e-mails do not belong in other people's logs."""
    return hashlib.sha256(account.email.encode()).hexdigest()[:16]


def describe(row: Row) -> dict[str, Any]:
    """A row, as the API and the command line show it."""
    account = row.account
    shown = {
        "id": id_of(account),
        "email": account.email,
        "upstream": account.upstream,
        "status": row.status,
        "enabled": account.enabled,
        "tier": account.tier or None,
        "projects": len(row.project_ids),
        "projectIds": list(row.project_ids),
        "isInvalid": account.is_invalid,
        "invalidReason": account.invalid_reason or _refused(account),
        "actionUrl": account.action_url or None,
        "isExpired": row.is_expired,
    }
    if account.needs_project:
        shown["needsProject"] = True
    instants = {
        "tokenExpiry": account.access_ends_at,
        "lastUsed": row.last_used_at,
        "createdAt": account.created_at,
        "updatedAt": account.updated_at,
    }
    return shown | {name: iso(at) if at else None for name, at in instants.items()}


def _refused(account: Account) -> str | None:
    """What Google says to an account that it turns away for a while."""
    return account.rest_message or None if account.rest_reason == "auth" else None


def _row(account: Account, used: dict[str, float], now: float) -> Row:
    return Row(account, tuple(sorted(used)), max(used.values(), default=0.0), now)
