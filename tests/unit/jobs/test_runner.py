"""Jobs over a real store: alone, one of a kind, and when their process dies."""

from __future__ import annotations

import threading

import pytest

from gswarm.errors import CallersMistake, Conflict, NotFound, StoreUnavailable
from gswarm.jobs.runner import JobFailed, Jobs, Work, describe
from gswarm.store import names
from gswarm.store.events import Events
from gswarm.store.jobs import LEASE_SECONDS, MOST_TRIES
from tests.gateway_process import wait_for

pytestmark = pytest.mark.every_server


class House:
    """One process's jobs. `gate` is what a "held" job waits for."""

    def __init__(self, store, clock) -> None:
        self.jobs = Jobs(store, clock=clock)
        self.gate = threading.Event()
        self.runs = 0
        self.jobs.define("held", self._held)
        self.jobs.define("unrepeatable", self._held, resumes=False)
        self.jobs.define("refused", self._refused)
        self.jobs.define("broken", lambda work: 1 / 0)
        self.jobs.define("failing", self._failing)
        self.jobs.define("cut", self._cut)

    def _held(self, work: Work) -> None:
        self.runs += 1
        work.plan(2)
        if not work.results:
            work.step({"n": 1, "by": []})
            work.remember(noted=work.job.id)
        self.gate.wait(10)
        work.step({"n": 2})

    def _refused(self, work: Work) -> None:
        raise CallersMistake("Google says no.")

    def _failing(self, work: Work) -> None:
        raise JobFailed("It will not be.")

    def _cut(self, work: Work) -> None:
        self.runs += 1
        raise StoreUnavailable("gone")

    def stepped(self, job_id):
        wait_for(lambda: self.jobs.find(job_id).memo)

    def ended(self, job_id):
        wait_for(lambda: self.jobs.find(job_id).is_over)
        return self.jobs.find(job_id)


@pytest.fixture
def house(store, clock):
    made = House(store, clock)
    yield made
    made.gate.set()
    wait_for(lambda: not made.jobs._running)


@pytest.fixture
def neighbour(store, clock):
    made = House(store, clock)
    yield made
    made.gate.set()
    wait_for(lambda: not made.jobs._running)


def test_a_job_runs_beside_its_starter_and_ends(house, clock) -> None:
    job = house.jobs.start("held", {"model": "m"}, who="admin", address="127.0.0.1")
    assert (job.state, job.done) == ("queued", 0)
    house.stepped(job.id)

    seen = house.jobs.find(job.id)
    assert (seen.state, seen.done, seen.total) == ("running", 1, 2)
    assert (seen.who, seen.arguments) == ("admin", {"model": "m"})
    assert seen.started_at == seen.created_at == clock()
    house.gate.set()
    ended = house.ended(job.id)

    assert (ended.state, ended.done, ended.error) == ("done", 2, None)
    assert house.jobs.results(job.id) == [{"n": 1, "by": []}, {"n": 2}]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("refused", "Google says no."),
        ("failing", "It will not be."),
        ("broken", "It failed unexpectedly; the log says more."),
    ],
)
def test_a_job_that_fails_says_why(house, kind, words) -> None:
    ended = house.ended(house.jobs.start(kind, {}).id)

    assert (ended.state, ended.error) == ("failed", words)


def test_only_one_of_a_kind_runs_at_a_time_in_all_processes(house, neighbour) -> None:
    job = house.jobs.start("held", {})
    with pytest.raises(Conflict) as refused:
        neighbour.jobs.start("held", {})
    assert refused.value.details["job"]["id"] == job.id

    house.gate.set()
    house.ended(job.id)
    neighbour.gate.set()
    again = neighbour.jobs.start("held", {})
    assert neighbour.ended(again.id).state == "done"


def test_what_is_about_different_things_runs_side_by_side(house) -> None:
    one = house.jobs.start("held", {}, target="p1")
    two = house.jobs.start("held", {}, target="p2")
    with pytest.raises(Conflict):
        house.jobs.start("held", {}, target="p1")

    house.gate.set()
    assert house.ended(one.id).state == house.ended(two.id).state == "done"


def test_of_many_that_start_at_once_one_does(house, neighbour) -> None:
    started, refused = [], []

    def start(jobs) -> None:
        try:
            started.append(jobs.start("held", {}))
        except Conflict:
            refused.append(1)

    threads = [
        threading.Thread(target=start, args=(each.jobs,))
        for each in [house, neighbour] * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(started), len(refused)) == (1, 15)


