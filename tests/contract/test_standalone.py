"""The whole program in one file."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = ROOT / "dist" / "gswarm-standalone.pyz"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run a verb of the file, far from the sources and from what is installed."""
    made = subprocess.run(
        ["make", "standalone"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    away = tmp_path_factory.mktemp("standalone")
    environ = {"PATH": os.defpath, "HOME": str(away), "SHIV_ROOT": str(away / "shiv")}
    python = sys._base_executable

    def run(*words):
        return subprocess.run(
            [python, str(FILE), *words],
            cwd=away,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--help"], "demo"),
        (["keys", "--help"], "revoke"),
        (["demo", "--help"], "--port"),
        (["keys", "create", "laptop", "--json"], '"key": "sk-gswarm-'),
    ],
)
def test_it_answers_on_its_own(run, words, expected):
    result = run(*words)

    assert result.returncode == 0, result.stderr
    assert expected in result.stdout


def test_it_holds_the_program_and_nothing_else_of_ours(run):
    with zipfile.ZipFile(FILE) as archive:
        names = archive.namelist()
    here = {name.removeprefix("site-packages/") for name in names}

    assert here > {
        "app.py",
        "wsgi.py",
        "gunicorn.conf.py",
        "frontend/index.html",
        "frontend/docs/docs.js",
        "gswarm/store/lua/take.lua",
        "gswarm/simulator/server.py",
    }
    assert not [name for name in here if name.startswith(("tests/", "data/", ".env"))]
