"""Try many projects out, as a job."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ..errors import NotFound
from ..routing.project_test import Trial, Trials, describe
from ..store.audit import Audit
from ..store.projects import Projects
from .runner import Work

AT_ONCE = 8


class ProjectTests:
    """Asks each project one tiny question, a few at a time, beside the rotation."""

    def __init__(self, trials: Trials, projects: Projects, audit: Audit) -> None:
        self._trials = trials
        self._projects = projects
        self._audit = audit

    def run(self, work: Work) -> None:
        """The job: one result per project.

        Its arguments: ``model``, ``projectIds`` (none: all) and ``disableFailing``, to
        take those out of rotation that Google refuses.
        """
        wanted = work.arguments.get("projectIds")
        ids = [each.id for each in self._projects.all()] if wanted is None else wanted
        work.plan(len(ids))
        tried = {result["id"] for result in work.results}
        left = [project_id for project_id in ids if project_id not in tried]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for result in threads.map(partial(self._try, work), left):
                work.step(result)

    def _try(self, work: Work, project_id: str) -> dict[str, Any]:
        work.check()
        try:
            trial = self._trials.run(project_id, work.arguments["model"])
        except NotFound as gone:
            return {"id": project_id, "ok": False, "message": gone.message}
        result = {"id": project_id, **describe(trial)}
        if work.arguments.get("disableFailing") and trial.is_refused:
            self._disable(work, trial)
            result["disabled"] = True
        return result

    def _disable(self, work: Work, trial: Trial) -> None:
        self._projects.enable(trial.project_id, False)
        job, details = work.job, {"probe": work.job.id, "message": trial.problem}
        target = trial.project_id
        self._audit.write(job.who, "project.disabled", target, job.address, details)
