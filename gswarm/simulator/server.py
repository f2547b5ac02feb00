"""The simulator as a process of its own: one gevent server, no patched modules.

Everything that waits here does so through gevent by name, so nothing is
monkey-patched, and `serve` may be called from any program's main thread.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

import gevent
from gevent.pywsgi import WSGIServer
from gevent.socket import wait_read

from .app import create_app
from .connection import Handler
from .world import INSTANT, PLAUSIBLE, World

BACKLOG = 2048
MAX_FILES = 65_536


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    accounts: int = 3,
    projects: int = 12,
    quota: Path | str | None = None,
    *,
    instant: bool = False,
    exit_on_eof: bool = False,
) -> None:
    """Simulate Google until SIGTERM or Ctrl-C; one line on stdout says when ready.

    ``quota`` names a JSON file with the body of ``POST /_sim/quota``. Models take about
    as long as real ones, or with ``instant`` no time at all. With
    ``exit_on_eof`` the end of stdin stops it too, so that it never outlives the
    program that started it.
    """
    _allow_many_sockets()
    speed = INSTANT if instant else PLAUSIBLE
    world = World(accounts, projects, usual_speed=speed)
    if quota:
        _set_quota(world, Path(quota))
    server = WSGIServer(
        (host, port),
        create_app(world),
        backlog=BACKLOG,
        log=None,
        handler_class=Handler,
        environ={"SERVER_NAME": host},
    )
    try:
        server.start()
    except OSError as error:
        raise SystemExit(f"Cannot listen on {host}:{port}: {error.strerror}") from None
    _announce(f"http://{host}:{server.server_port}", world)
    _stop_on_signals(server)
    if exit_on_eof:
        gevent.spawn(_stop_at_eof, server)
    server.serve_forever(stop_timeout=0)


def _set_quota(world: World, path: Path) -> None:
    try:
        world.set_quota(json.loads(path.read_text()))
    except KeyError as error:
        raise SystemExit(f"{path}: a limit lacks {error}") from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SystemExit(f"{path}: {error}") from None


def _allow_many_sockets() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if most == resource.RLIM_INFINITY else min(most, MAX_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _announce(url: str, world: World) -> None:
    size = f"{len(world.accounts)} accounts, {len(world.projects)} projects"
    sys.stdout.write(f"Google simulator ready on {url} ({size})\n")
    sys.stdout.flush()


def _stop_on_signals(server: WSGIServer) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop, 0)


def _stop_at_eof(server: WSGIServer) -> None:
    stdin = sys.stdin.fileno()
    while True:
        wait_read(stdin)
        if not os.read(stdin, 4096):
            break
    server.stop(0)
