"""The one real store every test shares, emptied for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gswarm.store.connection import Store, connect
from gswarm.store.embedded import EmbeddedStore


@pytest.fixture(scope="session")
def embedded_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path_factory.mktemp("data")) as embedded:
        yield embedded


@pytest.fixture
def redis_url(embedded_store: EmbeddedStore) -> str:
    """The address of an empty store."""
    client = connect(embedded_store.url)
    client.flushall()
    client.close()
    return embedded_store.url


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    """A client of an empty store."""
    client = connect(redis_url)
    yield client
    client.close()
