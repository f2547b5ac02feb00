"""What went wrong of late, and forgetting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request

from ...store.audit import Audit
from ...store.incidents import Incidents, Kept, Sought
from ...timestamps import iso
from ..documentation import documented
from ..guards import Guard
from ..paging import page_of
from ..schemas import load
from ..schemas.incidents import ErrorPage, ErrorsForgotten, ErrorsQuery, ErrorsSought

FIELDS = {
    "type": "type",
    "account": "account",
    "project": "project_id",
    "model": "model",
}


def blueprint(guard: Guard, incidents: Incidents, audit: Audit) -> Blueprint:
    """``/api/dashboard/errors``."""
    errors = Blueprint("incidents", __name__, url_prefix="/api/dashboard/errors")

    @errors.get("")
    @guard.session_required
    @documented(query=ErrorsQuery, answers=ErrorPage)
    def list_errors() -> dict[str, Any]:
        """List what went wrong, newest first.

        Failed attempts of requests that somebody else answered are among them.
        """
        asked = load(ErrorsQuery(), request.args)
        found = incidents.search(_sought(asked), asked["cursor"])
        return page_of("errors", found, asked["limit"], _describe)

    @errors.delete("")
    @guard.session_required
    @documented(query=ErrorsSought, answers=ErrorsForgotten)
    def forget_errors() -> dict[str, Any]:
        """Forget errors: those that are named, or all."""
        asked = load(ErrorsSought(), request.args)
        deleted = incidents.forget(_sought(asked))
        details = {**ErrorsSought().dump(asked), "deleted": deleted}
        audit.write(g.who, "errors.deleted", "", g.address, details)
        return {"deleted": deleted}

    return errors


def _sought(asked: Mapping[str, Any]) -> Sought:
    wanted = {field: asked[name] for name, field in FIELDS.items() if asked[name]}
    return Sought(wanted, asked["startDate"], asked["endDate"])


def _describe(kept: Kept) -> dict[str, Any]:
    incident = kept.incident
    resets_at = incident.resets_at
    return {
        "id": kept.id,
        "at": iso(kept.at),
        "type": incident.type,
        "status": incident.status,
        "message": incident.message,
        "account": incident.account,
        "projectId": incident.project_id,
        "model": incident.model,
        "key": incident.key,
        "requestId": incident.request_id,
        "actionUrl": incident.action_url,
        "resetsAt": None if resets_at is None else iso(resets_at),
        "resetsIn": incident.resets_in,
        "recovered": incident.recovered,
    }
