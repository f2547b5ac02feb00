"""The one real store every test shares, emptied for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gswarm.store import embedded
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import EmbeddedStore

PROGRAMS = list(embedded.servers())
"""Every server there is here; the first is what a gateway takes."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_server: run on each kind of Redis")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is about the store itself is asked of every server there is here."""
    uses_store = "server_program" in metafunc.fixturenames
    folder = metafunc.definition.path.parent.name
    is_about_it = metafunc.definition.get_closest_marker("every_server")
    if uses_store and (folder == "store" or is_about_it):
        metafunc.parametrize("server_program", PROGRAMS, ids=_name, scope="session")


def _name(program: str) -> str:
    return Path(program).name


# How long an example takes says how busy the machine is.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def server_program() -> str:
    return PROGRAMS[0]


@pytest.fixture(scope="session")
def embedded_store(
    tmp_path_factory: pytest.TempPathFactory, server_program: str
) -> Iterator[EmbeddedStore]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "find_server", lambda: server_program)
        with EmbeddedStore(tmp_path_factory.mktemp("data")) as started:
            yield started


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