def test_a_renewed_job_is_left_alone(house, neighbour, clock) -> None:
    house.jobs.start("held", {})
    for _ in range(4):
        clock.pass_(LEASE_SECONDS / 2)
        house.jobs.tend()
        neighbour.jobs.tend()
    assert neighbour.runs == 0


def test_another_process_goes_on_with_the_job_of_a_dead_one(
    house, neighbour, clock
) -> None:
    job = house.jobs.start("held", {})
    house.stepped(job.id)
    clock.pass_(LEASE_SECONDS + 1)
    neighbour.gate.set()
    neighbour.jobs.tend()

    ended = neighbour.ended(job.id)
    assert (ended.state, ended.done, ended.tries) == ("done", 2, 2)
    assert ended.memo == {"noted": job.id}
    assert neighbour.jobs.results(job.id) == [{"n": 1, "by": []}, {"n": 2}]


def test_one_that_was_only_slow_stops(house, neighbour, clock) -> None:
    job = house.jobs.start("held", {})
    house.stepped(job.id)
    clock.pass_(LEASE_SECONDS + 1)
    neighbour.jobs.tend()
    house.gate.set()
    wait_for(lambda: not house.jobs._running)

    assert house.jobs.find(job.id).done == 1
    neighbour.gate.set()
    assert neighbour.ended(job.id).done == 2


def test_a_job_that_cannot_be_resumed_is_lost(house, neighbour, clock) -> None:
    job = house.jobs.start("unrepeatable", {})
    house.stepped(job.id)
    clock.pass_(LEASE_SECONDS + 1)
    neighbour.jobs.tend()

    lost = neighbour.jobs.find(job.id)
    assert (lost.state, lost.finished_at) == ("lost", clock())
    assert lost.error
    assert neighbour.runs == 0
    neighbour.gate.set()
    again = neighbour.jobs.start("unrepeatable", {})
    assert neighbour.ended(again.id).state == "done"


def test_a_job_that_kills_its_processes_is_given_up(house, clock) -> None:
    job = house.jobs.start("cut", {})
    for _ in range(MOST_TRIES + 2):
        wait_for(lambda: not house.jobs._running)
        clock.pass_(LEASE_SECONDS + 1)
        house.jobs.tend()

    assert house.jobs.find(job.id).state == "lost"
    assert house.runs == MOST_TRIES


def test_everybody_hears_how_a_job_gets_on(store, house) -> None:
    with Events(store).listen() as listener:
        job = house.jobs.start("held", {}, target="p1")
        house.gate.set()
        house.ended(job.id)
        heard = []
        wait_for(lambda: heard.extend(listener.news(0.2)) or _is_last(heard))
    assert {event.kind for event in heard} == {"job"}
    assert [event.payload["state"] for event in heard][:1] == ["queued"]
    last = heard[-1].payload
    assert (last["id"], last["target"], last["done"]) == (job.id, "p1", 2)


def _is_last(heard):
    return heard and heard[-1].payload["state"] == "done"


def test_the_newest_are_listed_first_and_all_are_forgotten_in_time(
    store, house, clock
) -> None:
    house.gate.set()
    ids = []
    for _ in range(3):
        ids.append(house.jobs.start("held", {}).id)
        house.ended(ids[-1])
        clock.pass_(1)

    assert [job.id for job in house.jobs.newest(2)] == ids[:0:-1]
    assert 0 < store.pttl(names.job(ids[0])) <= 86_400_000
    assert 0 < store.pttl(names.job_results(ids[0])) <= 86_400_000
    store.delete(names.job(ids[0]))
    assert len(house.jobs.newest(10)) == 2
    with pytest.raises(NotFound):
        house.jobs.find(ids[0])


def test_jobs_of_one_instant_are_listed_as_they_were_started(house) -> None:
    house.gate.set()
    ids = []
    for _ in range(12):
        ids.append(house.jobs.start("held", {}).id)
        house.ended(ids[-1])

    assert [job.id for job in house.jobs.newest(12)] == ids[::-1]


def test_a_job_is_shown_with_its_results_where_they_are_given(house) -> None:
    house.gate.set()
    job = house.ended(house.jobs.start("held", {}).id)

    shown = describe(job, house.jobs.results(job.id))
    assert shown["results"] == [{"n": 1, "by": []}, {"n": 2}]
    assert shown["finishedAt"].endswith("Z")
    assert "error" not in shown
    assert "results" not in describe(job)
