"""Incidents are found again by what they were about, newest first."""

from __future__ import annotations

import time

import pytest

from gswarm.store.incidents import Incident, Incidents, Sought


@pytest.fixture
def incidents(store):
    return Incidents(store)


def keep(store, incidents, *kept):
    with store.pipeline() as pipe:
        for each in kept:
            incidents.queue(pipe, each)
        pipe.execute()


def about(number, type="server", account="alice"):
    return Incident(
        type, "boom", f"req_{number}", "gemini-2.5-pro", "laptop", 500, account
    )


def found(incidents, sought, **options):
    return [
        kept.incident.request_id
        for _, kept in incidents.search(sought, **options)
        if kept
    ]


def test_the_newest_come_first(store, incidents):
    keep(store, incidents, *map(about, range(500)))
    assert found(incidents, Sought()) == [f"req_{n}" for n in reversed(range(500))]


def test_a_search_goes_on_where_it_stopped(store, incidents):
    keep(store, incidents, *map(about, range(10)))
    places = [place for place, _ in incidents.search()]
    assert found(incidents, Sought(), before=places[6]) == ["req_2", "req_1", "req_0"]


def test_only_those_sought_are_found(store, incidents):
    keep(store, incidents, about(1), about(2, type="auth"), about(3, account="bob"))
    assert found(incidents, Sought({"type": "auth"})) == ["req_2"]
    assert found(incidents, Sought({"type": "server", "account": "bob"})) == ["req_3"]


def test_they_are_found_by_time(store, incidents):
    keep(store, incidents, about(1))
    time.sleep(0.02)
    between = time.time()
    time.sleep(0.02)
    keep(store, incidents, about(2))
    assert found(incidents, Sought(since=between)) == ["req_2"]
    assert found(incidents, Sought(until=between)) == ["req_1"]


def test_some_or_all_are_forgotten(store, incidents):
    keep(store, incidents, about(1), about(2, type="auth"), about(3))
    assert incidents.forget(Sought({"type": "auth"})) == 1
    assert found(incidents, Sought()) == ["req_3", "req_1"]
    assert incidents.forget() == 2
    assert found(incidents, Sought()) == []
