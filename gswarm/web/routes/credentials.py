"""Credentials of accounts: renewed on demand, and forgotten."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from ...accounts.token_refresh import Refreshed
from ...errors import Conflict, NotFound, UpstreamError
from ...gateway import Gateway
from ...store.audit import Audit
from ..bodies import read_json
from ..documentation import documented
from ..google_words import in_googles_words
from ..guards import Guard
from ..schemas import accounts as schemas
from ..schemas import load

BODY_LIMIT = 16 * 1024


def blueprint(guard: Guard, gateway: Gateway, audit: Audit) -> Blueprint:
    """``/api/refresh-tokens``, and the two paths that log an account out."""
    credentials = Blueprint("credentials", __name__, url_prefix="/api")
    refreshing, roster = gateway.refreshing, gateway.roster

    @credentials.get("/refresh-tokens")
    @guard.session_required
    @documented(answers=schemas.RefreshedAccounts)
    def refresh_due() -> dict[str, Any]:
        """Refresh the accounts whose access tokens end soon. It does only what the
        gateway does anyway, in the background."""
        return _told(refreshing.refresh_due())

    @credentials.post("/refresh-tokens")
    @guard.session_required
    @documented(
        body=schemas.Refresh,
        answers=schemas.RefreshedAccounts,
        refuses=(NotFound, Conflict),
    )
    def refresh() -> dict[str, Any]:
        """Refresh one account, or all of them, however long their access tokens would
        have lived."""
        body = read_json(request.environ, BODY_LIMIT, empty={})
        email = load(schemas.Refresh(), body)["email"]
        if email is None:
            told = _told(refreshing.refresh_all())
        else:
            told = _told(refreshing.refresh_one(roster.find(email)))
        counts = {"refreshed": told["refreshed"], "failed": told["failed"]}
        audit.write(g.who, "tokens.refreshed", email or "", g.address, counts)
        return told

    @credentials.post("/accounts/<account_id>/logout")
    @guard.session_required
    @documented(
        body=schemas.Forget,
        answers=schemas.Forgotten,
        refuses=(Conflict, UpstreamError),
    )
    def log_account_out(account_id: str) -> dict[str, Any]:
        """Forget an account, its credential and its projects."""
        body = read_json(request.environ, BODY_LIMIT, empty={})
        return forgotten(account_id, **load(schemas.Forget(), body))

    @credentials.post("/auth/logout")
    @guard.session_required
    @documented(
        body=schemas.ForgetAccount,
        answers=schemas.Forgotten,
        refuses=(NotFound, Conflict, UpstreamError),
    )
    def log_out_by_name() -> dict[str, Any]:
        """Forget the account of an e-mail, its credential and its projects."""
        body = read_json(request.environ, BODY_LIMIT)
        return forgotten(**load(schemas.ForgetAccount(), body))

    def forgotten(email: str, revoke: bool) -> dict[str, Any]:
        name = roster.find(email).email
        with in_googles_words():
            oauth = gateway.oauth if revoke else None
            is_revoked = gateway.enrolment.remove(name, revoke_at=oauth)
        details = {"revoked": is_revoked}
        audit.write(g.who, "account.removed", name, g.address, details)
        return {"email": name, "revoked": is_revoked}

    return credentials


def _told(results: list[Refreshed]) -> dict[str, Any]:
    failed = sum(1 for result in results if result.problem)
    return {
        "refreshed": len(results) - failed,
        "failed": failed,
        "results": [_describe(result) for result in results],
    }


def _describe(result: Refreshed) -> dict[str, Any]:
    if result.problem is None:
        return {"email": result.account, "ok": True}
    return {"email": result.account, "ok": False, "message": result.problem}
