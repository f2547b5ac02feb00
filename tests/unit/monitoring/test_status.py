"""The six states, each out of a pool's own state."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from gswarm import errors
from gswarm.accounts.project_list import ProjectList
from gswarm.monitoring.status import Status, read_status
from gswarm.routing.pool import ModelState, PoolState, Reservation
from gswarm.store import names
from gswarm.store.pool import replace_accounts
from gswarm.store.projects import Projects
from tests.unit.routing.test_pool import FLASH, PRO, fail, taken

DEFAULT = "gemini-3.5-flash"
NOW = 1_800_000_000.0
ALL_WELL = ModelState(3, {}, None, None, None)


@pytest.fixture
def status(pool, clock):
    """How a real pool stands."""
    return lambda: read_status(pool.state(), DEFAULT, clock())


def read(now: float = NOW, usable: int = 3, **models: ModelState) -> Status:
    """What a state that is made up means."""
    state = PoolState(usable, usable, 0, 1, 1, {"cloudcode": usable}, models)
    return read_status(state, DEFAULT, now)


# ------------------------------------------------------------ out of a real pool


def test_nobody_to_ask_is_disconnected(status, add_projects, store) -> None:
    assert status().word == "disconnected"
    (one,) = add_projects("alice")
    Projects(store).enable(one, False)
    assert status().word == "disconnected"
    assert status().models[DEFAULT].word == "disconnected"


def test_projects_nobody_has_asked_yet_are_connected(status, add_projects) -> None:
    add_projects("alice", 3)
    found = status()
    assert found.word == "connected"
    assert found.models[DEFAULT].available == 3
    assert (found.projects, found.active_projects, found.cooling_projects) == (3, 3, 0)


def test_some_that_rest_degrade_the_capacity(status, pool, add_projects, clock) -> None:
    add_projects("alice", 2)
    fail(pool, errors.RateLimited("slow", seconds=30))
    found = status()
    assert found.word == found.models[PRO].word == "degraded-capacity"
    assert (found.models[PRO].available, found.models[PRO].cooling) == (1, 1)
    assert found.models[PRO].next_free_at == clock() + 30
    assert (found.active_projects, found.cooling_projects) == (1, 1)


# --------------------------------------------------------------- honest counts


def shut_out(store, account: str) -> None:
    store.hset(names.account(account), "is_invalid", "1")
    replace_accounts(store, NOW, [account])


@pytest.fixture
def rows(store, accounts, clock):
    """How many projects the list shows in each status."""
    listed = ProjectList(store, accounts, Projects(store, clock=clock), clock=clock)
    return lambda: Counter(row["status"] for row in listed.all())


def test_one_refused_of_many_is_told_by_the_counts_alone(
    status, pool, add_projects
) -> None:
    add_projects("alice", 36)
    fail(pool, errors.ProjectDenied("iam"))
    found = status()
    assert found.word == found.models[PRO].word == "connected"
    assert (found.active_projects, found.failing_projects) == (35, 1)


def test_a_third_that_is_gone_degrades_the_whole(
    status, pool, add_projects, store
) -> None:
    for name in ("alice", "bob", "carol"):
        add_projects(name, 12)
    pool.succeed(taken(pool))
    shut_out(store, "carol")
    found = status()
    assert found.word == "degraded-capacity"
    assert (found.active_projects, found.failing_projects) == (24, 12)


def test_who_rests_for_one_model_is_active_for_the_others(
    status, rows, pool, add_projects
) -> None:
    add_projects("alice", 9)
    for model in ("gemini-2.5-flash-lite", "gemini-3.5-flash", FLASH):
        pool.succeed(taken(pool, model))
    for _ in range(9):
        fail(pool, errors.RateLimited("slow", seconds=30))
    found = status()
    assert found.models[PRO].word == "frozen"
    assert {found.models[each].available for each in (FLASH, DEFAULT)} == {9}
    assert (found.active_projects, found.cooling_projects) == (9, 0)
    assert rows() == {"active": 9}


def test_invented_names_change_nothing(status, rows, pool, add_projects) -> None:
    add_projects("alice", 2)
    pool.succeed(taken(pool))
    for verdict in (errors.ModelMissing("404"), errors.RateLimited("no", seconds=30)):
        fail(pool, verdict, "gemini-99-ultra")
        fail(pool, verdict, "gemini-99-mega")
    found = status()
    assert set(found.models) == {PRO, DEFAULT, "other"}
    assert found.word == found.models[PRO].word == "connected"
    assert (found.active_projects, found.cooling_projects) == (2, 0)
    assert rows() == {"active": 2}


@pytest.mark.parametrize("seed", range(8))
def test_the_counts_agree_with_the_list_of_projects(
    status, rows, pool, add_projects, store, clock, seed
) -> None:
    dice = random.Random(seed)
    add_projects("alice", 4)
    add_projects("bob", 3)
    add_projects("studio", 2, "gemini_api")
    verdicts = (
        errors.RateLimited("slow", seconds=40),
        errors.ServerFailure("boom"),
        errors.ModelMissing("404"),
        errors.ProjectDenied("iam"),
        errors.VerificationRequired("verify"),
        errors.QuotaExhausted("used up", seconds=5_000),
    )
    for _ in range(dice.randrange(5, 60)):
        clock.pass_(dice.choice((0.0, 1.0, 20.0)))
        found = pool.take(dice.choice((PRO, FLASH, "gemini-2.5-flash-image")))
        if isinstance(found, Reservation):
            verdict = dice.choice((*verdicts, None))
            pool.fail(found, verdict) if verdict else pool.succeed(found)
        if dice.random() < 0.02:
            shut_out(store, dice.choice(("alice", "bob")))
        seen, shown = status(), rows()
        assert (seen.active_projects, seen.cooling_projects) == (
            shown["active"],
            shown["cooldown"],
        )
        assert seen.failing_projects == shown["error"]


def test_when_all_rest_it_is_frozen(status, pool, add_projects) -> None:
    add_projects("alice", 2)
    fail(pool, errors.RateLimited("slow", seconds=30))
    fail(pool, errors.QuotaExhausted("no more", seconds=3000))
    found = status()
    assert found.word == found.models[PRO].word == "frozen"


def test_when_all_rest_for_daily_quota_it_is_exhausted(
    status, pool, add_projects
) -> None:
    add_projects("alice", 1)
    add_projects("bob", 1)
    fail(pool, errors.QuotaExhausted("no more", seconds=3000))
    fail(pool, errors.QuotaExhausted("no more", seconds=3000))
    found = status()
    assert found.word == found.models[PRO].word == "quota_exhausted"


def test_one_models_exhaustion_leaves_the_others_connected(
    status, pool, add_projects
) -> None:
    add_projects("alice", 2)
    for _ in range(2):
        fail(pool, errors.QuotaExhausted("no more", seconds=3000), FLASH)
    pool.succeed(taken(pool, PRO))
    found = status()
    assert found.models[FLASH].word == "quota_exhausted"
    assert found.models[PRO].word == "connected"
    assert found.word == "degraded-capacity"


def test_a_limited_request_answered_elsewhere_is_remembered_for_five_minutes(
    status, pool, add_projects, clock
) -> None:
    add_projects("alice", 2)
    fail(pool, errors.RateLimited("slow", seconds=1))
    pool.succeed(taken(pool), routed=True)
    clock.pass_(2)
    found = status()
    assert found.word == found.models[PRO].word == "degraded-routed"
    assert found.changes_at == clock() + 298
    clock.pass_(298)
    assert status().word == status().models[PRO].word == "connected"


def test_no_capacity_at_google_freezes_the_model(status, pool, add_projects) -> None:
    add_projects("alice", 2)
    fail(pool, errors.CapacityExhausted("overloaded"))
    found = status().models[PRO]
    assert (found.word, found.available) == ("frozen", 0)
    assert found.next_free_at is not None


# ------------------------------------------------------------------- made up


def test_a_model_nobody_serves_says_nothing_about_the_whole() -> None:
    typo = replace(ALL_WELL, ready=0, resting={"not_found": 3})
    found = read(a=ALL_WELL, b=typo)
    assert found.word == "connected"
    assert found.models["b"].word == "frozen"


def test_projects_that_lack_a_model_do_not_rest() -> None:
    found = read(a=replace(ALL_WELL, resting={"not_found": 2}))
    assert found.word == "connected"
    assert (found.models["a"].cooling, found.models["a"].next_free_at) == (0, None)


def test_a_model_google_has_no_capacity_for_degrades_the_whole() -> None:
    lacking = replace(ALL_WELL, rests_until=NOW + 5)

    found = read(a=ALL_WELL, b=lacking)

    assert found.word == "degraded-capacity"
    assert (found.models["b"].available, found.models["b"].cooling) == (0, 3)
    assert read(b=lacking).word == "frozen"


def test_all_frozen_or_exhausted_is_frozen() -> None:
    exhausted = ModelState(0, {"quota_exhausted": 3}, NOW + 60, None, None)
    frozen = ModelState(0, {"server": 3}, NOW + 5, None, None)
    assert read(a=exhausted, b=frozen).word == "frozen"
    assert read(a=exhausted, b=frozen).changes_at == NOW + 5


def test_two_looks_at_the_same_are_the_same() -> None:
    assert read(a=ALL_WELL) == read(now=NOW + 1, a=ALL_WELL)
