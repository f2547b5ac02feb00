"""The Procfile's line, run as a Heroku-style host runs it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from gswarm.keys.api_keys import ApiKeys
from gswarm.settings import variable_names
from gswarm.store.connection import connect
from gswarm.store.embedded import EmbeddedStore
from tests.contract.asking import question
from tests.gateway_process import free_port, wait_for

ROOT = Path(__file__).parents[2]


def web_line() -> list[str]:
    """The command of the ``web`` process."""
    [line] = (ROOT / "Procfile").read_text().splitlines()
    name, _, command = line.partition(":")
    assert name == "web"
    return shlex.split(command)


def told(port: int, **variables: str) -> dict[str, str]:
    """The environment such a host makes, and nothing of ours besides."""
    ours = {k: v for k, v in os.environ.items() if k not in variable_names()}
    path = os.pathsep.join([str(Path(sys.executable).parent), ours["PATH"]])
    return ours | {"PATH": path, "PORT": str(port), **variables}


@contextmanager
def hosted(port: int, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command, run in the clone's folder until the block ends."""
    environ = told(port, **variables)
    process = subprocess.Popen(
        web_line(), cwd=ROOT, env=environ, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=2).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def test_the_web_line_listens_on_port_and_shares_the_hosts_redis(google, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with EmbeddedStore(tmp_path / "redis") as redis:
        variables = {
            "REDIS_URL": redis.url,
            "WEB_CONCURRENCY": "1",
            "GSWARM_DATA_DIR": str(tmp_path / "data"),
            "GSWARM_GOOGLE_BASE_URL": google.url,
            "ADMIN_PASSWORD": "correct horse",
        }
        with hosted(port, **variables) as process:
            wait_for(lambda: is_up(url), 30)
            store = connect(redis.url)
            key = ApiKeys(store).create(name="test")[1]
            store.close()
            reply = requests.post(
                f"{url}/v1/chat/completions",
                json=question(),
                headers={"Authorization": f"Bearer {key}"},
                timeout=10,
            )
        assert process.returncode == 0

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "no_available_account"
    assert not (tmp_path / "data" / "store").exists()


def test_a_wrong_setting_ends_it_with_one_line(tmp_path):
    variables = {"LOG_FORMAT": "pretty", "GSWARM_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        web_line(),
        cwd=ROOT,
        env=told(free_port(), **variables),
        capture_output=True,
        timeout=30,
    )

    assert done.returncode != 0
    [line] = done.stderr.decode().splitlines()
    assert line.startswith("LOG_FORMAT is 'pretty'; it takes")
