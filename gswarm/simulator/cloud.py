"""Resource Manager and Service Usage: projects, their creation, their services."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from .durations import timestamp
from .errors import invalid, named
from .exchange import (
    answer,
    caller,
    json_body,
    meet_script,
    status_of,
    the_call,
    the_world,
)
from .world import Account, Project

blueprint = Blueprint("cloud", __name__)

_PROJECT_ID = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_DONE = "operations/noop.DONE_OPERATION"
_QUOTA_TEXT = (
    "The caller has exceeded its allotted project quota. Request a quota increase at "
    "https://support.google.com/code/contact/project_quota_increase"
)

# ------------------------------------------------------------------ Resource Manager


@blueprint.get("/v1/projects", endpoint="listProjects")
def list_v1() -> Response:
    """The caller's projects, paged; ``{}`` when there is none."""
    return answer(_page(_owned(), _as_v1, "lifecycleState"))


@blueprint.get("/v3/projects:search", endpoint="searchProjects")
@blueprint.get("/v3/projects", endpoint="listProjectsV3")
def search_v3() -> Response:
    """The caller's projects in the words of version 3."""
    return answer(_page(_owned(), _as_v3, "state"))


@blueprint.get("/v1/projects/<project_id>", endpoint="getProject")
def get_v1(project_id: str) -> Response:
    """One project."""
    return answer(_as_v1(_project(project_id)))


@blueprint.get("/v3/projects/<project_id>", endpoint="getProjectV3")
def get_v3(project_id: str) -> Response:
    """One project in the words of version 3."""
    return answer(_as_v3(_project(project_id)))


@blueprint.post("/v1/projects", endpoint="createProject")
def create_v1() -> Response:
    """Start the creation of a project."""
    return answer(_create("name", _as_v1))


@blueprint.post("/v3/projects", endpoint="createProjectV3")
def create_v3() -> Response:
    """Start the creation of a project, in the words of version 3."""
    return answer(_create("displayName", _as_v3))


@blueprint.get("/v1/operations/<name>", endpoint="getOperation")
@blueprint.get("/v3/operations/<name>", endpoint="getOperationV3")
def operation(name: str) -> Response:
    """How a creation or an enabling gets on."""
    caller()
    meet_script()
    if f"operations/{name}" == _DONE:
        return answer({"name": _DONE, "done": True, "response": {}})
    held = the_world().operations.get(f"operations/{name}")
    if not held:
        raise named("not_found")
    return answer(held.poll())


def _owned() -> list[Project]:
    account = caller()
    meet_script()
    projects = the_world().projects
    return [projects[id] for id in account.projects if id in projects]


def _page(
    projects: list[Project], show: Callable[[Project], dict[str, Any]], state: str
) -> dict[str, Any]:
    asked = request.args.get("filter", "") + request.args.get("query", "")
    if f"{state}:ACTIVE" in asked.replace(" ", ""):
        projects = [project for project in projects if project.state == "ACTIVE"]
    size = min(max(request.args.get("pageSize", 500, int), 1), 500)
    start = _offset(request.args.get("pageToken", ""))
    page: dict[str, Any] = {}
    if projects[start : start + size]:
        page["projects"] = [show(p) for p in projects[start : start + size]]
    if start + size < len(projects):
        page["nextPageToken"] = f"sim-page-{start + size}"
    return page


def _offset(token: str) -> int:
    if not token:
        return 0
    number = token.removeprefix("sim-page-")
    if not number.isdigit():
        raise invalid("The page token is invalid.")
    return int(number)


def _project(project_id: str) -> Project:
    account = caller()
    the_call().project = project_id
    meet_script()
    return _owned_by(account, project_id)


def _owned_by(account: Account, project_id: str) -> Project:
    for project in the_world().projects.values():
        if project_id in (project.id, project.number) and _owns(account, project):
            return project
    raise status_of(403, "The caller does not have permission")


def _owns(account: Account, project: Project) -> bool:
    return account.email in project.owners


