"""Encryption of what must not lie open in the store, and the keys machines share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ..errors import SettingsError
from . import names
from .connection import Store

SCRYPT = {"n": 2**14, "r": 8, "p": 1}
"""A fingerprint lies in the store for all to see; guessing a weak secret from it must
cost something (about 50 ms each)."""


class Seal:
    """Seals with the first key, opens with any: a new key comes behind the old one
    until every machine has it, and then before it."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._newest = Fernet(keys[0])

    def seal(self, plain: str) -> str:
        """Encrypt."""
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt; raises `SettingsError` where none of the keys fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SettingsError(
                "GSWARM_ENCRYPTION_KEY: a credential in the store was encrypted with "
                "another key; give this machine that one too, after a comma."
            ) from None

    def is_current(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True


def claim_keys(store: Store, variable: str, keys: Sequence[str]) -> None:
    """Make sure every machine on this store has the same secret.

    The first machine leaves a fingerprint of its newest key. Others must know that
    key; one that puts a newer key before it replaces the fingerprint. Raises
    `SettingsError`, naming ``variable``.
    """
    newest = fingerprint(variable, keys[0])
    store.hsetnx(names.KEYRING, variable, newest)
    claimed = store.hget(names.KEYRING, variable)
    if claimed == newest:
        return
    if claimed not in [fingerprint(variable, key) for key in keys[1:]]:
        raise SettingsError(
            f"{variable} differs from the one other machines on this store use; "
            "set the same everywhere. To change it, give the new one and the old one, "
            "separated by a comma."
        )
    store.hset(names.KEYRING, variable, newest)


def fingerprint(variable: str, key: str) -> str:
    """Tells keys apart without telling what they are."""
    return hashlib.scrypt(
        key.encode(), salt=variable.encode(), dklen=16, **SCRYPT
    ).hex()
