"""Accounts, projects, keys and operations."""

from __future__ import annotations

from typing import Any

import pytest

from gswarm.simulator.world import COMPANION, GENERATIVE, Operation, World


def test_accounts_get_names_and_projects_of_their_own() -> None:
    world = World(accounts=4, projects=2, api_keys=0)

    assert list(world.accounts) == [
        "alice@example.com",
        "bob@example.com",
        "carol@example.com",
        "user4@example.com",
    ]
    assert world.accounts["bob@example.com"].projects == ["bob-01", "bob-02"]
    assert world.projects["bob-02"].owners == {"bob@example.com"}
    assert COMPANION in world.projects["bob-02"].services


def test_nothing_looks_like_a_real_credential() -> None:
    world = World()

    assert all(a.refresh_token.startswith("sim-") for a in world.accounts.values())
    assert all(key.startswith("sim-key-") for key in world.api_keys)


def test_a_project_may_have_several_owners() -> None:
    world = World(accounts=2, projects=1)

    world.add_project("alice-01", "bob@example.com")

    assert world.projects["alice-01"].owners == {
        "alice@example.com",
        "bob@example.com",
    }
    assert "alice-01" in world.accounts["bob@example.com"].projects


def test_a_key_brings_its_project_along() -> None:
    world = World(api_keys=0)

    key = world.add_api_key("studio", "studio-1")

    assert world.projects["studio-1"].services.keys() == {GENERATIVE}
    assert key.as_import()["project"] == "studio-1"


def test_a_reset_leaves_nothing_of_before() -> None:
    world = World()
    old = world.accounts["alice@example.com"].refresh_token
    world.clock.advance(1000)
    world.scripts.add({}, None, {"status": 500})

    world.reset(accounts=1, projects=0, project_limit=3)

    assert old not in world.grants.refresh
    assert world.clock.ahead_seconds == 0
    assert world.scripts.pending() == []
    assert world.options.project_limit == 3


def test_an_option_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="weather"):
        World().reset(weather="fine")


def test_an_operation_finishes_once_after_its_polls() -> None:
    finished: list[int] = []

    def finish() -> dict[str, Any]:
        finished.append(1)
        return {"response": {"a": 1}}

    operation = Operation("operations/x", 2, finish)
    polls = [operation.poll() for _ in range(4)]

    assert [poll.get("done", False) for poll in polls] == [False, False, True, True]
    assert polls[2] == polls[3]
    assert finished == [1]
