"""Whether somebody listens where the store should be."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from gswarm.errors import SettingsError
from gswarm.store.reach import await_store


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:{port}/0",
        "rediss://:secret@127.0.0.1:{port}",
        "redis+sentinel://127.0.0.1:{port},localhost:{port}/main",
        "unix:///nowhere/redis.sock",
    ],
)
def test_where_nobody_answers_is_told_without_a_password(url: str, port: int) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL: nobody answers at") as told:
        await_store(url.format(port=port), seconds=0)

    assert "secret" not in str(told.value)


def test_a_store_that_is_there_is_not_waited_for(redis_url: str) -> None:
    begun = time.monotonic()
    await_store(redis_url)

    assert time.monotonic() - begun < 1


def test_one_that_is_about_to_come_is_waited_for(port: int) -> None:
    def come() -> None:
        with socket.create_server(("127.0.0.1", port)) as server:
            server.accept()[0].close()

    late = threading.Timer(0.2, come)
    late.start()

    await_store(f"redis://127.0.0.1:{port}", seconds=5)
    late.join()
