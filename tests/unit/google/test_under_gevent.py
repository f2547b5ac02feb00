"""The same behaviour in a process that gevent has patched, as the gateway's is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PATCHED = """
from gevent import monkey
monkey.patch_all()
import sys, pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_the_wire_behaves_the_same_under_gevent():
    tests = Path(__file__).with_name("test_wire.py")

    ran = subprocess.run(
        [sys.executable, "-c", PATCHED, "-q", "-p", "no:cacheprovider", str(tests)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
