"""Accounts come and go: what was verified is kept, and is in the pool at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest, NotFound, Verdict
from ..google.oauth import OAuth
from ..google.traits import traits_of
from ..store.accounts import Accounts
from ..store.projects import Project, Projects
from .credentials import Credentials
from .discovery import Discovery, Found
from .import_file import Entry, GoogleEntry
from .verification import Verification, Verified

logger = logging.getLogger(__name__)

AT_ONCE = 4
"""Entries that are enrolled at the same time."""

NO_PROJECT = "It works, but no project of it is known yet."


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one entry.

    ``problem`` says, in Google's words, why it is not in the pool, and is None for an
    account that is; ``action_url`` is where a human can mend it.
    """

    account: str
    upstream: str
    projects: tuple[str, ...] = ()
    problem: str | None = None
    action_url: str | None = None


def describe(enrolled: Enrolled) -> dict[str, Any]:
    """What became of an entry, as the API and the command line show it."""
    return {
        "email": enrolled.account,
        "upstream": enrolled.upstream,
        "projects": list(enrolled.projects),
        "problem": enrolled.problem,
        "actionUrl": enrolled.action_url,
    }


@dataclass(frozen=True, slots=True)
class Rediscovered:
    """An account's projects after another look at Google, and what changed."""

    projects: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


class Enrolment:
    """Brings accounts into the pool and takes them out, at once for every process."""

    def __init__(
        self,
        accounts: Accounts,
        projects: Projects,
        verification: Verification,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._projects = projects
        self._verification = verification
        self._clock = clock

    def enrol(self, entry: Entry) -> Enrolled:
        """Verify an entry and put it into the pool; doing it again repairs it.

        One that Google refuses is kept with the reason, out of the pool. When Google
        does not answer nothing is known, and nothing is changed.
        """
        try:
            verified = self._verification.verify(entry)
            if self._is_worth_keeping(verified):
                self._keep(verified)
        except (Verdict, InvalidRequest, NotFound) as error:
            return Enrolled(entry.account, entry.upstream, (), error.message)
        return self._enrolled(verified)

    def onboard(self, account: str, project: str | None = None) -> Enrolled:
        """Onboard an account that is known, with the project of this id or number, or
        the first of its own that works. Raises `NotFound`."""
        known = self._accounts.find(account)
        if known is None or not traits_of(known.upstream).has_projects:
            raise NotFound(f"There is no Google account {account!r}.")
        kept = self._accounts.opened(self._accounts.credential(account))
        if "refresh_token" not in kept:
            raise NotFound(f"{account} has no credential any more; sign in again.")
        entry = GoogleEntry(
            known.email,
            kept["refresh_token"],
            kept.get("client_id"),
            kept.get("client_secret"),
            self._only_projects(known.email),
            project,
        )
        return self.enrol(entry)

    def complete(self, account: str, project: str) -> str | None:
        """Onboard an account that has waited for this project; why that failed."""
        known = self._accounts.find(account)
        if known is None or not known.needs_project:
            return None
        return self.onboard(account, project).problem

    def _only_projects(self, account: str) -> tuple[str, ...]:
        """Those that were named when it was imported, where it may serve with no
        others."""
        is_free = self._projects.discovered(account)
        return () if is_free else _sorted(self._projects.of(account))

    def enrol_all(self, entries: Sequence[Entry]) -> list[Enrolled]:
        """Enrol entries, a few at a time."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(self.enrol, entries))

    def rediscover(
        self, email: str, discovery: Discovery, credentials: Credentials
    ) -> Rediscovered:
        """Look for an account's projects again; raises a `Verdict` or `NotFound`."""
        account = self._accounts.find(email)
        if account is None or not traits_of(account.upstream).has_projects:
            raise NotFound(f"There is no Google account {email!r}.")
        found = discovery.projects(credentials.refresh(email))
        before = self._projects.of(email)
        self.adopt(email, found)
        # An empty list is more likely a missing permission than a deleted world.
        listed = {each.id for each in found}
        gone = self._projects.discovered(email) - listed if found else set()
        self._projects.remove(email, gone)
        after = self._projects.of(email)
        return Rediscovered(_sorted(after), _sorted(after - before), _sorted(gone))

    def rediscover_all(self, discovery: Discovery, credentials: Credentials) -> None:
        """Look for the projects of every account that can be asked, again. What Google
        does not tell stays as it is known."""
        emails = [
            account.email
            for account in self._accounts.all()
            if traits_of(account.upstream).has_projects and not account.is_invalid
        ]

        def look(email: str) -> None:
            try:
                self.rediscover(email, discovery, credentials)
            except (Verdict, NotFound) as error:
                logger.warning("%s: no new look at its projects: %s", email, error)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(look, emails))

    def remove(self, account: str, *, revoke_at: OAuth | None = None) -> bool:
        """Forget an account, and end its grant at Google too where ``revoke_at``; tells
        whether that was done. One that Google has turned away is only forgotten."""
        known = self._accounts.find(account)
        if known is None:
            raise NotFound(f"There is no account {account!r}.")
        is_revoked = False
        if revoke_at and not known.is_invalid:
            is_revoked = self._revoke(account, revoke_at)
        self._accounts.remove(account)
        return is_revoked

    def _revoke(self, account: str, oauth: OAuth) -> bool:
        kept = self._accounts.opened(self._accounts.credential(account))
        if "refresh_token" in kept:
            oauth.revoke(kept["refresh_token"])
        return "refresh_token" in kept

    def _is_worth_keeping(self, verified: Verified) -> bool:
        """A dead credential must not push out another that lives."""
        if not verified.problem:
            return True
        known = self._accounts.find(verified.account) if verified.account else None
        if known is None or known.is_invalid:
            return bool(verified.account)
        kept = self._accounts.opened(self._accounts.credential(verified.account))
        secrets = ("refresh_token", "api_key")
        return any(
            name in kept and kept[name] == verified.credential.get(name)
            for name in secrets
        )

    def _keep(self, verified: Verified) -> None:
        self._accounts.keep(
            verified.account,
            verified.upstream,
            verified.credential,
            tier=verified.tier,
            verdict=verified.problem,
        )
        self.adopt(verified.account, verified.found)

    def _enrolled(self, verified: Verified) -> Enrolled:
        account, problem = verified.account, verified.problem
        projects = _sorted(self._projects.of(account)) if account else ()
        words = None if projects else NO_PROJECT
        if problem:
            words = problem.message
        url = problem.action_url if problem else None
        return Enrolled(account, verified.upstream, projects, words, url)

    def adopt(self, account: str, found: Iterable[Found]) -> None:
        """Put projects into the catalogue, in rotation unless their API is disabled;
        one that is there by its number gives way to its id. Raises `NotFound` for an
        account that has been removed meanwhile."""
        found = list(found)
        refused = self._projects.add(self._project(account, each) for each in found)
        numbers = {each.number for each in found if each.number}
        self._projects.remove(account, numbers & self._projects.of(account))
        for project_id, owner in refused.items():
            if not owner:
                raise NotFound(f"There is no account {account!r} any more.")
            logger.warning("%s already serves %s", project_id, owner)

    def _project(self, account: str, found: Found) -> Project:
        return Project(
            found.id,
            account,
            name=found.name,
            api_enabled=found.api_enabled,
            created_at=self._clock(),
            enabled=found.api_enabled is not False,
            stays=found.stays,
        )


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))
