"""What the dashboard's files may and may not do: rules that no reader need check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gswarm.web.pages import FRONTEND

SCRIPTS = sorted(FRONTEND.rglob("*.js"))
STYLES = sorted(FRONTEND.rglob("*.css"))
PAGES = sorted(FRONTEND.rglob("*.html"))
MOST_LINES = {".js": 280, ".css": 400}

ONLY_IN = {
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe": "lib/html.js",
    r"\bfetch\(|XMLHttpRequest": "lib/api.js",
    r"new EventSource": "lib/live.js",
}


def name_of(path: Path) -> str:
    return path.relative_to(FRONTEND).as_posix()


def code_of(path: Path) -> str:
    """Without whole-line comments, which may speak of anything."""
    return re.sub(r"^\s*(//|/?\*).*$", "", path.read_text(), flags=re.MULTILINE)


def imports_of(path: Path) -> list[str]:
    pattern = r'^(?:import|export)\s(?:[\w*{},\s]*\bfrom\s)?"([^"]+)"'
    return re.findall(pattern, path.read_text(), re.MULTILINE)


def file_at(address: str) -> Path:
    assert address.startswith("/static/"), address
    return FRONTEND / address.removeprefix("/static/")


@pytest.mark.parametrize("pattern", ONLY_IN)
def test_the_doors_are_few(pattern):
    found = {name_of(path) for path in SCRIPTS if re.search(pattern, code_of(path))}

    assert found <= {ONLY_IN[pattern]}


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_says_what_it_is_for(path):
    assert path.read_text().startswith("// ")


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=name_of)
def test_a_file_tells_one_thing(path):
    assert path.read_text().count("\n") <= MOST_LINES[path.suffix]


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_imports_lead_somewhere_within(path):
    for address in imports_of(path):
        assert file_at(address).is_file(), address


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_nothing_is_written_that_the_policy_forbids_or_that_escapes(path):
    code = code_of(path)

    assert not re.search(r"\sstyle=[\"$]|\.style\.(?!setProperty)\w|\son\w+=\"", code)
    assert not re.search(r"\beval\(|new Function\(|document\.write", code)
    assert not re.search(r"<[^>`]*\s[\w-]+=\$\{", code), "quote the attribute"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_links_to_files_that_are_there(path):
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)', path.read_text()):
        assert file_at(address).is_file(), address


def test_the_front_page_asks_at_once_for_all_that_it_begins_with():
    page = (FRONTEND / "index.html").read_text()
    wanted: set[str] = set()
    waiting = ["/static/main.js"]
    while waiting:
        address = waiting.pop()
        if address not in wanted:
            wanted.add(address)
            waiting += imports_of(file_at(address))
    preloaded = re.findall(r'rel="modulepreload" href="([^"]+)"', page)

    # Every panel begins with these, whichever it is.
    of_panels = {"/static/lib/panel.js", "/static/lib/table.js"}
    assert sorted(preloaded) == sorted(wanted - {"/static/main.js"} | of_panels)


def test_every_icon_that_is_named_is_there():
    drawn = set(
        re.findall(r'<symbol id="([\w-]+)"', (FRONTEND / "icons.svg").read_text())
    )
    named = {
        name
        for path in SCRIPTS
        for name in re.findall(r'\bicon(?:\(|: )"([\w-]+)"', path.read_text())
    }

    assert named <= drawn


UNUSUAL = re.compile(
    r"cannot be (asked|used)|next free|look at google|nothing (here )?is called"
    r"|rests? (no|until|for)\b|is cooling|\d cooling|forgotten here|discover projects",
    re.IGNORECASE,
)
"""What docs/wording.md has other words for."""


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_people_read_the_words_of_the_trade(path):
    assert not UNUSUAL.findall(code_of(path))
