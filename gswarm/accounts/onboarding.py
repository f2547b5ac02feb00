"""Make sure that Code Assist serves an account, or learn in Google's words why not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..errors import (
    AccountBlocked,
    AuthFailure,
    CallersMistake,
    ModelMissing,
    ProjectBlocked,
    ProjectDenied,
    ProjectNeeded,
    UnclearDenial,
    Verdict,
    VerificationRequired,
)
from ..google.code_assist import CodeAssist, Standing, Tier, onboarded_project
from ..google.operations import EAGER, finish

LEGACY = Tier("legacy-tier", "", needs_project=True)
"""What Google's own client enters where no tier is the default one."""

MOST_TRIED = 12

PROJECTS_FAULT = (
    CallersMistake,
    ModelMissing,
    ProjectBlocked,
    ProjectDenied,
    UnclearDenial,
)
"""What says something of the project that was named, and nothing of the account."""


@dataclass(frozen=True, slots=True)
class Onboarded:
    """An account's tier; the project Code Assist names may be one it has made."""

    tier: str
    project_id: str | None


class Onboarding:
    """Onboards an account unless it is.

    ``named`` is the project that a person has chosen; ``own`` are those the account
    has, those that can serve first. Raises the `AuthFailure` that says why the account
    cannot be served, `ServerFailure` when Google does not answer.
    """

    def __init__(
        self,
        code_assist: CodeAssist,
        access_token: str,
        *,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._code_assist = code_assist
        self._token = access_token
        self._wait = wait

    def run(self, named: str | None, own: Sequence[str]) -> Onboarded:
        standing = self._standing(named)
        _check_person(standing)
        wanted = [named] if named else list(own[:MOST_TRIED])
        try:
            onboarded = self._onboarded(standing, wanted)
            self._check([onboarded.project_id, *wanted])
        except AuthFailure as refusal:
            raise _with_reasons(refusal, standing) from refusal
        return onboarded

    def _standing(self, named: str | None) -> Standing:
        try:
            return self._code_assist.load(self._token, named)
        except PROJECTS_FAULT:
            if named is None:
                raise
            return self._code_assist.load(self._token)

    def _onboarded(self, standing: Standing, wanted: Sequence[str]) -> Onboarded:
        if standing.tier:
            first = next(iter(wanted), None)
            return Onboarded(standing.tier.id, standing.project_id or first)
        tier = _tier_for(standing)
        if tier.needs_project:
            return self._enter_with_one(tier, wanted)
        return self._enter(tier, None)

    def _enter_with_one(self, tier: Tier, wanted: Sequence[str]) -> Onboarded:
        """Enter with the first project that Google takes."""
        refusal: Verdict | None = None
        for project_id in wanted:
            try:
                return self._enter(tier, project_id)
            except PROJECTS_FAULT as fault:
                refusal = refusal or fault
        raise _project_needed(refusal)

    def _enter(self, tier: Tier, project_id: str | None) -> Onboarded:
        operation = self._code_assist.onboard(self._token, tier, project_id)
        poll = partial(self._code_assist.operation, self._token)
        made = onboarded_project(finish(operation, poll, wait=self._wait, pauses=EAGER))
        return Onboarded(tier.id, made or project_id)

    def _check(self, projects: Sequence[str | None]) -> None:
        """Ask for the quota: a suspended or unlicensed account is refused even that."""
        project_id = next(filter(None, projects), None)
        if project_id is None:
            return
        try:
            self._code_assist.quota(self._token, project_id)
        except PROJECTS_FAULT:
            return  # the project's matter; others of the account may serve
        except AuthFailure:
            raise
        except Verdict:
            return  # nothing is known against the account


def _check_person(standing: Standing) -> None:
    for closed in standing.ineligible:
        if closed.reason == "VALIDATION_REQUIRED":
            raise VerificationRequired(closed.message, action_url=closed.action_url)


def _tier_for(standing: Standing) -> Tier:
    """The tier to enter; that one is closed matters only where no other is open."""
    tier = next((tier for tier in standing.allowed if tier.is_default), None)
    if tier is None and standing.ineligible:
        raise AccountBlocked(standing.ineligible[0].message)
    return tier or LEGACY


def _project_needed(refusal: Verdict | None) -> ProjectNeeded:
    words = "Code Assist needs one of the account's own projects"
    if refusal is None:
        return ProjectNeeded(f"{words}, and none is known. Name one, or make one.")
    return ProjectNeeded(
        f"{words}, and takes none of those it has: {refusal.message}",
        action_url=refusal.action_url,
    )


def _with_reasons(refusal: AuthFailure, standing: Standing) -> AuthFailure:
    """Beside what Google says now, why it has a tier closed to the account."""
    if standing.tier or not standing.ineligible:
        return refusal
    reason = standing.ineligible[0].message
    words = (
        refusal.message if reason in refusal.message else f"{refusal.message} {reason}"
    )
    return type(refusal)(words, status=refusal.status, action_url=refusal.action_url)
