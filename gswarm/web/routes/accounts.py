"""The accounts of the pool, as the dashboard and the API see and change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, request

from ...accounts.account_list import Row, describe
from ...accounts.enrolment import describe as describe_enrolled
from ...accounts.ordering import in_order
from ...errors import Conflict, NotFound, UpstreamError
from ...gateway import Gateway
from ...store.accounts import Account
from ...store.audit import Audit
from ..bodies import read_json
from ..discretion import discretion
from ..documentation import documented
from ..google_words import in_googles_words
from ..guards import Guard
from ..schemas import Empty, load
from ..schemas import accounts as schemas

BODY_LIMIT = 16 * 1024


def blueprint(guard: Guard, gateway: Gateway, audit: Audit) -> Blueprint:
    """``/api/accounts`` and its neighbours: list, look again, switch on and off."""
    accounts = Blueprint("accounts", __name__, url_prefix="/api")
    roster = gateway.roster

    @accounts.get("/accounts")
    @guard.session_required
    @documented(query=schemas.AccountsQuery, answers=schemas.AccountPage)
    def list_accounts() -> dict[str, Any]:
        """List accounts, page by page. ``search`` looks at names, reasons and project
        ids."""
        return _page(roster.rows(), **load(schemas.AccountsQuery(), request.args))

    @accounts.get("/gswarm/accounts")
    @guard.key_or_session("monitor")
    @documented(answers=schemas.AccountList)
    def list_all_accounts() -> dict[str, Any]:
        """List every account. A key without the scope `admin` sees hashes for names."""
        shown = discretion().of([describe(row) for row in roster.rows()])
        return {"accounts": shown, "count": len(shown)}

    @accounts.post("/accounts/<account_id>/toggle")
    @guard.session_required
    @documented(body=schemas.Toggle, answers=schemas.AccountRow, refuses=(Conflict,))
    def toggle_account(account_id: str) -> dict[str, Any]:
        """Put an account in rotation or take it out, at once for every process.
        Enabling one that Google has turned away gives it another chance."""
        given = load(schemas.Toggle(), read_json(request.environ, BODY_LIMIT))
        email = _to_toggle(roster.find(account_id), given["enabled"])
        gateway.accounts.enable(email, given["enabled"])
        note("account.enabled" if given["enabled"] else "account.disabled", email)
        return describe(roster.row(email))

    @accounts.post("/accounts/<account_id>/onboard")
    @guard.session_required
    @documented(body=schemas.Onboard, answers=schemas.Enrolled)
    def onboard_account(account_id: str) -> dict[str, Any]:
        """Onboard an account at Code Assist. Its tier may need one of its projects: the
        one that is named, or the first that works."""
        body = read_json(request.environ, BODY_LIMIT, empty={})
        given = load(schemas.Onboard(), body)
        email = roster.find(account_id).email
        enrolled = gateway.enrolment.onboard(email, given["project"])
        note("account.onboarded", email, {**given, "problem": enrolled.problem})
        return describe_enrolled(enrolled)

    @accounts.post("/gswarm/accounts/<email>/discover-projects")
    @guard.key_or_session("monitor", writes="admin")
    @documented(
        body=Empty,
        answers=schemas.Rediscovered,
        refuses=(NotFound, Conflict, UpstreamError),
    )
    def discover_projects(email: str) -> dict[str, Any]:
        """Look for an account's projects at Google again. Those named when the account
        was imported stay, listed or not."""
        load(Empty(), read_json(request.environ, BODY_LIMIT, empty={}))
        name = roster.find(email).email
        with in_googles_words():
            seen = gateway.enrolment.rediscover(
                name, gateway.discovery, gateway.credentials
            )
        changes = {"added": list(seen.added), "removed": list(seen.removed)}
        note("account.rediscovered", name, changes)
        projects = list(seen.projects)
        counted = {"projectCount": len(projects), "projects": projects}
        return {"email": name, **counted, **changes}

    def note(what: str, target: str, details: Mapping[str, Any] | None = None) -> None:
        audit.write(g.who, what, target, g.address, details)

    return accounts


def _to_toggle(account: Account, enabled: bool) -> str:
    """Its e-mail. Raises `Conflict` for one that must be onboarded, not enabled."""
    if enabled and account.needs_project:
        raise Conflict(account.invalid_reason, code="project_needed")
    return account.email


def _page(
    rows: Sequence[Row],
    search: str,
    sort: str,
    direction: str,
    page: int,
    pageSize: int,
) -> dict[str, Any]:
    """The rows that match, in the order asked for, and of them one page."""
    found = [describe(row) for row in rows]
    wanted = [shown for shown in found if _matches(shown, search.lower())]
    wanted = in_order(wanted, lambda shown: shown[sort], descending=direction == "desc")
    start = (page - 1) * pageSize
    return {
        "accounts": wanted[start : start + pageSize],
        "total": len(wanted),
        "page": page,
        "pageSize": pageSize,
    }


def _matches(shown: Mapping[str, Any], words: str) -> bool:
    reason = shown["invalidReason"] or ""
    texts = [shown["email"], reason, *shown["projectIds"]]
    return any(words in text.lower() for text in texts)
