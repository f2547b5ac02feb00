"""Every request is written once, and adds up."""

from __future__ import annotations

import math
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import pytest

from gswarm.errors import ClientGone, InvalidKey, InvalidRequest, RateLimitExceeded
from gswarm.gemini.models import is_known
from gswarm.gemini.reply import Usage
from gswarm.monitoring.record import ANY, Asked
from gswarm.monitoring.request_log import NO_USAGE, RequestLog
from gswarm.monitoring.time_buckets import (
    DAY_SECONDS,
    last_days,
    last_hours,
    pieces_between,
)
from gswarm.monitoring.totals import ALL, Only
from gswarm.rotation.health import Health
from gswarm.routing.attempts import Attempt, RoutingOutcome
from gswarm.routing.pool import Reservation
from gswarm.store import metrics, names
from gswarm.store.connection import connect

FLASH, PRO = "gemini-3.5-flash", "gemini-2.5-pro"
HEALTH = Health(0.75, 1.0, 0.0)


def taken(project: str, model: str = FLASH) -> Reservation:
    account = f"{project.partition('-')[0]}@example.com"
    return Reservation(
        project_id=project,
        account=account,
        model=model,
        upstream="cloudcode",
        sealed={},
        health=HEALTH,
        taken_at=0,
        is_probe=False,
        candidates=12,
        passed_over={"server": 2},
        reservation="r",
        turn=1,
        rested_for="",
    )


def attempt(project: str, verdict: str = "success", model: str = FLASH) -> Attempt:
    who = taken(project, model)
    args = (project, who.account, model, HEALTH, verdict, 12.5, 12, {"server": 2})
    return Attempt(*args, is_stranger=not is_known(model))


def outcome(*attempts: Attempt, finish: str | None = "STOP") -> RoutingOutcome:
    last = attempts[-1]
    return RoutingOutcome(
        last.model, list(attempts), taken(last.project_id, last.model), finish=finish
    )


@pytest.fixture
def ledger(store, clock):
    return RequestLog(store, clock=clock)


@pytest.fixture
def write(store, ledger):
    """Write a request that took so long; answers its id."""
    written = iter(range(10_000))

    def write_one(done=None, usage=NO_USAGE, error=None, ms=10.0, **known):
        entry = opened(ledger, f"req_{next(written):04}", ms)
        for name, value in known.items():
            setattr(entry, name, value)
        close(store, ledger, entry, done, usage, error)
        return entry.id

    return write_one


def opened(ledger, request_id, ms):
    """A request that has been under way for so long."""
    entry = ledger.open(request_id, "/v1/chat/completions", "POST")
    entry.started -= ms / 1000
    return entry


def close(store, ledger, entry, done=None, usage=NO_USAGE, error=None):
    with store.pipeline() as pipe:
        ledger.close(pipe, entry, done, usage, error)
        pipe.execute()


def today(ledger, only=ALL):
    return ledger.figures(last_days(1, ledger.now), only)


def listed(ledger, asked=ANY, before=None):
    pieces = last_days(30, ledger.now)
    return [each for each in ledger.records(pieces, asked, before) if each[1]]


def test_a_request_is_counted_by_everything_that_is_known_of_it(ledger, write):
    usage = Usage(prompt=5, completion=7, cached=2, reasoning=3)
    write(outcome(attempt("alice-01")), usage, key="laptop", is_stream=True)

    figures = today(ledger)
    assert (figures.whole.total, figures.whole.successful) == (1, 1)
    assert figures.whole.tokens == 12
    parts = {name: list(parts) for name, parts in figures.by.items()}
    assert parts == {
        "endpoint": ["/v1/chat/completions"],
        "account": ["alice@example.com"],
        "project": ["alice-01"],
        "model": [FLASH],
        "key": ["laptop"],
    }
    assert not figures.errors


