"""Secrets GSwarm makes for itself, kept in the data folder where nobody set them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..errors import SettingsError
from ..settings import Settings

SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20}
"""Cost of hashing the admin password: about 0.1 s and 32 MB (RFC 7914)."""


def complete(settings: Settings) -> Settings:
    """The settings with their missing secrets: those made earlier, else new ones."""
    folder = settings.data_dir
    return replace(
        settings,
        session_secret=settings.session_secret
        or (_keep(folder / "session-secret", lambda: secrets.token_urlsafe(32)),),
        encryption_key=settings.encryption_key
        or (_keep(folder / "encryption-key", _fernet_key),),
    )


def make_admin_password(settings: Settings) -> str | None:
    """Make the first admin password where none was set; None if there is one already.

    Only its hash is kept, so this is the one moment it can be shown.
    """
    path = settings.data_dir / "admin-password"
    if settings.admin_password or path.exists():
        return None
    password = secrets.token_urlsafe(12)
    hashed = _hash(password, secrets.token_bytes(16))
    return password if _keep(path, lambda: hashed) == hashed else None


def is_admin_password(settings: Settings, given: str) -> bool:
    """Compare in constant time with the password that was set, or the one made."""
    if settings.admin_password:
        return hmac.compare_digest(settings.admin_password.encode(), given.encode())
    with suppress(FileNotFoundError):
        kept = (settings.data_dir / "admin-password").read_text("ascii")
        salt = bytes.fromhex(kept.split("$")[1])
        return hmac.compare_digest(kept, _hash(given, salt))
    return False


def _keep(path: Path, make: Callable[[], str]) -> str:
    """What the file holds, after writing it if it is not there.

    The file appears whole or not at all: of several processes that start at once, one
    makes the secret and the others read it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            return path.read_text("ascii")
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        _write_privately(draft, make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        return path.read_text("ascii")
    except OSError as error:
        raise SettingsError(
            f"GSWARM_DATA_DIR: cannot keep secrets in {path.parent}: {error.strerror}."
        ) from error


def _write_privately(path: Path, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _hash(password: str, salt: bytes) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt, **SCRYPT)
    return f"scrypt${salt.hex()}${digest.hex()}"