def _create(
    name_field: str, show: Callable[[Project], dict[str, Any]]
) -> dict[str, Any]:
    account, asked = caller(), json_body()
    project_id = asked.get("projectId", "")
    the_call().project = project_id
    meet_script()
    if not account.accepts_terms:
        raise named("terms")
    if not _PROJECT_ID.fullmatch(project_id):
        raise invalid("project_id contains invalid characters", "project_id")
    if project_id in the_world().projects:
        raise status_of(409, "Requested entity already exists")

    def finish() -> dict[str, Any]:
        world = the_world()
        if len(account.projects) >= world.options.project_limit:
            return {"error": {"code": 8, "message": _QUOTA_TEXT}}
        name = asked.get(name_field) or project_id
        made = world.add_project(project_id, account.email, name=name, services=())
        return {"response": show(made)}

    started = the_world().start(f"operations/cp.{secrets.randbelow(10**18)}", finish)
    return {"name": started.name}


def _as_v1(project: Project) -> dict[str, Any]:
    return {
        "projectNumber": project.number,
        "projectId": project.id,
        "lifecycleState": project.state,
        "name": project.name,
        "createTime": timestamp(project.created_at),
    }


def _as_v3(project: Project) -> dict[str, Any]:
    return {
        "name": f"projects/{project.number}",
        "projectId": project.id,
        "state": project.state,
        "displayName": project.name,
        "createTime": timestamp(project.created_at),
    }


# --------------------------------------------------------------------- Service Usage


@blueprint.get("/v1/projects/<project_id>/services/<service>", endpoint="getService")
def get_service(project_id: str, service: str) -> Response:
    """Whether a project has a service."""
    return answer(_as_service(_project(project_id), service))


@blueprint.get("/v1/projects/<project_id>/services", endpoint="listServices")
def list_services(project_id: str) -> Response:
    """The services a project has."""
    project = _project(project_id)
    return answer({"services": [_as_service(project, s) for s in project.services]})


@blueprint.get(
    "/v1/projects/<project_id>/services:batchGet", endpoint="batchGetServices"
)
def batch_get(project_id: str) -> Response:
    """Several services at once, by their full names."""
    project = _project(project_id)
    names = [name.rpartition("/")[2] for name in request.args.getlist("names")]
    return answer({"services": [_as_service(project, name) for name in names]})


@blueprint.post(
    "/v1/projects/<project_id>/services/<service>:enable", endpoint="enableService"
)
def enable(project_id: str, service: str) -> Response:
    """Enable one service; done at once when it is enabled already."""
    project = _project(project_id)
    if service in project.services:
        shown = {"service": _as_service(project, service)}
        return answer({"name": _DONE, "done": True, "response": shown})
    return answer(_enable(project, [service]))


@blueprint.post(
    "/v1/projects/<project_id>/services:batchEnable", endpoint="batchEnableServices"
)
def batch_enable(project_id: str) -> Response:
    """Enable up to twenty services."""
    project = _project(project_id)
    services = json_body().get("serviceIds", [])
    if not 1 <= len(services) <= 20:
        raise invalid("Between 1 and 20 services can be enabled at once.")
    return answer(_enable(project, services))


def _enable(project: Project, services: list[str]) -> dict[str, Any]:
    def finish() -> dict[str, Any]:
        world = the_world()
        works_from = world.clock() + world.options.propagation_seconds
        for service in services:
            project.services.setdefault(service, works_from)
        shown = [_as_service(project, service) for service in services]
        return {"response": {"services": shown, "service": shown[0]}}

    name = f"operations/acat.p2-{project.number}-{secrets.token_hex(8)}"
    return {"name": the_world().start(name, finish).name}


def _as_service(project: Project, service: str) -> dict[str, Any]:
    return {
        "name": f"projects/{project.number}/services/{service}",
        "config": {"name": service},
        "state": "ENABLED" if service in project.services else "DISABLED",
        "parent": f"projects/{project.number}",
    }
