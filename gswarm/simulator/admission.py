"""Whether an account may call models at all, and for this project."""

from __future__ import annotations

from urllib.parse import quote

from flask import request

from .errors import GoogleError, named
from .exchange import the_world
from .world import COMPANION, Account, Project


def refusal_of(account: Account) -> GoogleError | None:
    """The error every model call of this account meets; None if it is welcome."""
    kind = account.kind
    if kind.refusal:
        url = validation_url(account)
        return named(kind.refusal, account=account.email, url=url)
    if kind.is_free and not the_world().options.consumer_access:
        return named("unlicensed")
    return None


def validation_url(account: Account) -> str:
    """Where a person verifies the account: a page of this simulator."""
    return f"{request.host_url}signin/continue?account={quote(account.email)}"


def admit(account: Account, project_id: str) -> None:
    """Raise Google's 403 unless the account may use Code Assist for the project."""
    if "x-goog-user-project" in request.headers:
        raise named("private_api", project=request.headers["x-goog-user-project"])
    if refusal := refusal_of(account):
        raise refusal
    if not account.is_onboarded:
        raise named("unlicensed")
    admit_to_project(account, project_id, COMPANION)


def admit_to_project(account: Account, project_id: str, service: str) -> None:
    """Raise Google's 403 unless the project is the account's and has the service."""
    project = the_world().projects.get(project_id)
    if not project or account.email not in project.owners or project.iam_denied:
        raise named("iam", project=project_id)
    if not has_service(project, service):
        raise named("api_disabled", project=project_id)


def has_service(project: Project, service: str) -> bool:
    """Whether a service is enabled on the project and the news has spread."""
    works_from = project.services.get(service)
    return works_from is not None and works_from <= the_world().clock()
