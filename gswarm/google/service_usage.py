"""Service Usage: whether a project has the API that Code Assist needs."""

from __future__ import annotations

from .endpoints import Endpoints
from .json_client import JsonClient
from .operations import Operation, read_operation

COMPANION = "cloudaicompanion.googleapis.com"
""""Gemini for Google Cloud", the service behind Code Assist."""


class ServiceUsage:
    """Version 1 of the API; each method raises a `Verdict`."""

    def __init__(self, rest: JsonClient, endpoints: Endpoints) -> None:
        self._rest = rest
        self._v1 = f"{endpoints.service_usage}/v1"

    def is_enabled(self, access_token: str, project_id: str) -> bool:
        """Whether the project has the API."""
        service = self._rest.get(self._service(project_id), access_token)
        return service.get("state") == "ENABLED"

    def enable(self, access_token: str, project_id: str) -> Operation:
        """Start giving the project the API; one that has it already is done."""
        url = f"{self._service(project_id)}:enable"
        return read_operation(self._rest.post(url, access_token, {}))

    def operation(self, access_token: str, name: str) -> Operation:
        """How the enabling gets on."""
        return read_operation(self._rest.get(f"{self._v1}/{name}", access_token))

    def _service(self, project_id: str) -> str:
        return f"{self._v1}/projects/{project_id}/services/{COMPANION}"
