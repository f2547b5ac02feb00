"""Make Cloud projects, and enable on them the API that Code Assist needs, as jobs."""

from __future__ import annotations

from collections.abc import Callable

from ..accounts.credentials import Credentials
from ..accounts.discovery import Found
from ..accounts.enrolment import Enrolment
from ..errors import ServerFailure, Verdict
from ..google.operations import EAGER, Operation, finish
from ..google.resource_manager import ResourceManager
from ..google.service_usage import ServiceUsage
from ..routing.pool import Pool
from .runner import JobFailed, Work


class ProjectCreation:
    """Each step is Google's to take, and takes its time; a `Verdict` ends the job in
    Google's own words. A project enters the pool when it can serve, not before."""

    def __init__(
        self,
        credentials: Credentials,
        resources: ResourceManager,
        services: ServiceUsage,
        enrolment: Enrolment,
        pool: Pool,
    ) -> None:
        self._credentials = credentials
        self._resources = resources
        self._services = services
        self._enrolment = enrolment
        self._pool = pool

    def create(self, work: Work) -> None:
        """The job: make a project, enable its API, put it into the pool.

        Its arguments: ``account``, ``projectId``, ``name``.
        """
        project_id = work.arguments["projectId"]
        work.plan(3)
        if "made" not in work.memo:
            self._make(work)
            work.remember(made=True)
            work.step()
        try:
            self._enable(work)
        except Verdict as verdict:
            raise JobFailed(
                f"Google made {project_id}, but did not enable its API: "
                f"{verdict.message}"
            ) from verdict
        self._adopt(work)

    def enable(self, work: Work) -> None:
        """The job: enable a project's API. Its arguments are those of `create`."""
        work.plan(2)
        self._enable(work)
        self._adopt(work)
        self._pool.wake(work.arguments["projectId"])

    def _make(self, work: Work) -> None:
        try:
            operation = self._asked_to_make(work)
        except ServerFailure:
            if work.is_resumed and self._is_made(work):
                return
            raise
        self._finish(work, operation, self._resources.operation)

    def _asked_to_make(self, work: Work) -> Operation:
        """What was begun by a process that has died is not begun again."""
        if "operation" in work.memo:
            return Operation(work.memo["operation"], False, {})
        asked = work.arguments
        token = self._token(work)
        made = self._resources.create(token, asked["projectId"], asked["name"])
        work.remember(operation=made.name)
        return made

    def _is_made(self, work: Work) -> bool:
        listed = self._resources.projects(self._token(work))
        return work.arguments["projectId"] in {each.id for each in listed}

    def _enable(self, work: Work) -> None:
        operation = self._services.enable(
            self._token(work), work.arguments["projectId"]
        )
        self._finish(work, operation, self._services.operation)
        work.step()

    def _finish(
        self, work: Work, operation: Operation, look: Callable[[str, str], Operation]
    ) -> None:
        def poll(name: str) -> Operation:
            return look(self._token(work), name)

        finish(operation, poll, wait=work.wait, pauses=EAGER)

    def _adopt(self, work: Work) -> None:
        asked = work.arguments
        project_id, account = asked["projectId"], asked["account"]
        self._enrolment.adopt(account, [Found(project_id, asked["name"], True)])
        if problem := self._enrolment.complete(account, project_id):
            raise JobFailed(f"{project_id} is there, but {account} waits: {problem}")
        work.step({"id": project_id, "account": account, "ok": True})

    def _token(self, work: Work) -> str:
        return self._credentials.refresh(work.arguments["account"])
