"""A secret that works, for each account, at the price of one refresh at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ..errors import (
    AccountBlocked,
    AuthFailure,
    CredentialRejected,
    NotLoggedIn,
    ServerFailure,
)
from ..google.oauth import Grant, OAuth, OAuthClient
from ..google.traits import traits_of
from ..store.accounts import Accounts
from ..store.encryption import Seal
from ..store.locks import Locks

logger = logging.getLogger(__name__)

MARGIN_SECONDS = 300.0
"""An access token with less than this to live is replaced before it is used."""

LOCK_SECONDS = 10.0
"""A refresh takes a fraction of a second; a process that died in one blocks so long."""

PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.05

REFUSED_SECONDS = 5.0
"""Requests that took a project of the account before it left the pool do not ask Google
again about a dead refresh token; somebody who enables the account later does."""

MAX_OPENED = 4096
"""Secrets kept decrypted; opening one costs more than using it."""


class Reservation(Protocol):
    """What must be known of a taken project (`pool.Reservation`) to get its secret."""

    @property
    def account(self) -> str: ...

    @property
    def upstream(self) -> str: ...

    @property
    def sealed(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class _Need:
    """Why a new access token is wanted: ``usable`` is one that still serves meanwhile,
    ``refused`` one that does not, ``margin`` what another must have left to live."""

    usable: str | None = None
    refused: str | None = None
    margin: float = MARGIN_SECONDS


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Google's words about a refresh token (sealed, as it is stored) that is dead."""

    refresh_token: str
    until: float
    message: str


