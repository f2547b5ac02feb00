"""The picture of the floors is the one that import-linter holds, and every folder is on
it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OUTSIDE = {"__init__", "__main__", "py", "simulator"}
EVERYWHERE = {"redis": {"store"}, "flask": {"web"}, "requests": {"google", "cli"}}


def contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return found


def rooms() -> set[str]:
    inside = (ROOT / "gswarm").iterdir()
    return {each.stem for each in inside if not each.name.startswith(".")} - {
        *OUTSIDE,
        "__pycache__",
    }


def test_the_drawing_shows_the_floors_that_are_held() -> None:
    drawing = (ROOT / "docs" / "architecture.md").read_text()
    drawn = re.search(r"```\n(cli\n.*?)```", drawing, re.DOTALL)
    assert drawn
    layers = next(c for c in contracts() if c["type"] == "layers")["layers"]
    assert drawn[1].splitlines() == layers


def test_every_room_is_told_of() -> None:
    drawing = (ROOT / "docs" / "architecture.md").read_text()
    table = drawing[drawing.index("| room |") : drawing.index("## The way of")]
    told = {name.split(".")[0] for name in re.findall(r"`([a-z_]+)(?:/|\.py)?`", table)}
    assert rooms() <= told


def test_what_only_one_room_may_import_is_forbidden_in_all_others() -> None:
    for library, homes in EVERYWHERE.items():
        contract = next(
            each
            for each in contracts()
            if library in each.get("forbidden_modules", ())
            and each.get("allow_indirect_imports")
        )
        held = {name.removeprefix("gswarm.") for name in contract["source_modules"]}
        assert rooms() - homes <= held, library


def test_only_what_operators_write_is_taken_apart_by_what_remembers_it() -> None:
    """`urlsplit` keeps what it is shown: clients' addresses are for `gswarm.urls`."""
    known = {"urls.py", "settings.py", "web/guards.py", "store/connection.py"}
    users = {
        str(path.relative_to(ROOT / "gswarm"))
        for path in (ROOT / "gswarm").rglob("*.py")
        if re.search(r"\burl(split|parse|join)\b", path.read_text())
    }
    others = {each for each in users if not each.startswith(("cli/", "simulator/"))}
    assert others == known
