"""Find an account's projects, and whether Google's API is enabled on them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from ..errors import ProjectDenied, Verdict
from ..google.resource_manager import CloudProject, ResourceManager
from ..google.service_usage import ServiceUsage

AT_ONCE = 8
"""Google allows ten reads a second per account."""


@dataclass(frozen=True, slots=True)
class Found:
    """A project of an account; ``api_enabled`` None: Google would not say. One that
    ``stays`` is kept though a later list lacks it. ``number`` is Google's other name
    for it."""

    id: str
    name: str
    api_enabled: bool | None
    stays: bool = False
    number: str = ""


class Discovery:
    """Asks Resource Manager for the projects and Service Usage about each of them."""

    def __init__(self, resources: ResourceManager, services: ServiceUsage) -> None:
        self._resources = resources
        self._services = services

    def projects(self, access_token: str) -> list[Found]:
        """Every active project; raises the `Verdict` on listing them."""
        listed = self._resources.projects(access_token)
        look: Callable[[CloudProject], Found] = partial(self._look, access_token)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(look, listed))

    def id_of(self, access_token: str, number: str) -> str | None:
        """The id of the project with this number; None where Google would not say."""
        try:
            return self._resources.project(access_token, number).id
        except Verdict:
            return None

    def _look(self, access_token: str, project: CloudProject) -> Found:
        is_enabled = self._state(access_token, project.id)
        return Found(project.id, project.name, is_enabled, number=project.number)

    def _state(self, access_token: str, project_id: str) -> bool | None:
        try:
            return self._services.is_enabled(access_token, project_id)
        except ProjectDenied:
            return False
        except Verdict:
            return None
