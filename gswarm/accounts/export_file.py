"""Accounts in a file for another gateway, readable with a passphrase only."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken

from ..errors import InvalidRequest
from ..google.traits import traits_of
from ..store.accounts import Account, Accounts
from ..store.projects import Projects

FORMAT = 1
SHORTEST_PASSPHRASE = 8
SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}
"""What each guess at a passphrase costs: about 0.1 s and 32 MB (RFC 7914)."""


def entries_of(accounts: Accounts, projects: Projects) -> list[dict[str, Any]]:
    """Every account as `account_entries` reads it, its secrets in clear."""
    return [
        _entry(
            account,
            accounts.opened(accounts.credential(account.email)),
            sorted(projects.of(account.email)),
        )
        for account in accounts.all()
    ]


def check_passphrase(passphrase: str) -> None:
    """Raise `InvalidRequest` for one that is short."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InvalidRequest(
            f"A passphrase has at least {SHORTEST_PASSPHRASE} characters.",
            param="passphrase",
        )


def seal_export(entries: list[dict[str, Any]], passphrase: str) -> dict[str, Any]:
    """The file. Slow by design: not for a thread that others wait for.

    Raises `InvalidRequest` for a passphrase that is short.
    """
    check_passphrase(passphrase)
    salt = secrets.token_bytes(16)
    sealed = _fernet(passphrase, salt).encrypt(orjson.dumps(entries))
    return {"gswarmExport": FORMAT, "salt": salt.hex(), "sealed": sealed.decode()}


def open_export(export: dict[str, Any], passphrase: str) -> bytes:
    """The entries in the file, as JSON; slow, too. Raises `InvalidRequest`."""
    try:
        salt = bytes.fromhex(export["salt"])
        sealed = export["sealed"].encode()
    except (KeyError, ValueError, TypeError, AttributeError):
        raise InvalidRequest("This is not a whole export of accounts.") from None
    if export.get("gswarmExport") != FORMAT:
        raise InvalidRequest("This export is of a newer GSwarm.")
    try:
        return _fernet(passphrase, salt).decrypt(sealed)
    except InvalidToken:
        raise InvalidRequest(
            "The passphrase is wrong, or the export is damaged.", param="passphrase"
        ) from None


def is_export(payload: object) -> bool:
    """Whether this JSON is an export rather than accounts in clear."""
    return isinstance(payload, dict) and "gswarmExport" in payload


def _entry(
    account: Account, credential: dict[str, str], projects: list[str]
) -> dict[str, Any]:
    if not traits_of(account.upstream).uses_oauth:
        return {
            "upstream": account.upstream,
            "name": account.email,
            "api_key": credential.get("api_key"),
            "project": next(iter(projects), None),
        }
    fields = ("refresh_token", "client_id", "client_secret")
    kept = {name: credential[name] for name in fields if name in credential}
    return {"email": account.email, **kept, "projects": projects}


def _fernet(passphrase: str, salt: bytes) -> Fernet:
    key = hashlib.scrypt(passphrase.encode(), salt=salt, **SCRYPT)
    return Fernet(base64.urlsafe_b64encode(key))
