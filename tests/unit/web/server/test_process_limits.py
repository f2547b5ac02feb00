"""What a worker asks of its system."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from gswarm.web.server.process_limits import give_large_blocks_back, raise_open_files


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1000), hard))
    try:
        assert raise_open_files() == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_large_blocks_go_back_to_the_system() -> None:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("only Linux tells how much memory a process holds")

    def held() -> int:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmRSS"].split()[0])

    give_large_blocks_back()
    before = held()
    for _ in range(3):
        blocks = [bytes(8_000_000) + b"x" for _ in range(8)]
        del blocks

    assert held() - before < 20_000
