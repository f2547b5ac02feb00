"""The projects of the pool, as the dashboard sees them and changes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, g, request

from ...accounts.project_list import Wanted
from ...chat.config import ChatConfig
from ...errors import InvalidFields
from ...gateway import Gateway
from ...gemini.models import resolve
from ...routing.project_test import describe
from ...store.audit import Audit
from ..bodies import read_json
from ..documentation import documented
from ..guards import Guard
from ..schemas import Empty, load
from ..schemas import projects as schemas

BODY_LIMIT = 16 * 1024


def blueprint(
    guard: Guard, gateway: Gateway, preferences: Callable[[], ChatConfig], audit: Audit
) -> Blueprint:
    """``/api/projects``: list, try, switch on and off, end a rest."""
    projects = Blueprint("projects", __name__, url_prefix="/api/projects")
    rows = gateway.project_rows

    @projects.get("")
    @guard.session_required
    @documented(query=schemas.ProjectsQuery, answers=schemas.ProjectPage)
    def list_projects() -> dict[str, Any]:
        """List projects, page by page."""
        asked = load(schemas.ProjectsQuery(), request.args)
        if asked["refresh"]:
            gateway.enrolment.rediscover_all(gateway.discovery, gateway.credentials)
        wanted = _wanted(asked)
        shown, total = rows.page(wanted)
        return {
            "projects": shown,
            "total": total,
            "page": wanted.page,
            "pageSize": wanted.page_size,
        }

    @projects.post("/<project_id>/toggle")
    @guard.session_required
    @documented(body=schemas.ProjectToggle, answers=schemas.ProjectRow)
    def toggle_project(project_id: str) -> dict[str, Any]:
        """Put a project in rotation or take it out, for the next request of every
        process."""
        body = read_json(request.environ, BODY_LIMIT, empty={})
        given = load(schemas.ProjectToggle(), body)["enabled"]
        is_enabled: bool = rows.row(project_id)["enabled"]
        enabled = not is_enabled if given is None else given
        gateway.projects.enable(project_id, enabled)
        note("project.enabled" if enabled else "project.disabled", project_id)
        return rows.row(project_id)

    @projects.post("/<project_id>/reset")
    @guard.session_required
    @documented(body=Empty, answers=schemas.ProjectRow)
    def reset_project(project_id: str) -> dict[str, Any]:
        """End a project's rests by hand. Its account's timed rests end with them."""
        load(Empty(), read_json(request.environ, BODY_LIMIT, empty={}))
        rows.row(project_id)
        rested = gateway.pool.wake(project_id)
        note("project.reset", project_id, {"rested": rested})
        return rows.row(project_id)

    @projects.post("/<project_id>/test")
    @guard.session_required
    @documented(body=schemas.ProjectTest, answers=schemas.ProjectTried)
    def test_project(project_id: str) -> dict[str, Any]:
        """Ask a project one tiny question, beside the rotation: nothing rests, whatever
        comes of it."""
        body = read_json(request.environ, BODY_LIMIT, empty={})
        asked = load(schemas.ProjectTest(), body)
        model = model_for(asked["model"], preferences())
        return describe(gateway.trials.run(project_id, model))

    def note(what: str, target: str, details: Mapping[str, Any] | None = None) -> None:
        audit.write(g.who, what, target, g.address, details)

    return projects


def model_for(name: str | None, preferences: ChatConfig) -> str:
    """The model that a name stands for; the default one where there is none.

    Raises `InvalidFields` for a name that is nobody's, as it would go into an address.
    """
    model = resolve(name or preferences.default_model, preferences.aliases)
    if model is None:
        raise InvalidFields({"model": ["Is neither the name of a model nor an alias."]})
    return model


def _wanted(asked: Mapping[str, Any]) -> Wanted:
    return Wanted(
        search=asked["search"],
        account=asked["account"],
        status=asked["status"],
        sort=asked["sort"],
        descending=asked["direction"] == "desc",
        page=asked["page"],
        page_size=asked["pageSize"],
    )
