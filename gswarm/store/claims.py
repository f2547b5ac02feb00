"""The secrets that machines on one store must share, claimed as a machine starts."""

from __future__ import annotations

import logging

from ..errors import StoreUnavailable
from ..settings import Settings
from .connection import Store
from .encryption import claim_keys

logger = logging.getLogger(__name__)


def claim_secrets(store: Store, settings: Settings) -> None:
    """Raise `SettingsError` where another machine on this store has other secrets.

    A store that is down is no reason not to start: everything resumes when it is back.
    """
    try:
        claim_encryption_key(store, settings)
        claim_keys(store, "SESSION_SECRET", settings.session_secret)
    except StoreUnavailable as error:
        logger.warning("Starting without the store: %s", error)


def claim_encryption_key(store: Store, settings: Settings) -> None:
    """Raise `SettingsError` where the credentials in this store need another key."""
    claim_keys(store, "GSWARM_ENCRYPTION_KEY", settings.encryption_key)
