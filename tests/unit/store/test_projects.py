import pytest

from gswarm import errors
from gswarm.store import names, records
from gswarm.store.projects import Project, Projects


@pytest.fixture
def projects(store, clock) -> Projects:
    """The catalogue of two accounts."""
    store.sadd(names.ACCOUNTS, "alice", "bob")
    return Projects(store, clock=clock)


def test_the_catalogue_tells_what_was_put_in(projects) -> None:
    two = Project("p2", "alice", name="Second", api_enabled=True, created_at=5.0)
    projects.add([two, Project("p1", "alice")])
    assert [each.id for each in projects.all()] == ["p1", "p2"]
    assert projects.find("p2") == two
    assert projects.find("p3") is None
    assert projects.of("alice") == {"p1", "p2"}


def test_a_project_seen_again_stays_disabled(projects) -> None:
    projects.add([Project("p1", "alice", created_at=5.0)])
    projects.enable("p1", False)
    projects.add([Project("p1", "alice", name="Renamed", created_at=6.0)])
    assert projects.find("p1") == Project(
        "p1", "alice", name="Renamed", created_at=5.0, enabled=False
    )


def test_a_removed_project_is_gone(projects) -> None:
    projects.add([Project("p1", "alice"), Project("p2", "alice")])
    projects.remove("alice", ["p1"])
    assert [each.id for each in projects.all()] == ["p2"]
    assert projects.of("alice") == {"p2"}


def test_a_project_is_whose_claims_it_first(projects) -> None:
    assert projects.add([Project("p1", "alice")]) == {}
    assert projects.add([Project("p1", "bob"), Project("p2", "bob")]) == {"p1": "alice"}
    assert projects.find("p1").account == "alice"
    assert (projects.of("alice"), projects.of("bob")) == ({"p1"}, {"p2"})


def test_an_account_that_is_not_there_gets_no_project(projects) -> None:
    assert projects.add([Project("p1", "carol")]) == {"p1": ""}
    assert projects.all() == []
    assert projects.of("carol") == set()


def test_what_an_account_left_behind_may_be_claimed(projects, store) -> None:
    projects.add([Project("p1", "alice")])
    store.srem(names.ACCOUNTS, "alice")
    assert projects.add([Project("p1", "bob")]) == {}
    assert (projects.of("alice"), projects.of("bob")) == (set(), {"p1"})


def test_nobody_removes_a_project_of_another(projects, accounts, store) -> None:
    projects.add([Project("p1", "bob")])
    store.sadd(names.account_projects("alice"), "p1")
    projects.remove("alice", ["p1"])
    assert projects.find("p1").account == "bob"
    store.sadd(names.account_projects("alice"), "p1")
    accounts.remove("alice")
    assert projects.find("p1").account == "bob"
    assert projects.of("bob") == {"p1"}


def test_records_read_like_the_seeds_project_status(
    store, clock, add_projects, pool
) -> None:
    one, two = add_projects("alice", 2)
    pool.succeed(pool.take("gemini-2.5-pro"))
    verdict = errors.QuotaExhausted(
        "gone", seconds=60, reset_at=1.9e9, reset_reason="1m"
    )
    pool.fail(pool.take("gemini-2.5-pro"), verdict)
    flying = pool.take("gemini-2.5-pro")
    now = round(clock() * 1000)
    good, bad = records.read(store, [one, two], clock())
    assert good.status["lastUsedAt"] == good.status["lastSuccessAt"] == now
    assert good.in_flight == 1 and flying.project_id == one
    assert good.models["gemini-2.5-pro"]["successCount"] == 1
    assert bad.models["gemini-2.5-pro"] == {
        "projectId": two,
        "lastUsedAt": now,
        "lastSuccessAt": 0,
        "lastErrorAt": now,
        "successCount": 0,
        "errorCount": 0,
        "limitedCount": 1,
        "consecutiveErrors": 0,
        "cooldownUntil": now + 60_000,
        "cooldownReason": "quota_exhausted",
        "lastErrorType": "quota_exhausted",
        "quotaResetTime": 1_900_000_000_000,
        "quotaResetReason": "1m",
    }
    assert bad.health("gemini-2.5-pro", clock()).cooldown == 1
    assert bad.health("unasked", clock()).cooldown == 0


def test_a_rest_of_the_account_is_one_of_its_projects(
    store, clock, add_projects, pool
) -> None:
    add_projects("alice", 2)
    first, second = pool.take("gemini-2.5-pro"), pool.take("gemini-2.5-pro")
    day = errors.QuotaExhausted("gone", seconds=3600)
    pool.fail(first, day)
    pool.fail(second, day)
    add_projects("alice", 3)
    now = clock()

    [third] = records.read(store, ["alice-03"], now)
    assert third.rests["gemini-2.5-pro"] == records.Cooldown(
        now + 3600, "quota_exhausted"
    )
    assert third.models["gemini-2.5-pro"]["cooldownUntil"] == round((now + 3600) * 1000)
    assert (
        third.health("gemini-2.5-pro", now).cooldown
        == third.health_overall(now).cooldown
        == 1
    )
    assert third.health("other", now).cooldown == 0

    [later] = records.read(store, ["alice-03"], now + 3601)
    assert later.whole_rest(now + 3601).until == 0


def test_a_project_that_can_serve_one_model_does_not_rest_as_a_whole(
    store, clock, add_projects, pool
) -> None:
    [one] = add_projects("alice", 1)
    pool.fail(pool.take("gemini-2.5-pro"), errors.ServerFailure("down"))
    now = clock()
    [resting] = records.read(store, [one], now)
    assert resting.whole_rest(now) == records.Cooldown(now + 60, "server")
    assert resting.health_overall(now).success == 0.5
    assert resting.health_overall(now).cooldown == 1

    pool.succeed(pool.take("gemini-2.5-flash"))
    [serving] = records.read(store, [one], now)
    assert serving.whole_rest(now).until == 0
    assert serving.rests["gemini-2.5-pro"].until == now + 60
    assert serving.health_overall(now).cooldown == 0
    assert serving.health_overall(now).success == 2 / 3


def test_a_project_of_which_nothing_is_known_is_healthy(
    store, clock, add_projects
) -> None:
    [one] = add_projects("alice", 1)
    [fresh] = records.read(store, [one], clock())
    assert fresh.health_overall(clock()).score == 1
    assert fresh.models == {}