def test_its_record_tells_how_it_was_routed(ledger, write):
    turns = attempt("alice-01", "server"), attempt("bob-01")
    found = ledger.find(write(outcome(*turns), key="laptop", model=FLASH))

    assert found["project_id"] == "bob-01"
    assert found["attempts"] == 2
    first, second = found["route"]["attempts"]
    assert (first["project_id"], first["verdict"]) == ("alice-01", "server")
    assert (second["project_id"], second["verdict"]) == ("bob-01", "success")
    assert first["health"] == HEALTH.score
    assert first["health_terms"] == {"success": 0.75, "recency": 1, "cooldown": 0}
    assert (first["candidates"], first["passed_over"]) == (12, {"server": 2})


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (RateLimitExceeded("no"), 429, "rate_limit_exceeded"),
        (InvalidRequest("no"), 400, "invalid_request_error"),
        (ClientGone(), 499, "abandoned"),
        (GeneratorExit(), 499, "abandoned"),
        (ValueError(), 500, "internal_error"),
    ],
)
def test_failures_are_counted_by_their_cause(ledger, write, error, status, word):
    found = ledger.find(write(error=error, key="laptop", model=FLASH))

    assert (found["status"], found["status_code"]) == ("error", status)
    assert found["error_type"] == word
    assert today(ledger).errors == {word: 1}
    assert today(ledger).by["model"][FLASH].failed == 1


def test_a_request_is_written_once(store, ledger):
    entry = ledger.open("req_1", "/v1/chat/completions", "POST")
    for _ in range(2):
        with store.pipeline() as pipe:
            ledger.close(pipe, entry)
            pipe.execute()

    assert today(ledger).whole.total == 1


def test_figures_can_be_narrowed_down(ledger, write):
    write(outcome(attempt("alice-01")))
    write(outcome(attempt("alice-01", model=PRO)))
    write(outcome(attempt("alice-02")))
    write(outcome(attempt("bob-01")))

    only = Only(account="alice@example.com", model=FLASH)
    assert set(today(ledger, only).by["project"]) == {"alice-01", "alice-02"}
    assert today(ledger, Only(project="bob-01")).whole.total == 1


def test_attempts_are_counted_whether_they_succeed_or_not(ledger, write):
    write(outcome(attempt("alice-01", "server"), attempt("bob-01")))
    write(outcome(attempt("bob-01")))

    _, attempts = ledger.all_time()
    assert {(cell.project, cell.verdict): n["attempts"] for cell, n in attempts} == {
        ("alice-01", "server"): 1,
        ("bob-01", "success"): 2,
    }


def test_models_nobody_has_heard_of_are_counted_together(ledger, write):
    for name, verdict in (("gemini-99-a", "not_found"), ("gemini-99-b", "abandoned")):
        write(outcome(attempt("alice-01", verdict, name)), error=ClientGone())
    write(outcome(attempt("alice-01", model="gemini-99-c")))

    assert set(today(ledger).by["model"]) == {"other", "gemini-99-c"}


def test_failures_of_a_model_the_catalogue_lacks_are_its_own_once_it_was_served(
    ledger, write
):
    name = "gemini-99-a"
    write(outcome(attempt("alice-01", model=name)))
    for verdict in ("bad_request", "server", "rate_limit"):
        again = replace(attempt("alice-01", verdict, name), is_stranger=False)
        write(outcome(again, finish=None), error=InvalidRequest("no"))

    counted = today(ledger).by["model"]
    assert {model: (t.total, t.failed) for model, t in counted.items()} == {
        name: (4, 3)
    }
    _, attempts = ledger.all_time()
    assert {cell.model for cell, _ in attempts} == {name}


def test_a_name_that_nobody_was_asked_for_is_counted_with_the_others(ledger, write):
    write(error=RateLimitExceeded("no"), model="gemini-99-a")
    write(error=RateLimitExceeded("no"), model=FLASH)

    assert set(today(ledger).by["model"]) == {"other", FLASH}


def test_percentiles_are_true_over_two_processes_and_two_days(redis_url, ledger, clock):
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        written = processes.map(
            write_two_days, [redis_url] * 2, [clock()] * 2, (11, 12)
        )
        lengths = sorted(length for each in written for length in each)
    clock.pass_(DAY_SECONDS)

    whole = ledger.figures(last_days(2, clock())).whole
    assert whole.total == len(lengths) == 600
    for share in (0.5, 0.95, 0.99):
        true = lengths[math.ceil(share * 600) - 1]
        assert whole.took(share) == pytest.approx(true, rel=0.05)


