"""Installs the clients into a cache outside the tree, once for each set of versions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .versions import NPM, PYPI

STAMP = "installed.json"


def cache() -> Path:
    """``$XDG_CACHE_HOME/gswarm-clients``, by default under ``~/.cache``."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "gswarm-clients"


def folder(group: str) -> Path:
    """Where a group of the table is."""
    return cache() / group


def missing(group: str) -> bool:
    """Whether a group is not there in the versions of the table."""
    stamp = folder(group) / STAMP
    return not stamp.exists() or json.loads(stamp.read_text()) != _wanted(group)


def install(group: str) -> str:
    """Install a group anew; why it could not be, or ``""``."""
    target = folder(group)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for command in _npm(group) if group in NPM else _pip(group):
        try:
            done = subprocess.run(command, cwd=target, capture_output=True, text=True)
        except FileNotFoundError:
            return f"there is no {command[0]} here"
        if done.returncode:
            return _reason(done.stderr or done.stdout) or f"{command[0]} failed"
    (target / STAMP).write_text(json.dumps(_wanted(group)))
    return ""


def _reason(told: str) -> str:
    """The line that says why: pip's last; npm's before it tells where its log is."""
    lines = [line for line in told.strip().splitlines() if "complete log" not in line]
    return lines[-1] if lines else ""


def _wanted(group: str) -> dict[str, str]:
    return NPM.get(group) or PYPI[group]


def _npm(group: str) -> list[list[str]]:
    packages = [f"{name}@{version}" for name, version in NPM[group].items()]
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    return [["npm", "install", "--prefix", ".", *quiet, *packages]]


def _pip(group: str) -> list[list[str]]:
    packages = [f"{name}=={version}" for name, version in PYPI[group].items()]
    pip = ["venv/bin/python", "-m", "pip", "install", "--quiet"]
    return [
        [sys.executable, "-m", "venv", "venv"],
        [*pip, "--disable-pip-version-check", *packages],
    ]
