"""New access tokens before anybody needs them, and when an admin asks for them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..errors import Conflict, SettingsError, Verdict
from ..google.traits import traits_of
from ..store.accounts import Account, Accounts
from ..store.locks import Locks
from .credentials import Credentials

logger = logging.getLogger(__name__)

ROUND_SECONDS = 30.0
"""How often the background looks, over all processes together."""

AHEAD_SECONDS = 600.0
"""It is that far ahead: a request refreshes for itself when 300 are left."""

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of one account's refresh; ``problem`` is in Google's words."""

    account: str
    problem: str | None = None


class TokenRefresh:
    """Refreshes accounts beside the requests. It takes as long as Google does."""

    def __init__(
        self,
        accounts: Accounts,
        credentials: Credentials,
        locks: Locks,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
        self._locks = locks
        self._clock = clock

    def go_round(self) -> None:
        """The background's errand: every process runs it, one of them does it."""
        if self._locks.claim("refreshing", ROUND_SECONDS):
            self.refresh_due()

    def refresh_due(self) -> list[Refreshed]:
        """Replace what ends soon."""
        soon = self._clock() + AHEAD_SECONDS
        due = [each for each in self._usable() if each.access_ends_at < soon]
        return self._refresh(due, AHEAD_SECONDS)

    def refresh_all(self) -> list[Refreshed]:
        """Replace every access token, however long it would have lived."""
        return self._refresh(self._usable(), math.inf)

    def refresh_one(self, account: Account) -> list[Refreshed]:
        """Replace one account's access token; raises `Conflict` if it has none."""
        if not traits_of(account.upstream).uses_oauth:
            raise Conflict(f"{account.email} is an API key; there is no token of it.")
        return self._refresh([account], math.inf)

    def _usable(self) -> list[Account]:
        return [
            account
            for account in self._accounts.all()
            if traits_of(account.upstream).uses_oauth
            and account.enabled
            and not account.is_invalid
        ]

    def _refresh(self, accounts: Iterable[Account], margin: float) -> list[Refreshed]:
        def refresh(account: Account) -> Refreshed:
            return self._refreshed(account.email, margin)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(refresh, accounts))

    def _refreshed(self, email: str, margin: float) -> Refreshed:
        try:
            self._credentials.refresh(email, margin)
        except Verdict as verdict:
            logger.warning("%s: no new access token: %s", email, verdict.message)
            return Refreshed(email, verdict.message)
        except SettingsError as error:  # one unreadable credential must not stop all
            logger.error("%s: %s", email, error)
            return Refreshed(email, str(error))
        return Refreshed(email)
