"""``make demo``, as somebody who has just cloned it sees it."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests.dashboard import sign_in
from tests.gateway_process import free_port, wait_for

ROOT = Path(__file__).parents[2]


class Demo:
    """A running demo and what it has said so far."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gswarm", "demo", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def read_welcome(self) -> str:
        """Everything up to the last line of the welcome."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                return self.said
        raise AssertionError(f"The demo ended:\n{self.said}")

    def family(self) -> list[int]:
        """All processes that work in the demo's folder (Linux)."""
        words = re.search(r"gswarm-demo-\w+", self.said)
        assert words
        return _processes_naming(words.group())


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(free_port(), tmp_path)
    yield demo
    if demo.process.poll() is None:
        demo.process.send_signal(signal.SIGINT)
    demo.process.communicate(timeout=30)


def test_the_demo_answers_and_stops_without_a_trace(demo: Demo, tmp_path: Path) -> None:
    welcome = demo.read_welcome()

    assert "Simulated gemini-3-flash heard" in welcome
    assert re.search(r"API key: +sk-gswarm-[0-9a-f]{32}\n", welcome)
    assert f"http://localhost:{demo.port}/v1\n" in welcome
    pasted = next(line for line in welcome.splitlines() if line.startswith("curl "))
    answer = subprocess.run(
        [*["sh", "-c"], f"{pasted} --silent"], capture_output=True, check=True
    )
    assert b'"finish_reason":"stop"' in answer.stdout
    streamed = pasted.replace('{"model"', '{"stream": true, "model"')
    arrivals = list(arrivals_of(f"{streamed} --silent --no-buffer"))
    assert len(arrivals) >= 4
    assert arrivals[-1] - arrivals[0] > 0.1, "not all at once"

    accounts = check_linking(demo, welcome)
    upstreams = [account["upstream"] for account in accounts]
    assert upstreams == ["cloudcode"] * 3 + ["gemini_api"]

    family = demo.family()
    assert len(family) >= 3
    demo.process.send_signal(signal.SIGINT)
    demo.process.communicate(timeout=30)

    assert demo.process.returncode == 0
    wait_for(lambda: not demo.family(), 5)
    assert not list(tmp_path.iterdir())
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://localhost:{demo.port}/healthz", timeout=1)


def check_linking(demo: Demo, welcome: str) -> list[dict[str, Any]]:
    """Link somebody as in the dashboard; every account there is then."""
    named = re.search(r"sign in as admin, password (\S+)\)", welcome)
    assert named
    admin = sign_in(f"http://localhost:{demo.port}", named.group(1))
    away = admin.get("/api/auth/google?intent=link", allow_redirects=False)
    assert away.status_code == 302, away.text
    with requests.Session() as browser:
        page = browser.get(away.headers["Location"], timeout=5).text
        fields = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
        back = browser.post(
            urljoin(away.headers["Location"], "/o/oauth2/v2/auth/decision"),
            data={name: html.unescape(value) for name, value in fields}
            | {"account": "alice@example.com", "decision": "allow"},
            allow_redirects=False,
            timeout=5,
        )
    linked = admin.get(back.headers["Location"].partition(str(demo.port))[2])
    assert "alice@example.com is linked" in linked.text
    accounts: list[dict[str, Any]] = admin.get("/api/accounts").json()["accounts"]
    return accounts


def arrivals_of(command: str) -> Iterator[float]:
    """When each event of a stream arrives."""
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE) as running:
        assert running.stdout
        for line in running.stdout:
            if line.startswith(b"data: {"):
                yield time.monotonic()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends orphans")
def test_a_demo_that_is_killed_leaves_nothing_running(demo: Demo) -> None:
    demo.read_welcome()

    demo.process.kill()

    wait_for(lambda: not demo.family(), 10, demo.family)
    wait_for(lambda: _is_free(demo.port), 5)


def test_a_closed_terminal_ends_the_demo(demo: Demo) -> None:
    demo.read_welcome()

    demo.process.send_signal(signal.SIGHUP)

    assert demo.process.wait(30) == 0
    wait_for(lambda: not demo.family(), 5)


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        demo = Demo(taken.getsockname()[1], tmp_path)
        said, _ = demo.process.communicate(timeout=30)

    assert demo.process.returncode == 1
    assert said.count("\n") == 1
    assert f"Cannot listen on 0.0.0.0:{demo.port}" in said
    assert "--port" in said


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _processes_naming(word: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes() + (
                folder / "environ"
            ).read_bytes()
        except OSError:
            continue
        if word.encode() in words:
            found.append(int(folder.name))
    return found