class Credentials:
    """Secrets for taken projects.

    Whoever needs a new access token while somebody is fetching one, in this process or
    another, uses the old one while it lives, else waits for the new one. Raises
    `NotLoggedIn` when the account must sign in again, another `AuthFailure` when its
    OAuth client is refused, `ServerFailure` when Google does not answer.
    """

    def __init__(
        self,
        accounts: Accounts,
        locks: Locks,
        seal: Seal,
        oauth: OAuth,
        *,
        client: OAuthClient | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``client`` refreshes the accounts that brought none of their own."""
        self._accounts = accounts
        self._locks = locks
        self._oauth = oauth
        self._client = client
        self._clock = clock
        self._open = lru_cache(MAX_OPENED)(seal.open)
        self._guard = threading.Lock()
        self._flights: dict[str, Future[str]] = {}
        self._refusals: dict[str, _Refusal] = {}

    def fresh(self, taken: Reservation) -> str:
        """An access token good for minutes, or the API key."""
        if not traits_of(taken.upstream).uses_oauth:
            return self._open(taken.sealed["api_key"])
        left = _ends_at(taken.sealed) - self._clock()
        if left > MARGIN_SECONDS:
            return self._open(taken.sealed["access_token"])
        usable = self._open(taken.sealed["access_token"]) if left > 0 else None
        return self._replaced(taken.account, _Need(usable=usable))

    def renew(self, taken: Reservation, stale_secret: str) -> str:
        """A secret in place of one that Google refused."""
        if not traits_of(taken.upstream).uses_oauth:
            raise CredentialRejected("Google does not accept the API key.", status=401)
        while True:
            token = self._replaced(taken.account, _Need(refused=stale_secret))
            if token != stale_secret:
                return token

    def refresh(self, account: str, margin: float = MARGIN_SECONDS) -> str:
        """The account's access token, replaced if it has less than that to live.

        An account that must sign in again leaves the pool. About one that is out of it
        for good, Google is not asked before somebody enables it or signs in: it raises
        `AccountBlocked`.
        """
        known = self._accounts.find(account)
        if known and known.is_invalid and not known.needs_project:
            url = known.action_url or None
            raise AccountBlocked(known.invalid_reason, action_url=url)
        try:
            return self._replaced(account, _Need(margin=margin))
        except NotLoggedIn as verdict:
            self._accounts.invalidate(account, verdict)
            raise

    # ------------------------------------------------- one at a time, in this process

    def _replaced(self, account: str, need: _Need) -> str:
        """A new access token: ours to fetch, or the one being fetched."""
        with self._guard:
            flight = self._flights.get(account)
            if is_ours := flight is None:
                flight = self._flights[account] = Future()
        if is_ours:
            return self._fly(flight, account, need)
        return need.usable or flight.result()

    def _fly(self, flight: Future[str], account: str, need: _Need) -> str:
        outcome: Exception = ServerFailure(
            "Refreshing the access token was broken off."
        )
        try:
            token = self._replace_in_turn(account, need)
            flight.set_result(token)
            return token
        except Exception as error:
            outcome = error
            raise
        finally:
            del self._flights[account]
            if not flight.done():
                flight.set_exception(outcome)

    # ------------------------------------------------------- one at a time, everywhere

    def _replace_in_turn(self, account: str, need: _Need) -> str:
        patience_ends = self._clock() + PATIENCE_SECONDS
        while self._clock() < patience_ends:
            with self._locks.attempt(f"refresh:{account}", LOCK_SECONDS) as is_ours:
                if is_ours:
                    return self._replace(account, need)
            if need.usable:
                return need.usable
            time.sleep(POLL_SECONDS)
            token = self._kept(self._accounts.credential(account), need.refused, 0.0)
            if token:
                return token
        raise ServerFailure("Waited in vain for another process to refresh a token.")

    def _replace(self, account: str, need: _Need) -> str:
        """Fetch a new access token, unless somebody just did."""
        sealed = self._accounts.credential(account)
        token = self._kept(sealed, need.refused, need.margin)
        if token:
            return token
        try:
            return self._fetched(account, sealed)
        except ServerFailure:
            if need.usable:
                logger.warning("%s: no new access token yet, using the old", account)
                return need.usable
            raise

    def _kept(
        self, sealed: Mapping[str, str], refused: str | None, margin: float
    ) -> str | None:
        """The stored access token, if it is good for so long and was not refused."""
        if _ends_at(sealed) - self._clock() <= margin:
            return None
        token = self._open(sealed["access_token"])
        return None if token == refused else token

    def _fetched(self, account: str, sealed: Mapping[str, str]) -> str:
        refresh_token = sealed.get("refresh_token")
        if refresh_token is None:
            raise NotLoggedIn("The account has no credential any more.")
        self._check_refusal(account, refresh_token)
        try:
            grant = self._oauth.refresh(
                self._client_of(sealed), self._open(refresh_token)
            )
        except NotLoggedIn as verdict:
            newer = self._accounts.credential(account)
            if newer.get("refresh_token", refresh_token) == refresh_token:
                until = self._clock() + REFUSED_SECONDS
                self._refusals[account] = _Refusal(
                    refresh_token, until, verdict.message
                )
                raise
            return self._fetched(account, newer)
        self._keep(account, refresh_token, grant)
        return grant.access_token

    def _check_refusal(self, account: str, refresh_token: str) -> None:
        """Raise what Google said of this very refresh token a moment ago."""
        said = self._refusals.get(account)
        if said and said.refresh_token == refresh_token and self._clock() < said.until:
            raise NotLoggedIn(said.message)

    def _keep(self, account: str, refresh_token: str, grant: Grant) -> None:
        """Keep what Google gave for a refresh token, named as it was stored: unless
        somebody signed in anew meanwhile. Sealed with another key, it is the same."""
        given = (grant.access_token, grant.expires_at, grant.refresh_token)
        if self._accounts.keep_access(account, refresh_token, *given):
            return
        newer = self._accounts.credential(account).get("refresh_token")
        if newer and self._open(newer) == self._open(refresh_token):
            self._accounts.keep_access(account, newer, *given)

    def _client_of(self, sealed: Mapping[str, str]) -> OAuthClient:
        if "client_id" in sealed:
            secret = sealed.get("client_secret")
            return OAuthClient(
                sealed["client_id"], self._open(secret) if secret else ""
            )
        if self._client is None:
            raise AuthFailure("GOOGLE_CLIENT_ID is not set, and the account has none.")
        return self._client


def _ends_at(sealed: Mapping[str, str]) -> float:
    """When the stored access token ends; in the past where there is none."""
    return (
        float(sealed.get("expiry_date") or 0) / 1000 if "access_token" in sealed else 0
    )
