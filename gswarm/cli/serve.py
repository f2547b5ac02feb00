"""``serve``: run the gateway in the place of this process."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import click

from ..settings import Settings, environment

ROOT = Path(__file__).parents[2]


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to use.")
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of PORT.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes.")
def serve(host: str, port: int | None, workers: int | None) -> None:
    """Run the gateway until it is told to stop."""
    environ = gateway_environment(port, workers)
    settings = Settings.from_env(environ)
    check_port(host, settings.port)
    command = gunicorn_command(host, settings.port)
    # Heard by gunicorn.conf.py, once there is somebody to answer in words.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.execve(command[0], command, environ)


def gunicorn_command(host: str, port: int) -> list[str]:
    """The command line that runs the gateway; its environment says the rest."""
    bracketed = f"[{host}]" if ":" in host else host
    config = str(ROOT / "gunicorn.conf.py")
    bind = f"{bracketed}:{port}"
    return [sys.executable, "-m", "gunicorn", "-c", config, "-b", bind, "wsgi:app"]


def gateway_environment(port: int | None, workers: int | None) -> dict[str, str]:
    """This process's variables, with what the command line says instead."""
    environ = environment()
    if port:
        environ["PORT"] = str(port)
    if workers:
        environ["WEB_CONCURRENCY"] = str(workers)
    paths = [str(ROOT), environ.get("PYTHONPATH", "")]
    return environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def check_port(host: str, port: int) -> None:
    """Raise a one-line error where something listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "Choose another port with --port."
            ) from None
