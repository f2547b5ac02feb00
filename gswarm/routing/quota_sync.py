"""What Google itself says is left of its quotas, asked for beside the requests."""

from __future__ import annotations

import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from ..accounts.credentials import Credentials
from ..errors import SettingsError, Verdict
from ..gemini.durations import read_instant
from ..gemini.models import called
from ..google.code_assist import Bucket, CodeAssist
from ..google.traits import CLOUDCODE, traits_of
from ..store.accounts import Account, Accounts
from ..store.locks import Locks
from ..store.projects import Projects
from ..store.quota import Told
from .quotas import Quotas

logger = logging.getLogger(__name__)

ROUND_SECONDS = 30.0
"""How often the background looks, over all processes together."""

ASK_SECONDS = 300.0
"""How often Google is asked about one account, at most."""

AT_ONCE = 8


class QuotaSync:
    """Asks Code Assist about the accounts in use; it takes as long as Google does."""

    def __init__(
        self,
        quotas: Quotas,
        accounts: Accounts,
        projects: Projects,
        credentials: Credentials,
        code_assist: CodeAssist,
        locks: Locks,
    ) -> None:
        self._quotas = quotas
        self._accounts = accounts
        self._projects = projects
        self._credentials = credentials
        self._code_assist = code_assist
        self._locks = locks

    def go_round(self) -> None:
        """The background's errand: every process runs it, one of them does it."""
        if self._locks.claim("quotas", ROUND_SECONDS):
            self.ask_google()

    def ask_google(self) -> None:
        """Ask what is left to the accounts in use, each when it is time."""
        in_use = {use.account for use in self._quotas.uses()}
        if not in_use:
            return
        due = [each for each in self._accounts.all() if self._is_due(each, in_use)]
        projects = {each.account: each.id for each in self._projects.all()}
        with ThreadPoolExecutor(AT_ONCE) as threads:
            asked = [
                threads.submit(self._ask, each.email, projects[each.email])
                for each in due
                if each.email in projects
            ]
        for each in asked:
            each.result()

    def _is_due(self, account: Account, in_use: Collection[str]) -> bool:
        return (
            account.email in in_use
            and traits_of(account.upstream).tells_quota
            and account.enabled
            and not account.is_invalid
            and self._locks.claim(f"quota:{account.email}", ASK_SECONDS)
        )

    def _ask(self, email: str, project_id: str) -> None:
        try:
            token = self._credentials.refresh(email)
            buckets = self._code_assist.quota(token, project_id)
        except (Verdict, SettingsError) as problem:
            logger.info("%s: its quota is not known: %s", email, problem)
            return
        for bucket in buckets:
            told = _told(email, bucket)
            if told:
                self._quotas.hear(told)


def _told(email: str, bucket: Bucket) -> Told | None:
    if bucket.remaining is None or not bucket.model:
        return None
    model, resets_at = (
        called(bucket.model, CLOUDCODE.name),
        read_instant(bucket.resets_at),
    )
    return Told(email, model, bucket.remaining, bucket.amount, resets_at)
