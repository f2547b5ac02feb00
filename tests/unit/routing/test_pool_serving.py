"""Only projects whose upstream serves the model are candidates for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gswarm import errors
from gswarm.gemini.models import find
from gswarm.monitoring.status import read_status
from gswarm.routing.pool import Pool
from gswarm.store import names
from gswarm.store.projects import Projects

from .test_pool import fail, nothing, taken

PUBLIC = "gemini-3.6-flash"
EVERYWHERE = "gemini-3.5-flash"
UNKNOWN = "gemini-9-ultra"


@pytest.fixture
def studio(add_projects) -> str:
    """The one project that serves `PUBLIC`, among twelve that do not."""
    for account in ("alice", "bob", "carol"):
        add_projects(account, 4)
    return add_projects("studio", upstream="gemini_api")[0]


@pytest.fixture
def status(pool, clock):
    return lambda model: read_status(pool.state(), model, clock()).models[model]


def test_only_projects_that_serve_the_model_are_candidates(pool, studio) -> None:
    one = taken(pool, PUBLIC)
    assert (one.project_id, one.candidates) == (studio, 1)
    found = nothing(pool, PUBLIC, tried=[studio])
    assert (found.reason, found.candidates) == ("tried", 1)
    assert taken(pool, EVERYWHERE).candidates == 13
    assert taken(pool, UNKNOWN).candidates == 13


def test_the_preferred_account_is_passed_over_where_it_lacks_the_model(
    pool, studio
) -> None:
    assert taken(pool, PUBLIC, prefer_account="alice").project_id == studio


def test_a_model_without_a_project_that_serves_it_is_not_served(
    pool, add_projects, status
) -> None:
    add_projects("alice", 2)
    assert status(PUBLIC).word == "disconnected", "before anybody asks"
    found = nothing(pool, PUBLIC)
    assert (found.reason, found.free_at, found.candidates) == ("not_served", None, 0)
    assert status(PUBLIC).word == "disconnected"
    assert read_status(pool.state(), EVERYWHERE, 0.0).word == "connected"


def test_the_status_counts_those_that_serve_the_model(
    pool, studio, status, store
) -> None:
    assert status(PUBLIC).available == 1, "before anybody asks"
    assert status(EVERYWHERE).available == 13
    taken(pool, PUBLIC)
    assert status(PUBLIC).available == 1
    Projects(store).enable(studio, False)
    assert status(PUBLIC).word == "disconnected"
    store.delete(names.LIVE_MODELS)
    assert status(PUBLIC).word == "disconnected"


def test_nothing_brings_a_project_into_the_indexes_of_a_model_it_lacks(
    pool, studio, accounts, add_projects, store
) -> None:
    fail(pool, errors.QuotaExhausted("no more", seconds=3000), PUBLIC)
    fail(pool, errors.ProjectDenied("iam"), EVERYWHERE, prefer_account="alice")
    accounts.enable("bob", False)
    accounts.enable("bob", True)
    Projects(store).enable("carol-01", False)
    Projects(store).enable("carol-01", True)
    pool.wake("alice-01")
    add_projects("dora", 2)
    found = nothing(pool, PUBLIC)
    assert (found.candidates, found.passed_over) == (1, {"quota_exhausted": 1})


def test_an_account_that_changes_its_upstream_moves_at_once(
    pool, studio, accounts
) -> None:
    pool.release(taken(pool, PUBLIC))
    accounts.keep("alice", "gemini_api", {"api_key": "new"})
    assert taken(pool, PUBLIC).candidates == 5
    accounts.keep("studio", "cloudcode", {"refresh_token": "new"})
    assert taken(pool, PUBLIC).candidates == 4


def test_a_rest_of_a_model_that_is_not_served_any_more_is_not_probed(
    pool, accounts, add_projects, clock
) -> None:
    add_projects("studio", upstream="gemini_api")
    add_projects("other", upstream="gemini_api")
    for _ in range(2):
        fail(pool, errors.QuotaExhausted("no more", seconds=90_000), PUBLIC)
    accounts.keep("studio", "cloudcode", {"refresh_token": "new"})
    clock.pass_(61)
    assert taken(pool, PUBLIC).account == "other"
    clock.pass_(1)
    assert nothing(pool, PUBLIC).candidates == 1


def test_indexes_that_say_nothing_of_who_serves_are_built_anew(
    pool, studio, store
) -> None:
    key = f"{names.POOL}{PUBLIC}"
    store.zadd(names.LIVE_MODELS, {PUBLIC: 1})
    store.zadd(f"{key}:ready", {f"alice-{n:02}": 0 for n in range(1, 5)})
    store.zadd(f"{key}:resting:not_found", {f"bob-{n:02}": 9e12 for n in range(1, 5)})
    one = taken(pool, PUBLIC)
    assert (one.project_id, one.candidates, one.passed_over) == (studio, 1, {})


def test_two_that_disagree_do_not_build_the_indexes_in_turns(
    pool, studio, store
) -> None:
    taken(pool, PUBLIC)
    key = f"{names.POOL}{PUBLIC}"
    builds = []
    for _ in range(3):
        store.set(f"{key}:upstreams", "vertex")
        taken(pool, PUBLIC)
        builds.append(store.get(f"{key}:upstreams") != "vertex")
    assert builds == [True, False, False]


def test_a_model_is_asked_for_on_the_public_api_past_its_day(
    pool: Pool, add_projects, clock
):
    pro, day = "gemini-2.5-pro", find("gemini-2.5-pro").retires_on
    assert day
    add_projects("alice", 2)
    add_projects("studio", upstream="gemini_api")
    ends = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    clock.now = ends - 1
    assert taken(pool, pro).candidates == 3
    clock.now = ends
    assert taken(pool, pro).candidates == 3