def write_two_days(redis_url: str, today: float, seed: int) -> list[float]:
    """A process that answers 150 requests a day, the second day's more slowly; how many
    ms each took."""
    store, dice = connect(redis_url), random.Random(seed)
    lengths = []
    for day in range(2):
        book = RequestLog(store, clock=partial(float, today + day * DAY_SECONDS))
        for n in range(150):
            lengths.append(dice.lognormvariate(5 + day, 0.8))
            close(store, book, opened(book, f"req_{seed}_{day}_{n}", lengths[-1]))
    store.close()
    return lengths


def test_a_part_of_a_day_is_added_up_by_the_hour(ledger, write, clock):
    clock.now -= clock.now % DAY_SECONDS  # midnight
    start = clock.now
    for _ in range(3):
        write()
        clock.pass_(3600)

    pieces = pieces_between(start + 3600, start + 3700, clock())
    assert ledger.figures(pieces).whole.total == 1
    assert ledger.figures(last_days(1, clock())).whole.total == 3
    by_hour = ledger.series(last_hours(3, clock() - 1))
    assert [figures.whole.total for _, figures, _ in by_hour] == [1, 1, 1]


def test_records_are_listed_newest_first_over_days(ledger, write, clock):
    ids = []
    for _ in range(3):
        ids += [write(), write()]
        clock.pass_(DAY_SECONDS)

    assert [record["id"] for _, record in listed(ledger)] == ids[::-1]
    [_, (cursor, _), *rest] = listed(ledger)
    assert [each[1]["id"] for each in listed(ledger, before=cursor)] == [
        record["id"] for _, record in rest
    ]


def test_records_are_found_by_what_they_say(ledger, write, clock):
    good = write(outcome(attempt("alice-01")), key="laptop")
    clock.pass_(60)
    bad = write(outcome(attempt("bob-01"), finish=None), error=ClientGone(), key="ci")

    def ids(**asked):
        return [record["id"] for _, record in listed(ledger, Asked(**asked))]

    assert ids(only=Only(account="bob@example.com")) == [bad]
    assert ids(error="abandoned") == ids(status="error") == ids(key="ci") == [bad]
    assert ids(status="success") == ids(until=clock() - 30) == [good]
    assert ids(since=clock() - 30) == [bad]


def test_the_oldest_records_make_room_and_counters_stay(ledger, write, monkeypatch):
    monkeypatch.setattr(metrics, "MOST_RECORDS", 3)
    ids = [write(key="laptop") for _ in range(5)]

    assert [record["id"] for _, record in listed(ledger)] == ids[:1:-1]
    assert ledger.find(ids[0]) is None
    assert ledger.find(ids[-1])["id"] == ids[-1]
    assert today(ledger).whole.total == 5


def test_strangers_push_out_no_records_but_their_own(ledger, write, monkeypatch):
    monkeypatch.setattr("gswarm.store.metrics.MOST_RECORDS", 3)
    monkeypatch.setattr("gswarm.store.metrics.MOST_OF_STRANGERS", 2)
    own = [write(key="laptop") for _ in range(2)]
    refusal = InvalidKey("No.")
    theirs = [write(error=refusal) for _ in range(5)]
    last = write(key="laptop")

    shown = [record["id"] for _, record in listed(ledger)]
    assert set(shown) == {*own, last, *theirs[-2:]}
    assert ledger.find(theirs[-1]) and ledger.find(own[0])
    assert ledger.find(theirs[0]) is None
    assert today(ledger).whole.total == 8
    cursors = [place for place, _ in listed(ledger)]
    again = listed(ledger, before=cursors[0])
    assert [record["id"] for _, record in again] == shown[1:]


def test_everything_but_the_totals_goes_after_a_while(store, ledger, write):
    write(outcome(attempt("alice-01")))

    lasting = {key for key in store.keys("*metrics*") if store.ttl(key) < 0}
    assert lasting == {names.METRICS, names.METRICS_CELLS}
    assert all(store.ttl(key) <= 30 * DAY_SECONDS for key in store.keys("metrics:*"))


def test_the_price_of_a_request_does_not_grow(store, ledger, write):
    """One command, and as much to say of the thousandth request as of the first."""

    def said():
        used = store.info("commandstats")["cmdstat_hincrby"]["calls"]
        write(outcome(attempt("alice-01")), Usage(1, 1), ms=10)
        return store.info("commandstats")["cmdstat_hincrby"]["calls"] - used

    first = said()
    for _ in range(200):
        write(outcome(attempt("alice-01")), Usage(1, 1), ms=10)
    assert said() == first <= 30
