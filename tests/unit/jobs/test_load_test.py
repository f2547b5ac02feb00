"""Asking at a steady pace, and what the samples come to."""

from __future__ import annotations

import threading
import time

import pytest

from gswarm.jobs.load_test import Plan, Sample, Tally, run


def test_every_request_of_the_plan_is_sent_once() -> None:
    tally, heard = Tally(), []
    run(Plan(50, 8), lambda: Sample(0.1, tokens=2), tally, lambda: heard.append(1))

    assert tally.report()["sent"] == len(heard) == 50


def test_requests_are_paced() -> None:
    started, sent = time.monotonic(), []

    def ask() -> Sample:
        sent.append(time.monotonic() - started)
        return Sample(0.0)

    run(Plan(5, 3, per_minute=60 * 20), ask, Tally())

    assert all(at >= 0.05 * n - 0.001 for n, at in enumerate(sorted(sent)))


def test_no_more_are_under_way_than_the_plan_says() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def ask() -> Sample:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.005)
        with lock:
            under_way -= 1
        return Sample(0.0)

    run(Plan(30, 4), ask, Tally())

    assert most == 4


def test_it_stops_when_told_to() -> None:
    stop, tally = threading.Event(), Tally()
    run(Plan(1000, 2), lambda: Sample(0.0), tally, stop.set, stop=stop)

    assert tally.report()["sent"] <= 4


def test_what_goes_wrong_ends_it_and_is_raised() -> None:
    tally = Tally()
    with pytest.raises(ZeroDivisionError):
        run(Plan(1000, 4), lambda: Sample(0.0), tally, lambda: 1 / 0)

    assert tally.report()["sent"] <= 8


def test_the_report_counts_and_ranks() -> None:
    tally = Tally()
    for n in range(1, 101):
        tally.add(Sample(n / 1000, None, n / 2000, tokens=3, project=f"p{n % 2}"))
    tally.add(Sample(9.0, "overloaded", project="p1"))
    tally.add(Sample(9.0, "overloaded"))
    report = tally.report()

    assert (report["sent"], report["succeeded"]) == (102, 100)
    assert report["failed"] == {"overloaded": 2}
    assert report["latencyMs"] == {"p50": 50.0, "p90": 90.0, "p99": 99.0}
    assert report["firstTokenMs"] == {"p50": 25.0, "p90": 45.0, "p99": 49.5}
    assert report["projects"] == {"p0": 50, "p1": 50}


def test_with_nothing_to_tell_it_says_so() -> None:
    tally = Tally()
    assert tally.report()["latencyMs"] is None
    tally.add(Sample(0.01))
    report = tally.report()
    assert report["latencyMs"] == {"p50": 10.0, "p90": 10.0, "p99": 10.0}
    assert report["firstTokenMs"] is None
