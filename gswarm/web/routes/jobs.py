"""Work that takes longer than a request: starting it, and seeing how it gets on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, request, url_for

from ...jobs.runner import Jobs, describe
from ...store.audit import Audit
from ..documentation import documented
from ..guards import Guard
from ..schemas import jobs as schemas
from ..schemas import load


def blueprint(guard: Guard, known: Jobs) -> Blueprint:
    """``/api/jobs``: those there are, and each by itself."""
    jobs = Blueprint("jobs", __name__, url_prefix="/api/jobs")

    @jobs.get("")
    @guard.session_required
    @documented(query=schemas.JobsQuery, answers=schemas.JobList)
    def list_jobs() -> dict[str, Any]:
        """List the jobs started last, without their results. They are forgotten a day
        after their end."""
        asked = load(schemas.JobsQuery(), request.args)
        shown = [describe(job) for job in known.newest(asked["limit"])]
        return {"jobs": shown, "total": len(shown)}

    @jobs.get("/<job_id>")
    @guard.session_required
    @documented(answers=schemas.JobAnswer)
    def show_job(job_id: str) -> dict[str, Any]:
        """Show how a job gets on, and what it has brought so far."""
        return describe(known.find(job_id), known.results(job_id))

    return jobs


class Starter:
    """Starts jobs for whoever is signed in."""

    def __init__(self, jobs: Jobs, audit: Audit) -> None:
        self._jobs = jobs
        self._audit = audit

    def start(
        self, kind: str, arguments: Mapping[str, Any], target: str = ""
    ) -> Response:
        """202 with the job, and where it is. Raises `Conflict` with the one that runs
        while another of its kind does."""
        job = self._jobs.start(
            kind, arguments, target=target, who=g.who, address=g.address
        )
        self._audit.write(g.who, f"{kind}.started", target, g.address, {"job": job.id})
        response = jsonify(describe(job, []))
        response.status_code = 202
        response.headers["Location"] = url_for("jobs.show_job", job_id=job.id)
        return response
