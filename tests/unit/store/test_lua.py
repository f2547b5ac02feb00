"""luacheck finds nothing in the scripts, each read with the libraries it requires."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gswarm.store.scripts import all_sources

ROOT = Path(__file__).parents[3]
LUACHECK = shutil.which("luacheck")


def test_luacheck_is_there_where_it_must_be() -> None:
    assert LUACHECK or not os.environ.get("CI")


@pytest.mark.skipif(LUACHECK is None, reason="there is no luacheck on the PATH")
def test_luacheck_finds_nothing(tmp_path: Path) -> None:
    for number, source in enumerate(all_sources()):
        (tmp_path / f"{number:02}.lua").write_text(source)

    command = [str(LUACHECK), "--config", str(ROOT / ".luacheckrc"), "--no-color", "-q"]
    found = subprocess.run(
        [*command, str(tmp_path)], capture_output=True, text=True, timeout=60
    )

    assert found.returncode == 0, found.stdout
