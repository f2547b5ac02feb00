import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis.exceptions import WatchError

from gswarm.errors import SettingsError, StoreUnavailable
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import EmbeddedStore, find_server


def test_replies_are_text(store: Store) -> None:
    store.set("greeting", "hällo")
    assert store.get("greeting") == "hällo"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@h?db=abc",
        "redis://:hunter2@h/0?foo=bar",
        "redis://:hunter2@h?ssl_cert_reqs=none",
        "rediss://:hunter2@h?ssl_cert_reqs=hunter2",
        "unix:///redis.sock?hunter2=1",
    ],
)
def test_options_that_make_no_connection_are_told_at_once(url) -> None:
    with pytest.raises(SettingsError, match=r"^REDIS_URL is") as raised:
        connect(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "rediss://:hunter2@h:1/2?ssl_cert_reqs=none&max_connections=8",
        "redis+sentinel://:hunter2@h,i:1/main/1",
        "unix:///redis.sock?db=1",
    ],
)
def test_options_that_are_known_are_taken(url) -> None:
    connect(url)


def test_a_store_that_is_down_is_told_within_a_second(tmp_path) -> None:
    client = connect(f"unix://{tmp_path}/nobody.sock")
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        client.get("anything")
    with pytest.raises(StoreUnavailable), client.pipeline() as pipe:
        pipe.get("anything").get("else").execute()
    assert time.monotonic() - started < 1.0


def test_a_store_whose_sentinels_are_down_is_told_in_few_words() -> None:
    client = connect("redis+sentinel://:hunter2@127.0.0.1:1/main")
    with pytest.raises(StoreUnavailable) as raised:
        client.get("anything")
    assert str(raised.value).endswith("No master found for 'main'")


def test_a_store_that_hangs_is_told_within_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = connect(f"redis://127.0.0.1:{mute.getsockname()[1]}/2")
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            client.get("anything")
        assert time.monotonic() - started < 3.0
        client.close()


def test_who_waits_for_a_connection_that_hangs_does_not_hang_on_it_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        client = connect(f"redis://127.0.0.1:{port}/2?max_connections=1")
        took: list[float] = []

        def ask() -> None:
            started = time.monotonic()
            with pytest.raises(StoreUnavailable):
                client.get("anything")
            took.append(time.monotonic() - started)

        first, second = threading.Thread(target=ask), threading.Thread(target=ask)
        first.start()
        time.sleep(1.0)  # so that its patience outlasts the first one's
        second.start()
        for thread in (first, second):
            thread.join()
        assert max(took) < 3.0
        client.close()


def test_a_refused_command_is_told_as_the_stores_failure(store: Store) -> None:
    store.set("word", "text")
    with pytest.raises(StoreUnavailable):
        store.incr("word")
    with pytest.raises(StoreUnavailable), store.pipeline() as pipe:
        pipe.get("word").incr("word").execute()


def test_threads_share_one_client(store: Store) -> None:
    def count() -> None:
        for _ in range(50):
            store.incr("counter")

    threads = [threading.Thread(target=count) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("counter") == "1000"


def test_a_transaction_lost_to_another_writer_is_not_a_failure(store: Store) -> None:
    with store.pipeline(transaction=True) as pipe, pytest.raises(WatchError):
        pipe.watch("counter")
        store.incr("counter")
        pipe.multi()
        pipe.incr("counter")
        pipe.execute()


def test_a_restarted_store_is_found_again_by_an_open_client(tmp_path) -> None:
    with EmbeddedStore(tmp_path) as first:
        client = connect(first.url)
        client.set("kept", "yes")
    with EmbeddedStore(tmp_path):
        assert client.get("kept") == "yes"
        client.close()


@pytest.mark.parametrize(
    ("url", "hosts", "service", "db"),
    [
        ("redis+sentinel://a", [("a", 26379)], "mymaster", 0),
        ("redis+sentinel://:pw@a:1,b:2/main/3", [("a", 1), ("b", 2)], "main", 3),
    ],
)
def test_sentinels_are_asked_for_the_master(url, hosts, service, db) -> None:
    pool = connect(url).connection_pool
    asked = [
        each.connection_pool.connection_kwargs
        for each in pool.sentinel_manager.sentinels
    ]
    assert [(each["host"], each["port"]) for each in asked] == hosts
    assert pool.service_name == service
    assert pool.connection_kwargs["db"] == db
    assert pool.connection_kwargs["socket_timeout"] < 3


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def run_server(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """``run_server("sentinel.conf line", …, sentinel=True)`` returns its port."""
    running: list[subprocess.Popen[bytes]] = []

    def run(*lines: str, sentinel: bool = False) -> int:
        port = free_port()
        conf = tmp_path / f"{port}.conf"
        conf.write_text("\n".join([f"port {port}", f"dir {tmp_path}", *lines]))
        command = [find_server(), str(conf), *["--sentinel"] * sentinel]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        until = time.monotonic() + 5
        while time.monotonic() < until:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                return port
        raise AssertionError("the server did not start")

    yield run
    for process in running:
        process.kill()
        process.wait()


def test_the_master_is_found_through_a_sentinel(run_server) -> None:
    master = run_server('save ""', "requirepass hush")
    watch = f"sentinel monitor main 127.0.0.1 {master} 1"
    sentinel = run_server(watch, "sentinel auth-pass main hush", sentinel=True)
    client = connect(f"redis+sentinel://:hush@127.0.0.1:{sentinel}/main/3")
    client.set("found", "yes")
    direct = connect(f"redis://:hush@127.0.0.1:{master}/3")
    assert direct.get("found") == "yes"
    for each in (client, direct):
        each.close()
