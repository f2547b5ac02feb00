"""Many at once: everybody's turn comes, nothing is miscounted, the store is spared."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from gswarm.store import names
from gswarm.store.records import read as read_records
from tests.contract.asking import FLASH, ask_all, until_minute_is_young
from tests.gateway_process import Gateway, wait_for
from tests.simulator_process import Simulator

METHOD = "streamGenerateContent"
PULSE_TRIPS = 3


def test_300_requests_at_once_spread_evenly_over_12_projects(gateway, google):
    google.speed(ttft_seconds=3.0)

    replies = ask_all(gateway, 300)

    assert {reply.status_code for reply in replies} == {200}
    served = Counter(call["project"] for call in google.calls(brief=True, model=FLASH))
    assert len(served) == 12
    assert all(22 <= count <= 28 for count in served.values()), served
    assert most_open(google) > 200


def test_a_few_at_a_time_spread_evenly_too(gateway, google):
    ask_all(gateway, 240, at_once=6)

    served = Counter(call["project"] for call in google.calls(brief=True, model=FLASH))
    assert all(17 <= served[project] <= 23 for project in served), served


def test_a_burst_gives_each_account_its_share(gateway, google):
    ask_all(gateway, 40, at_once=7)
    google.forget_calls()
    google.speed(ttft_seconds=1.0)

    replies = ask_all(gateway, 24)

    assert {reply.status_code for reply in replies} == {200}
    calls = google.calls(brief=True, model=FLASH)
    accounts = Counter(call["project"].partition("-")[0] for call in calls)
    assert sorted(accounts.values()) == [8, 8, 8]


def test_invented_models_cost_two_calls_each_and_leave_the_status_as_it_was(
    gateway, google
):
    ask_all(gateway, 3)
    before = gateway.get("/api/gswarm/status").json()
    google.forget_calls()

    invented = [f"gemini-99-ultra-{n}" for n in range(40)]
    for model in (*invented, *invented):
        assert gateway.ask(model=model).status_code == 404

    calls = Counter(call["model"] for call in google.calls(brief=True))
    assert set(calls) == set(invented)
    assert max(calls.values()) <= 2
    after = gateway.get("/api/gswarm/status").json()
    assert after["status"] == before["status"] == "connected"
    assert set(after["models"]) - set(before["models"]) == {"other"}
    assert after["activeProjects"] == before["activeProjects"]
    by_model = gateway.get("/api/gswarm/metrics").json()["by_model"]
    assert set(by_model) == {FLASH, "other"}


def test_twenty_writers_lose_no_count(gateway, google):
    replies = ask_all(gateway, 400, at_once=20)

    assert {reply.status_code for reply in replies} == {200}
    projects = [p for account in google.accounts() for p in account["projects"]]
    settled(gateway, projects)
    records = read_records(gateway.store, projects, time.time())
    assert sum(r.status["successCount"] for r in records) == 400
    assert sum(r.models[FLASH]["successCount"] for r in records) == 400
    assert google.counts(method=METHOD, status=200) == 400
    tokens = sum(reply.json()["usage"]["total_tokens"] for reply in replies)
    [use] = [use for key, use in gateway.rooms.keys.list() if key.name == "test"]
    assert (use.requests, use.tokens) == (400, tokens)


def test_a_limit_admits_exactly_as_many_as_it_says(gateway, google):
    until_minute_is_young()
    gateway.key = gateway.new_key("limited", rate_limit=70)

    replies = ask_all(gateway, 200)

    codes = Counter(reply.status_code for reply in replies)
    assert codes == {200: 70, 429: 130}
    assert google.counts(method=METHOD) == 70


@pytest.mark.parametrize(("accounts", "projects"), [(3, 12), (10, 100)])
def test_a_request_costs_four_round_trips_whatever_the_pools_size(
    gateway, google, accounts, projects
):
    google.reset(accounts=accounts, projects=projects)
    gateway.begin_anew(google.accounts())
    for _ in range(20):
        assert gateway.ask(model=FLASH).status_code == 200

    number = 100
    before, begun = reads(gateway), time.monotonic()
    for _ in range(number):
        assert gateway.ask(model=FLASH).status_code == 200
    spent, seconds = reads(gateway) - before, time.monotonic() - begun

    # Each worker's pulse asks a few things every second, whoever else does.
    pulses = 2 * (PULSE_TRIPS * (seconds + 3))
    assert spent <= 4 * number + pulses, (spent, seconds)
    assert spent >= 3 * number


def reads(gateway: Gateway) -> int:
    """How often the store has read from a connection: once for each round trip."""
    return int(gateway.store.info("stats")["total_reads_processed"])


def most_open(google: Simulator) -> int:
    """How many calls were under way at once, at most."""
    number: int = google.control("GET", "counts")["most_open"]
    return number


def settled(gateway: Gateway, projects: list[str]) -> None:
    """Wait until nothing is in flight any more."""
    wait_for(
        lambda: (
            not any(
                int(gateway.store.hget(names.project_status(each), "inFlight") or 0)
                for each in projects
            )
        )
    )
