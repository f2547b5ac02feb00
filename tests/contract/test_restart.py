"""Whatever is killed comes back by itself, with everything it knew."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gswarm.store.config import Config
from gswarm.store.embedded import EmbeddedStore
from tests.contract.asking import FLASH, ask_all
from tests.gateway_process import Gateway, start_gateway, wait_for
from tests.simulator_process import Simulator
from tests.steady_load import CLIENTS, WARM, SteadyLoad, counted

RECOVERY_SECONDS = 3.0


@pytest.fixture(scope="module")
def own(simulator: Simulator) -> Iterator[Gateway]:
    """A gateway that only these tests maltreat."""
    with start_gateway(simulator, workers=2) as running:
        yield running


@pytest.fixture
def gateway(own: Gateway, google: Simulator) -> Gateway:
    own.begin_anew(google.accounts())
    google.forget_calls()
    return own


def restarted(gateway: Gateway) -> None:
    gateway.restart()


def killed_outright(gateway: Gateway) -> None:
    gateway.kill9()
    gateway.start()


@pytest.mark.parametrize("end", [restarted, killed_outright])
def test_keys_accounts_and_records_outlive_the_gateway(gateway, google, end):
    google.script({"error": "daily_quota", "reset_after": "21h10m20s"}, model=FLASH)
    ask_all(gateway, 40)
    limited = google.calls(brief=True, status=429)[0]["project"]
    before = memory(gateway, google)

    end(gateway)

    assert memory(gateway, google) == before
    google.forget_calls()
    assert gateway.ask(model=FLASH).status_code == 200
    ask_all(gateway, 24)
    served = {call["project"] for call in google.calls(brief=True, model=FLASH)}
    assert limited not in served
    assert google.counts(method="token") == 0


def memory(gateway: Gateway, google: Simulator) -> dict[str, Any]:
    """All that must not be forgotten."""
    projects = [p for entry in google.accounts() for p in entry["projects"]]
    return {
        "accounts": gateway.rooms.accounts.all(),
        "keys": gateway.rooms.keys.list(),
        "records": [
            (gateway.project_status(each), gateway.record(each, FLASH))
            for each in projects
        ],
    }


def test_the_gateway_is_as_old_whichever_worker_tells(gateway):
    def age() -> float:
        return gateway.get("/api/gswarm/status").json()["uptime"]

    before, seen_at = age(), time.monotonic()
    gateway.kill9_workers()
    gateway.wait_until_ready()
    passed = time.monotonic() - seen_at

    assert age() >= before + passed - 0.1


def test_a_killed_gateway_leaves_no_process_behind(gateway):
    store = int(gateway.store.info("server")["process_id"])

    gateway.kill9()

    wait_for(lambda: not Path(f"/proc/{store}/exe").exists(), 10)
    gateway.start()
    assert gateway.ask(model=FLASH).status_code == 200


@pytest.mark.parametrize("kill", [Gateway.kill9_worker, Gateway.kill9_store])
def test_what_is_killed_under_load_is_back_in_three_seconds(gateway, google, kill):
    with SteadyLoad(gateway) as load:
        workers = set(gateway.worker_pids())
        killed_at = time.monotonic()
        kill(gateway)
        time.sleep(RECOVERY_SECONDS)
        recovered_at = time.monotonic()
        time.sleep(1)
        wait_for(lambda: load.since(recovered_at))

    assert set(load.since(killed_at)) <= {200, 503, None}
    assert set(load.since(recovered_at)) == {200}
    assert len(gateway.worker_pids()) == len(workers)
    assert abs(load.since(0)[200] - counted(gateway)) <= CLIENTS


@contextmanager
def hanging_store(gateway: Gateway) -> Iterator[None]:
    """It accepts what it is asked, and does not answer."""
    store = int(gateway.store.info("server")["process_id"])
    os.kill(store, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(store, signal.SIGCONT)


def named_by_the_operator(gateway: Gateway) -> None:
    """``house`` is a model from now on, and every worker knows it."""
    aliases = {"models": {"aliases": {"house": FLASH}}}
    Config(gateway.store, {}).change(aliases, version=0)
    gateway.wait_for_pulses()


def begun_without_it(gateway: Gateway) -> int:
    """How many workers have begun while the store did not answer."""
    return gateway.log().count("Starting without the store")


def test_a_worker_that_begins_under_load_knows_the_config(gateway):
    named_by_the_operator(gateway)
    with SteadyLoad(gateway, model="house") as load:
        before = set(gateway.worker_pids())
        gateway.kill9_worker()
        wait_for(lambda: len(set(gateway.worker_pids()) | before) > len(before))
        begun_at = time.monotonic()
        wait_for(lambda: load.since(begun_at + RECOVERY_SECONDS)[200] > WARM)

    assert set(load.since(0)) <= {200, 503, None}


def test_workers_that_begin_without_the_store_wait_for_the_config(gateway):
    named_by_the_operator(gateway)
    with SteadyLoad(gateway, model="house") as load:
        with hanging_store(gateway):
            before = begun_without_it(gateway)
            gateway.kill9_workers()
            wait_for(lambda: begun_without_it(gateway) > before, 30)
            begun_at = time.monotonic()
            wait_for(lambda: load.since(begun_at)[503], 30)
        back_at = time.monotonic()
        wait_for(lambda: load.since(back_at)[200] > WARM)

    assert set(load.since(0)) <= {200, 503, None}


def test_a_store_that_does_not_answer_is_told_within_three_seconds(gateway):
    with hanging_store(gateway):
        begun = time.monotonic()
        reply = gateway.ask(model=FLASH)
        seconds = time.monotonic() - begun
        ready = gateway.http.get(f"{gateway.url}/readyz", timeout=20)

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "store_unavailable"
    assert seconds < RECOVERY_SECONDS
    assert ready.status_code == 503
    wait_for(lambda: gateway.ask(model=FLASH).status_code == 200, 3)


@pytest.mark.parametrize("error", ["internal", "expired"])
def test_a_store_that_hangs_while_google_fails_is_waited_for_once(
    gateway, google, error
):
    stall = {"before": "headers", "seconds": 2}
    google.script({"stall": stall, "error": error}, model=FLASH)
    with ThreadPoolExecutor(1) as client:
        asked = client.submit(gateway.ask, model=FLASH)
        wait_for(google.open_calls)
        with hanging_store(gateway):
            wait_for(lambda: not google.open_calls())
            begun = time.monotonic()
            reply = asked.result()
            seconds = time.monotonic() - begun

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "store_unavailable"
    assert seconds < RECOVERY_SECONDS
    wait_for(lambda: gateway.ask(model=FLASH).status_code == 200, 3)


def test_without_its_store_every_request_is_a_503_at_once(google, tmp_path):
    elsewhere = EmbeddedStore(tmp_path)
    elsewhere.start()
    env = {"REDIS_URL": elsewhere.url}
    with start_gateway(google, workers=1, env=env) as gateway:
        assert gateway.ask(model=FLASH).status_code == 200
        elsewhere.stop()

        begun = time.monotonic()
        reply = gateway.ask(model=FLASH)
        seconds = time.monotonic() - begun
        alive = gateway.http.get(f"{gateway.url}/healthz", timeout=5)
        ready = gateway.http.get(f"{gateway.url}/readyz", timeout=5)

        assert reply.status_code == 503
        assert reply.json()["error"]["code"] == "store_unavailable"
        assert seconds < 1
        assert (alive.status_code, ready.status_code) == (200, 503)
        assert str(tmp_path) not in reply.text + ready.text

        again = EmbeddedStore(tmp_path)
        again.start()
        wait_for(lambda: gateway.ask(model=FLASH).status_code == 200, 3)
    again.stop()


def test_a_google_that_is_gone_is_a_502_and_back_by_itself(gateway, google):
    google.script({"cut": {"after": 0, "how": "rst"}}, times=None, model=FLASH)
    assert gateway.ask(model=FLASH).status_code == 502
    google.clear_scripts()

    assert gateway.ask(model=FLASH).status_code == 200
