"""What takes long with projects: making them, enabling their API, trying many out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema

from ...chat.config import ChatConfig
from ...errors import Conflict, InvalidFields, NotFound
from ...gateway import Gateway
from ...google.traits import traits_of
from ...store.accounts import Account
from ..bodies import read_json
from ..documentation import documented
from ..guards import Guard
from ..schemas import Empty, load
from ..schemas.jobs import JobAnswer
from ..schemas.projects import NewProject, Probe, ProjectTest
from .jobs import Starter
from .projects import model_for

BODY_LIMIT = 1024 * 1024
STARTED = {202: JobAnswer}


def blueprint(
    guard: Guard,
    gateway: Gateway,
    preferences: Callable[[], ChatConfig],
    starter: Starter,
) -> Blueprint:
    """Each answers with a job to watch."""
    project_jobs = Blueprint("project_jobs", __name__, url_prefix="/api")

    @project_jobs.post("/projects/create")
    @guard.session_required
    @documented(body=NewProject, answers=STARTED, refuses=(Conflict, NotFound))
    def create_project() -> Response:
        """Make a Cloud project, and enable the API that Code Assist needs. The project
        enters the pool when both are done; what Google refuses is told in its own
        words."""
        asked = _read(NewProject())
        account = account_of(asked["account"])
        project_id = asked["projectId"] or f"gswarm-{secrets.token_hex(5)}"
        arguments = {
            "account": account.email,
            "projectId": project_id,
            "name": asked["name"] or project_id,
        }
        return starter.start("project-create", arguments, target=account.email)

    @project_jobs.post("/projects/<project_id>/enable")
    @guard.session_required
    @documented(body=Empty, answers=STARTED, refuses=(Conflict,))
    def enable_project(project_id: str) -> Response:
        """Enable the API that Code Assist needs on a project, at Google."""
        _read(Empty())
        row = gateway.project_rows.row(project_id)
        arguments = {
            "account": account_of(row["account"]).email,
            "projectId": project_id,
            "name": row["name"],
        }
        return starter.start("project-enable", arguments, target=project_id)

    @project_jobs.post("/projects/test")
    @guard.session_required
    @documented(body=ProjectTest, answers=STARTED, refuses=(Conflict,))
    def test_projects() -> Response:
        """Ask every project one tiny question, a few at a time, beside the rotation."""
        asked = _read(ProjectTest())
        return starter.start("project-test", {"model": model(asked["model"])})

    @project_jobs.post("/probe")
    @guard.session_required
    @documented(body=Probe, answers=STARTED, refuses=(Conflict,))
    def probe_projects() -> Response:
        """Ask some projects, or all of them, one tiny question, and take those out of
        rotation that Google refuses, if that is wanted."""
        asked = _read(Probe())
        check_ids(asked["projectIds"] or ())
        return starter.start("probe", {**asked, "model": model(asked["model"])})

    def model(name: str | None) -> str:
        return model_for(name, preferences())

    def account_of(name: str) -> Account:
        return _able(gateway.roster.find(name))

    def check_ids(ids: Sequence[str]) -> None:
        _check_ids(ids, {project.id for project in gateway.projects.all()})

    return project_jobs


def _read(schema: Schema) -> Mapping[str, Any]:
    return load(schema, read_json(request.environ, BODY_LIMIT, empty={}))


def _able(account: Account) -> Account:
    """The account, if changes at Google can be made in its name."""
    if not traits_of(account.upstream).has_projects:
        raise Conflict(
            "Only a Google account can change projects; this one is an API key.",
            code="not_a_google_account",
        )
    if account.is_invalid:
        raise Conflict(account.invalid_reason, code="account_refused")
    return account


def _check_ids(ids: Sequence[str], known: Collection[str]) -> None:
    unknown = [f"There is no project {each!r}." for each in ids if each not in known]
    if unknown:
        raise InvalidFields({"projectIds": unknown})
