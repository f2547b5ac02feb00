"""Ask one project one tiny question, to see whether it answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..accounts.credentials import Credentials
from ..cancellation import Cancellation
from ..errors import AccessExpired, NotFound, Verdict
from ..google.upstream import Call, Upstream
from ..store.accounts import Account, Accounts
from ..store.projects import Project, Projects
from .neutral import QUESTION
from .quotas import Quotas

PATIENCE_SECONDS = 30.0


LASTING = frozenset({"auth", "not_logged_in", "not_found"})
"""Words of verdicts that wait for somebody to mend something."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: ``problem`` in Google's words, ``word`` its verdict's, and its
    ``status`` if it had one; ``action_url`` is where a human can mend it."""

    project_id: str
    milliseconds: int
    problem: str | None = None
    word: str | None = None
    status: int | None = None
    action_url: str | None = None

    @property
    def is_good(self) -> bool:
        return self.problem is None

    @property
    def is_refused(self) -> bool:
        """Whether Google was asked and refuses it: it is not just limited, or down."""
        return self.word in LASTING


def describe(trial: Trial) -> dict[str, Any]:
    """A trial as people see it."""
    shown: dict[str, Any] = {"ok": trial.is_good, "latencyMs": trial.milliseconds}
    said = {
        "status": trial.status,
        "message": trial.problem,
        "actionUrl": trial.action_url,
    }
    return shown | {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """As much of a taken project as credentials are made for."""

    account: str
    upstream: str
    sealed: Mapping[str, str]


class Trials:
    """Tries projects out beside the pool: whatever they answer, nothing rests for it.
    Only Google's quotas are used like by any other call."""

    def __init__(
        self,
        accounts: Accounts,
        projects: Projects,
        credentials: Credentials,
        upstreams: Mapping[str, Upstream],
        quotas: Quotas,
    ) -> None:
        self._accounts = accounts
        self._projects = projects
        self._credentials = credentials
        self._upstreams = upstreams
        self._quotas = quotas

    def run(self, project_id: str, model: str) -> Trial:
        """Try one project; raises `NotFound`."""
        project = self._projects.find(project_id)
        account = self._accounts.find(project.account) if project else None
        if project is None or account is None:
            raise NotFound(f"There is no project {project_id!r}.")
        if account.is_invalid:
            # Google is left alone about an account that it has refused.
            url = account.action_url or None
            return Trial(project_id, 0, account.invalid_reason, action_url=url)
        return self._asked(project, account, model)

    def _asked(self, project: Project, account: Account, model: str) -> Trial:
        started = time.monotonic()
        verdict = None
        try:
            self._ask(project, account, model)
        except Verdict as refused:
            verdict = refused
        milliseconds = round((time.monotonic() - started) * 1000)
        if verdict is None:
            return Trial(project.id, milliseconds)
        return Trial(
            project.id,
            milliseconds,
            verdict.message,
            verdict.word,
            verdict.status,
            verdict.action_url,
        )

    def _ask(self, project: Project, account: Account, model: str) -> None:
        sealed = self._accounts.credential(account.email)
        candidate = _Candidate(account.email, account.upstream, sealed)
        upstream = self._upstreams[account.upstream]
        deadline = time.monotonic() + PATIENCE_SECONDS
        secret = self._credentials.fresh(candidate)
        call = Call(model, QUESTION, project.id, secret, deadline)
        with self._quotas.counting(project.id, account.email, model):
            try:
                upstream.generate(call, Cancellation())
            except AccessExpired:
                secret = self._credentials.renew(candidate, secret)
                upstream.generate(replace(call, secret=secret), Cancellation())
