"""What a script needs is read before it, in order and once."""

from pathlib import Path

import pytest

from gswarm.store.scripts import Script

LUA = Path(__file__).parents[3] / "gswarm" / "store" / "lua"


def test_what_a_script_requires_comes_before_it_and_once() -> None:
    source = Script("take").source
    order = [
        source.index(f"-- Library: {subject}")
        for subject in ("the health", "where a project", "telling", "reservations")
    ]
    assert order == sorted(order)
    assert source.count("-- Library: where a project stands") == 1


def test_a_script_that_requires_nothing_is_its_file() -> None:
    text = (LUA / "unlock.lua").read_text()
    assert Script("unlock").source.endswith(text)


@pytest.mark.parametrize("path", sorted((LUA / "lib").glob("*.lua")))
def test_every_library_is_required_by_somebody(path: Path) -> None:
    headers = [file.read_text().splitlines()[0] for file in LUA.rglob("*.lua")]
    needed = {
        name
        for header in headers
        if header.startswith("-- requires: ")
        for name in header.removeprefix("-- requires: ").split(", ")
    }
    assert path.stem in needed
