"""Whether somebody listens where the store should be: asked before anything starts, by
a process that must not speak TLS yet."""

from __future__ import annotations

import socket
import time

from .. import urls
from ..errors import SettingsError

WAIT_SECONDS = 5.0
LOOK_SECONDS = 1.0
PAUSE_SECONDS = 0.1
DEFAULT_PORTS = {"redis+sentinel": 26379}
REDIS_PORT = 6379


def await_store(url: str, seconds: float = WAIT_SECONDS) -> None:
    """Wait until one of the servers of this address can be reached: it may be starting.

    Raises `SettingsError` when none can.
    """
    until = time.monotonic() + seconds
    while problem := _problem(url):
        if time.monotonic() > until:
            raise SettingsError(
                f"REDIS_URL: {problem}. Start that Redis, or correct the address; "
                "unset, a store of our own is used."
            )
        time.sleep(PAUSE_SECONDS)


def _problem(url: str) -> str | None:
    """Why nobody is reached; None where somebody is."""
    parts = urls.split(url)
    if parts.scheme == "unix":
        return _socket_problem(parts.path)
    port = DEFAULT_PORTS.get(parts.scheme, REDIS_PORT)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    problems = [_host_problem(host, port) for host in hosts]
    return problems[0] if all(problems) else None


def _host_problem(host: str, default_port: int) -> str | None:
    parts = urls.split(f"//{host}")
    name, port = parts.hostname or "localhost", parts.port or default_port
    try:
        socket.create_connection((name, port), LOOK_SECONDS).close()
    except OSError as error:
        return f"nobody answers at {name}:{port} ({error.strerror or error})"
    return None


def _socket_problem(path: str) -> str | None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(LOOK_SECONDS)
        try:
            probe.connect(path)
        except OSError as error:
            return f"nobody answers at {path} ({error.strerror or error})"
    return None
