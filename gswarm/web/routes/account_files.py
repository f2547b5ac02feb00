"""Accounts in files: brought in, taken along."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from gevent.threadpool import ThreadPool

from ...accounts.enrolment import describe
from ...accounts.export_file import entries_of, is_export, open_export, seal_export
from ...accounts.import_file import Entry, entries_in, read_entries
from ...errors import InvalidRequest
from ...gateway import Gateway
from ...store.audit import Audit
from ..bodies import read_json
from ..documentation import documented
from ..guards import Guard
from ..schemas import accounts as schemas
from ..schemas import load

BODY_LIMIT = 16 * 1024
IMPORT_LIMIT = 4 * 2**20
FILE_NAME = "gswarm-accounts.json"


def blueprint(guard: Guard, gateway: Gateway, audit: Audit) -> Blueprint:
    """``/api/accounts/import``, ``/api/accounts/export``."""
    account_files = Blueprint("account_files", __name__, url_prefix="/api")
    # Passphrases are slow by design; the streams of this process must not wait.
    hashing = ThreadPool(1)

    @account_files.post("/accounts/import")
    @guard.session_required
    @documented(body=schemas.Import, takes_list=True, answers=schemas.Imported)
    def import_accounts() -> dict[str, Any]:
        """Bring accounts in, or repair them. One that Google refuses is kept with its
        reason, out of the pool."""
        enrolled = gateway.enrolment.enrol_all(
            entries(read_json(request.environ, IMPORT_LIMIT))
        )
        failed = [each for each in enrolled if each.problem is not None]
        for each in enrolled:
            details = {"problem": each.problem}
            audit.write(g.who, "account.imported", each.account, g.address, details)
        return {
            "accounts": [describe(each) for each in enrolled],
            "imported": len(enrolled) - len(failed),
            "failed": len(failed),
        }

    def entries(payload: Any) -> list[Entry]:
        if is_export(payload):
            passphrase = str(payload.get("passphrase", ""))
            opened: bytes | InvalidRequest = hashing.apply(
                _opened, (payload, passphrase)
            )
            if isinstance(opened, InvalidRequest):
                raise opened
            return read_entries(opened)
        return entries_in(payload)

    @account_files.post("/accounts/export")
    @guard.session_required
    @documented(body=schemas.NewExport, answers=schemas.Export)
    def export_accounts() -> Response:
        """Take every account to another gateway. The file can be read with the
        passphrase only; accounts without an OAuth client of their own need the same
        GOOGLE_CLIENT_ID there."""
        given = load(schemas.NewExport(), read_json(request.environ, BODY_LIMIT))
        known = entries_of(gateway.accounts, gateway.projects)
        audit.write(g.who, "accounts.exported", "", g.address, {"count": len(known)})
        export = hashing.apply(seal_export, (known, given["passphrase"]))
        response = jsonify(export)
        response.headers["Content-Disposition"] = f"attachment; filename={FILE_NAME}"
        return response

    return account_files


def _opened(export: dict[str, Any], passphrase: str) -> bytes | InvalidRequest:
    """What an export holds, or why it stays shut: gevent's threads print whatever is
    raised in them."""
    try:
        return open_export(export, passphrase)
    except InvalidRequest as refusal:
        return refusal
