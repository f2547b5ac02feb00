"""How gunicorn runs GSwarm: one master that keeps the store, gevent workers.

The master imports nothing that speaks TLS: workers patch it after the fork.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from gswarm.errors import SettingsError
from gswarm.settings import load_settings
from gswarm.store import secret_files
from gswarm.store.embedded import EmbeddedStore
from gswarm.store.reach import await_store
from gswarm.web.server import logs, process_limits
from gswarm.web.server.shutdown import DRAIN_SECONDS, FAREWELL_SECONDS, Lifecycle

ENDINGS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
"""What gunicorn tells a worker to end by; SIGQUIT, where somebody pressed Ctrl-C."""


def _stop(number: int, frame: object) -> None:
    """Until gunicorn listens to signals itself."""
    raise SystemExit("Stopped.")


signal.signal(signal.SIGINT, _stop)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

try:
    settings = secret_files.complete(load_settings())
except SettingsError as error:
    raise SystemExit(str(error)) from None

bind = f"0.0.0.0:{settings.port}"
workers = settings.web_concurrency
worker_class = "gswarm.web.server.worker.Worker"
worker_connections = 4000
timeout = 60
graceful_timeout = DRAIN_SECONDS + FAREWELL_SECONDS
# Also the time a client has to send its headers. Longer than common clients keep a
# connection that they do not use, so that it is they who close it.
keepalive = 30
preload_app = False
control_socket_disable = True
logger_class = logs.GunicornLog
logconfig_dict = logs.describe(settings)


def on_starting(server: Any) -> None:
    """Before anything listens: a password, and a store where none is given."""
    process_limits.raise_open_files()
    try:
        password = secret_files.make_admin_password(settings)
        if settings.redis_url:
            await_store(settings.redis_url)
        server.gswarm_store = None if settings.redis_url else _own_store()
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    if password:
        sys.stderr.write(
            f"Dashboard login: {settings.admin_username} / {password}"
            " (shown this once; set ADMIN_PASSWORD to choose your own)\n"
        )


def on_exit(server: Any) -> None:
    """After the last worker: the store ends."""
    if server.gswarm_store:
        server.gswarm_store.stop()


def post_fork(server: Any, worker: Any) -> None:
    """In each worker, before the app is made. The first is 1; none hears before it is
    made that it is to end (see wsgi.py)."""
    process_limits.give_large_blocks_back()
    os.environ["GSWARM_WORKER"] = str(worker.age)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)


def post_worker_init(worker: Any) -> None:
    """In each worker, once the app is made."""
    worker.gswarm = Lifecycle(worker.wsgi.extensions["gswarm"], worker)
    worker.gswarm.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)


def pre_request(worker: Any, request: Any) -> None:
    """A request begins."""
    worker.gswarm.open_requests += 1
    if worker.gswarm.unread.are_longer(request.headers):
        request.force_close()


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    """A request has been answered, whether well or badly."""
    worker.gswarm.open_requests -= 1
    if not worker.gswarm.unread.finish(environ, request.body):
        request.force_close()


def _own_store() -> EmbeddedStore:
    store = EmbeddedStore(settings.data_dir)
    store.start()
    return store
