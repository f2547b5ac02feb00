"""What ``make clients`` tells, and that the page it runs can be run."""

from __future__ import annotations

import ast

import pytest

from tests.clients.agents import AGENTS
from tests.clients.libraries import LIBRARIES, SCRIPTS
from tests.clients.outcome import RoutingOutcome, table
from tests.clients.snippets import SNIPPETS, Snippet
from tests.clients.versions import NPM, PYPI


def test_the_table_has_clients_down_scenarios_across_and_names_what_is_missing() -> (
    None
):
    outcomes = [
        RoutingOutcome("one", "plain", ok=True),
        RoutingOutcome("other", "plain", ok=False, why="because"),
        RoutingOutcome("other", "tools", ok=True),
    ]
    assert list(table(outcomes, {"third": "not installed"})) == [
        "       plain  tools",
        "one    ok",
        "other  FAIL   ok",
        "third  skipped: not installed",
    ]


def test_every_client_is_installed_from_the_table_and_has_its_script() -> None:
    clients = [*AGENTS, *LIBRARIES, *SNIPPETS]
    assert {client.group for client in clients} == NPM.keys() | PYPI.keys()
    assert len({client.name for client in clients}) == len(clients)
    for library in LIBRARIES:
        assert (SCRIPTS / library.words[0]).exists()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.heading)
def test_a_snippet_names_the_address_and_the_key_that_are_put_in(
    snippet: Snippet,
) -> None:
    written = "".join(text for _, text in snippet.blocks)
    assert "http://localhost:3000" in written
    assert "sk-gswarm-…" in written
    for language, text in snippet.blocks:
        assert language in ("sh", "toml", "python", "js")
        if language == "python":
            ast.parse(text)
