"""Programs that run beside a verb, and end with it whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from ..store.embedded import LAUNCH

Found = TypeVar("Found")

READY_SECONDS = 30.0
STOP_SECONDS = 30.0

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite kill, and a terminal that was closed."""


class Stopped(Exception):
    """The verb was told to stop."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise `Stopped` inside on any of `ENDINGS`, and end with it in a line."""
    before = {number: signal.signal(number, _stop) for number in ENDINGS}
    try:
        yield
    except Stopped:
        click.echo("Stopped.", err=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def child(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; what it says goes to ``log``.

    It has a session of its own, so that a Ctrl-C reaches this process alone, and on
    Linux it ends even when this process is killed outright.
    """
    launch = [sys.executable, "-S", "-E", "-c", LAUNCH, str(os.getpid()), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            launch,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def wait_for(
    process: subprocess.Popen[bytes], log: Path, find: Callable[[], Found | None]
) -> Found:
    """What ``find`` finds once the program is ready.

    Raises an error with the program's last words if it ends instead.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = find()
        if found is not None:
            return found
        time.sleep(0.05)
    words = log.read_text(errors="replace").strip().splitlines()[-5:]
    raise click.ClickException("\n".join(["It did not start:", *words]))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop(number: int, frame: object) -> NoReturn:
    # A second signal must not interrupt the cleaning up after the first.
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise Stopped
