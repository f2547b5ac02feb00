"""Make sure that Code Assist serves an account, or learn in Google's words why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..errors import (
    AccountBlocked,
    AuthFailure,
    ProjectDenied,
    Verdict,
    VerificationRequired,
)
from ..google.code_assist import CodeAssist, Standing, Tier, onboarded_project
from ..google.operations import finish


@dataclass(frozen=True, slots=True)
class Onboarded:
    """An account's tier; the project Code Assist names may be one it has made."""

    tier: str
    project_id: str | None


def onboard(
    code_assist: CodeAssist,
    access_token: str,
    project_id: str | None,
    *,
    wait: Callable[[float], object] = time.sleep,
) -> Onboarded:
    """Onboard an account unless it is; ``project_id`` is one of its own, if known.

    Raises the `AuthFailure` that says why it cannot be served, `ServerFailure` when
    Google does not answer.
    """
    standing = code_assist.load(access_token, project_id)
    if standing.tier:
        onboarded = Onboarded(standing.tier.id, standing.project_id or project_id)
    else:
        tier = _tier_for(standing, project_id)
        wanted = project_id if tier.needs_project else None
        operation = code_assist.onboard(access_token, tier, wanted)
        poll = partial(code_assist.operation, access_token)
        made = onboarded_project(finish(operation, poll, wait=wait))
        onboarded = Onboarded(tier.id, made or project_id)
    _check(code_assist, access_token, onboarded.project_id)
    return onboarded


def _tier_for(standing: Standing, project_id: str | None) -> Tier:
    """The tier to enter; that a tier is closed matters only if no other is open."""
    for closed in standing.ineligible:
        if closed.reason == "VALIDATION_REQUIRED":
            raise VerificationRequired(closed.message, action_url=closed.action_url)
    tier = next((tier for tier in standing.allowed if tier.is_default), None)
    if tier and (project_id or not tier.needs_project):
        return tier
    if standing.ineligible:
        raise AccountBlocked(standing.ineligible[0].message)
    raise AuthFailure("Code Assist needs one of the account's projects to be named.")


def _check(code_assist: CodeAssist, access_token: str, project_id: str | None) -> None:
    """Ask for the quota: a suspended or unlicensed account is refused even that."""
    if project_id is None:
        return
    try:
        code_assist.quota(access_token, project_id)
    except ProjectDenied:
        return  # the project's matter; others of the account may serve
    except AuthFailure:
        raise
    except Verdict:
        return  # nothing is known against the account
