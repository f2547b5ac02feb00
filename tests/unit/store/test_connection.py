import socket
import threading
import time

import pytest

from gswarm.errors import StoreUnavailable
from gswarm.store.connection import Store, connect


def test_replies_are_text(store: Store) -> None:
    store.set("greeting", "hällo")
    assert store.get("greeting") == "hällo"


def test_a_store_that_is_down_is_told_within_a_second(tmp_path) -> None:
    client = connect(f"unix://{tmp_path}/nobody.sock")
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        client.get("anything")
    with pytest.raises(StoreUnavailable), client.pipeline() as pipe:
        pipe.get("anything").get("else").execute()
    assert time.monotonic() - started < 1.0


def test_a_store_that_hangs_is_told_within_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = connect(f"redis://127.0.0.1:{mute.getsockname()[1]}/2")
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            client.get("anything")
        assert time.monotonic() - started < 3.0
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
