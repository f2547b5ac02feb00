"""Resource Manager: which Cloud projects an account has, and making one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .endpoints import Endpoints
from .json_client import Json, JsonClient
from .operations import Operation, read_operation

PAGE_SIZE = 200
MAX_PAGES = 50


@dataclass(frozen=True, slots=True)
class CloudProject:
    """A Cloud project as Google lists it."""

    id: str
    name: str
    number: str = ""


class ResourceManager:
    """Version 1 of the API; each method raises a `Verdict`."""

    def __init__(self, rest: JsonClient, endpoints: Endpoints) -> None:
        self._rest = rest
        self._v1 = f"{endpoints.resource_manager}/v1"

    def projects(self, access_token: str) -> list[CloudProject]:
        """Every active project of the account."""
        return [
            _read_project(project)
            for page in self._pages(access_token)
            for project in page.get("projects") or ()
            if project.get("lifecycleState") == "ACTIVE"
        ]

    def project(self, access_token: str, id_or_number: str) -> CloudProject:
        """One project, by either of its names."""
        url = f"{self._v1}/projects/{id_or_number}"
        return _read_project(self._rest.get(url, access_token))

    def create(self, access_token: str, project_id: str, name: str) -> Operation:
        """Start making a project."""
        body = {"projectId": project_id, "name": name}
        return read_operation(
            self._rest.post(f"{self._v1}/projects", access_token, body)
        )

    def operation(self, access_token: str, name: str) -> Operation:
        """How the making gets on."""
        return read_operation(self._rest.get(f"{self._v1}/{name}", access_token))

    def _pages(self, access_token: str) -> Iterator[Json]:
        params = {"filter": "lifecycleState:ACTIVE", "pageSize": str(PAGE_SIZE)}
        for _ in range(MAX_PAGES):
            page = self._rest.get(f"{self._v1}/projects", access_token, **params)
            yield page
            if not page.get("nextPageToken"):
                return
            params["pageToken"] = page["nextPageToken"]


def _read_project(project: Json) -> CloudProject:
    name, number = project.get("name", ""), project.get("projectNumber", "")
    return CloudProject(project["projectId"], str(name), str(number))
