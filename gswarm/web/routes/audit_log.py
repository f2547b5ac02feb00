"""The audit log, page by page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from ...store.audit import Audit, Entry
from ...timestamps import iso
from ..documentation import documented
from ..guards import Guard
from ..schemas import load
from ..schemas.audit_log import AuditPage, AuditQuery


def blueprint(guard: Guard, audit: Audit) -> Blueprint:
    """``/api/audit``: who changed what, newest first."""
    audit_log = Blueprint("audit_log", __name__, url_prefix="/api")

    @audit_log.get("/audit")
    @guard.session_required
    @documented(query=AuditQuery, answers=AuditPage)
    def list_entries() -> dict[str, Any]:
        """List who changed what, newest first."""
        asked = load(AuditQuery(), request.args)
        entries = audit.page(asked["limit"] + 1, asked["cursor"])
        shown, rest = entries[: asked["limit"]], entries[asked["limit"] :]
        page: dict[str, Any] = {"entries": [_describe(entry) for entry in shown]}
        return page | ({"nextCursor": shown[-1].id} if rest else {})

    return audit_log


def _describe(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "who": entry.who,
        "what": entry.what,
        "target": entry.target,
        "address": entry.address,
        "details": entry.details,
    }
