"""The way to Google again, in a process that gevent has patched as the gateway's is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]

PATCHED = """
from gevent import monkey
monkey.patch_all()
import sys, pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_the_wire_and_both_upstreams_behave_the_same_under_gevent():
    files = [
        TESTS / "unit/google/http/test_client.py",
        TESTS / "contract/test_upstreams.py",
    ]
    options = ["-q", "-p", "no:cacheprovider"]

    ran = subprocess.run(
        [sys.executable, "-c", PATCHED, *options, *map(str, files)],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
