"""What most verbs begin with: the settings, the store they name, the gateway on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from ..gateway import Gateway, build_gateway
from ..settings import Settings
from ..store import claims, secret_files
from ..store.connection import Store, connect
from ..store.embedded import EmbeddedStore


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store: the gateway's own where one runs, started for a moment where not."""
    if settings.redis_url:
        yield connect(settings.redis_url)
        return
    with EmbeddedStore(settings.data_dir) as embedded:
        yield connect(embedded.url)


@contextmanager
def open_gateway(settings: Settings) -> Iterator[Gateway]:
    """Everything below the web, on the settings' store.

    Raises `SettingsError` with another key than the store's: what it kept, no gateway
    could read.
    """
    settings = secret_files.complete(settings)
    with unclaimed_rooms(settings) as gateway:
        claims.claim_encryption_key(gateway.store, settings)
        yield gateway


@contextmanager
def unclaimed_rooms(settings: Settings) -> Iterator[Gateway]:
    """The same, whatever the key; for looking only. The settings have all secrets."""
    with (
        opened_store(settings) as store,
        closing(build_gateway(settings, store)) as gateway,
    ):
        yield gateway
