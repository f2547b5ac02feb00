"""Who is measured: the gateway, the bare app beside it, the Google both ask."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.gateway_process import free_port, start_gateway, wait_for
from tests.simulator_process import start_simulator

from .canned_google import in_chunks
from .load import Target
from .process_tree import cpu_seconds, memory_kb

MODEL = "gemini-2.5-flash"
MANY = 100_000_000
"""A limit that is counted but never met."""

SYSTEM, TEXT = "Be brief.", "x" * 1500


def chat_of(text: str) -> dict[str, Any]:
    """A chat of one question, whole."""
    turn = {"role": "user", "content": text}
    system = {"role": "system", "content": SYSTEM}
    return {"model": MODEL, "messages": [system, turn]}


def stream_of(chunks: int, pause: float) -> dict[str, Any]:
    """A chat whose answer is a stream of so many chunks, so many seconds apart."""
    return {**chat_of(in_chunks(chunks, pause) + TEXT), "stream": True}


SHORT = chat_of(TEXT)


@dataclass(frozen=True)
class Contestant(Target):
    """A target, and what its processes use."""

    pid: int = 0

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def memory_kb(self) -> int:
        return memory_kb(self.pid)


class CannedGoogle:
    """`canned_google` in a process of its own, at ``url``."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._kill9()

    def kill9_and_restart(self) -> None:
        """Be gone in the middle of everything, and back at once."""
        self._kill9()
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.bench.canned_google", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def _kill9(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def bare(google: str) -> Iterator[Contestant]:
    """`bare_app` on one worker."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "1"),
        *("--worker-connections", "4000", "--no-control-socket"),
        *("--log-level", "error", "-b", f"127.0.0.1:{port}", "bare_app:app"),
    ]
    # Where it starts, gunicorn looks for the gateway's own configuration.
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).parent,
        env=os.environ | {"BARE_UPSTREAM": google},
    )
    contestant = Contestant(f"http://127.0.0.1:{port}", pid=process.pid)
    try:
        wait_for(lambda: _answers(contestant), 20)
        yield contestant
    finally:
        process.terminate()
        process.wait()


@contextmanager
def gateway(google: str) -> Iterator[Contestant]:
    """The gateway on one worker, 36 projects, and a key with a limit to be counted.

    Everything but the answers comes from the simulator.
    """
    with (
        start_simulator() as simulator,
        start_gateway(simulator, 1, {"CODE_ASSIST_ENDPOINT": google}) as process,
    ):
        key = process.new_key("limited", rate_limit=MANY, tokens_per_day=MANY)
        yield Contestant(process.url, key, pid=process.process.pid)


def _answers(contestant: Contestant) -> bool:
    try:
        return contestant.ask_all([SHORT], 1)[0].is_good
    except OSError:
        return False
