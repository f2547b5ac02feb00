"""How the whole stands, and what happens, as clients and the dashboard see it."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from gswarm.errors import NotLoggedIn
from gswarm.store.events import publish
from gswarm.web.routes.status import MOST_STREAMS
from gswarm.web.server.shutdown import DRAIN_SECONDS
from tests.contract.asking import FLASH, PRO
from tests.event_stream import listen
from tests.gateway_process import start_gateway, wait_for

PATH = "/api/gswarm/status"


@pytest.fixture
def watcher(gateway):
    """Opens streams of status with a key; they end with the test."""
    opened = []

    def open_stream(last_id=None, headers=None):
        url = f"{gateway.url}{PATH}/stream"
        shown = headers or gateway.lookout
        opened.append(listen(url, headers=shown, last_id=last_id))
        opened[-1].wait_for("status_update")
        return opened[-1]

    yield open_stream
    for each in opened:
        each.close()


def limit(google, *, times=1, after="1.2s", error="rate_limit", **match):
    google.script({"error": error, "reset_after": after}, times=times, **match)


# ----------------------------------------------------------------------- status


def test_the_status_has_what_is_promised(gateway):
    answer = gateway.get(PATH).json()

    assert answer["status"] == "connected"
    assert (answer["accounts"], answer["validAccounts"]) == (3, 3)
    assert (answer["projects"], answer["activeProjects"]) == (12, 12)
    assert answer["cooldownProjects"] == 0
    assert answer["models"][answer["defaultModel"]] == {
        "status": "connected",
        "available": 12,
        "cooling": 0,
        "resting": {},
        "nextFreeAt": None,
    }
    assert answer["timestamp"].endswith("Z")
    assert answer["uptime"] >= 0
    assert answer["version"]


def test_a_key_that_may_monitor_or_a_session_sees_it(gateway):
    assert gateway.sign_in().get(PATH).ok
    assert requests.get(gateway.url + PATH, timeout=5).status_code == 401
    chat_only = {"Authorization": f"Bearer {gateway.new_key('c', scopes=['chat'])}"}
    for path in (PATH, f"{PATH}/stream"):
        answer = requests.get(gateway.url + path, headers=chat_only, timeout=5)
        assert answer.status_code == 403
    assert gateway.post(PATH, {}).status_code == 405


def test_a_limited_project_degrades_the_capacity(gateway, google):
    limit(google, after="60s", model=FLASH)
    assert gateway.ask(model=FLASH).ok

    answer = gateway.get(PATH).json()

    assert answer["status"] == "degraded-capacity"
    assert answer["cooldownProjects"] == 1
    model = answer["models"][FLASH]
    assert (model["status"], model["available"], model["cooling"]) == (
        "degraded-capacity",
        11,
        1,
    )
    assert model["resting"] == {"rate_limit": 1}
    assert model["nextFreeAt"] > answer["timestamp"]
    assert model["retiresOn"] == "2026-12-01"


def test_a_limited_request_that_was_answered_elsewhere_is_remembered(gateway, google):
    limit(google, after="0.3s", model=FLASH)
    assert gateway.ask(model=FLASH).ok
    time.sleep(0.4)

    assert gateway.get(PATH).json()["status"] == "degraded-routed"


def test_when_every_project_is_limited_it_is_frozen(gateway, google):
    limit(google, after="60s", times=None, model=FLASH)
    for _ in range(2):
        assert gateway.ask(model=FLASH).status_code == 429

    assert gateway.get(PATH).json()["status"] == "frozen"


def test_when_every_quota_is_spent_it_is_exhausted(gateway, google):
    limit(google, after="5h", times=None, error="daily_quota", model=FLASH)
    assert gateway.ask(model=FLASH).status_code == 429

    answer = gateway.get(PATH).json()

    assert answer["status"] == answer["models"][FLASH]["status"] == "quota_exhausted"


def test_without_a_usable_account_it_is_disconnected(gateway):
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)

    answer = gateway.get(PATH).json()

    assert answer["status"] == "disconnected"
    assert (answer["accounts"], answer["validAccounts"]) == (3, 0)
    assert (answer["failingAccounts"], answer["failingProjects"]) == (0, 0)


def test_what_google_turns_away_fails_and_what_is_switched_off_does_not(gateway):
    accounts = gateway.rooms.accounts
    accounts.invalidate("alice@example.com", NotLoggedIn("Gone."))
    accounts.enable("bob@example.com", False)

    answer = gateway.get(PATH).json()

    assert (answer["validAccounts"], answer["failingAccounts"]) == (1, 1)
    assert (answer["activeProjects"], answer["failingProjects"]) == (4, 4)


# ----------------------------------------------------------------------- stream


def test_a_listener_sees_a_project_cool_and_recover(gateway, google, watcher):
    stream = watcher()
    assert stream.events[0].data["status"] == "connected"
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    assert any(line.startswith("retry: ") for line in stream.lines)

    limit(google, after="4s", model=FLASH)
    assert gateway.ask(model=FLASH).ok
    answered = time.monotonic()
    cooled = stream.wait_for("project_cooldown", model=FLASH)
    degraded = stream.wait_for("status_update", status="degraded-capacity")
    recovered = stream.wait_for(
        "project_recovered", projectId=cooled.data["projectId"], model=FLASH
    )

    assert cooled.data["reason"] == "rate_limit"
    assert cooled.data["until"] > cooled.data["timestamp"]
    assert cooled.at - answered < 1
    assert 3 < recovered.at - answered < 5
    assert recovered.data["timestamp"] >= cooled.data["until"]
    assert degraded.at - answered < 2
    stream.wait_for("status_update", status="degraded-routed")


def test_whichever_worker_it_is_every_listener_hears_it(gateway, watcher):
    streams = [watcher() for _ in range(6)]

    assert gateway.ask(model=FLASH).ok

    for each in streams:
        told = each.wait_for("request", model=FLASH)
        assert (told.data["status"], told.data["attempts"]) == ("success", 1)
        assert told.data["key_name"] == "test"
        assert "Hello" not in str(told.data)


def test_resuming_leaves_no_gap(gateway, watcher):
    first = watcher()
    gateway.ask(model=FLASH)
    first.wait_for("request")
    last_id = first.last_id
    first.close()
    missed = [gateway.ask(model=FLASH).headers["x-request-id"] for _ in range(5)]

    again = watcher(last_id)
    later = gateway.ask(model=FLASH).headers["x-request-id"]
    again.wait_for("request", id=later)

    assert [each.data["id"] for each in again.of("request")] == [*missed, later]


def test_an_account_that_ends_is_told(gateway, google, watcher):
    stream = watcher()
    google.script({"error": "suspended"}, account="alice@example.com", times=None)
    for _ in range(4):
        assert gateway.ask(model=FLASH).ok

    told = stream.wait_for("account_invalid", account="alice@example.com")

    assert told.data["reason"] == "auth"
    assert told.data["message"]
    update = stream.wait_for("status_update", validAccounts=2)
    assert update.data["activeProjects"] == 8


def test_jobs_are_told_to_people_only(gateway, watcher):
    admin = gateway.sign_in()
    by_key = watcher()
    url = f"{gateway.url}{PATH}/stream"
    with listen(url, cookies=admin.cookies) as by_session:
        by_session.wait_for("status_update")
        publish(gateway.store, "job", {"id": "job_1", "done": 1})
        publish(gateway.store, "quota_warning", {"resetsAt": 1_800_000_000_000})
        by_session.wait_for("job", id="job_1")
        told = by_key.wait_for("quota_warning")

    assert not by_key.of("job")
    assert told.data["resetsAt"] == "2027-01-15T08:00:00.000Z"


def test_a_made_up_event_id_is_no_obstacle(gateway, watcher):
    for made_up in ("nonsense", "999999999999999-0"):
        stream = watcher(made_up)
        gateway.ask(model=FLASH)
        stream.wait_for("request")


def test_a_change_by_hand_is_a_change_of_status(gateway, watcher):
    stream = watcher()
    gateway.rooms.projects.enable("alice-01", False)

    stream.wait_for("status_update", activeProjects=11)


def test_a_listener_among_others_hears_the_status_once_a_second(gateway, watcher):
    others = [watcher() for _ in range(6)]
    gateway.rooms.projects.enable("alice-01", False)
    for each in others:
        each.wait_for("status_update", activeProjects=11)
    time.sleep(1.2)  # whoever watches for them looks again at once

    begun = time.monotonic()
    streams = [watcher() for _ in range(4)]
    gateway.rooms.projects.enable("alice-02", False)
    for each in streams:
        each.wait_for("status_update", activeProjects=10)
        updates = each.of("status_update")
        assert len(updates) <= 1 + (updates[-1].at - begun)


def test_another_default_model_is_a_change_of_status(gateway, watcher, configure):
    streams = [watcher() for _ in range(6)]
    configure(models={"default": PRO})

    for each in streams:
        update = each.wait_for("status_update", defaultModel=PRO)
        assert PRO in update.data["models"]


# ------------------------------------------------------------------ what it costs


def commands(gateway):
    """What the store was asked, by command."""
    stats = gateway.store.info("commandstats")
    return {name.removeprefix("cmdstat_"): s["calls"] for name, s in stats.items()}


def asked_meanwhile(gateway, seconds):
    """What the store is asked in so many seconds, however long this looks."""
    before, begun = commands(gateway), time.monotonic()
    time.sleep(seconds)
    after, share = commands(gateway), seconds / (time.monotonic() - begun)
    return {name: share * (after[name] - before.get(name, 0)) for name in after}


def test_a_listener_hears_nothing_after_its_key_is_revoked(gateway, watcher):
    [(key, _)] = gateway.rooms.keys.list()
    stream = watcher(headers=gateway.headers)

    gateway.rooms.keys.change(key.id, name="renamed")
    assert stream.is_over.wait(15)
    again = watcher(stream.last_id, gateway.headers)
    gateway.rooms.keys.revoke(key.id)

    assert again.is_over.wait(15)
    url = f"{gateway.url}{PATH}/stream"
    refused = [requests.get(url, headers=gateway.headers, timeout=5) for _ in range(8)]
    assert {each.status_code for each in refused} == {401}


def test_a_listener_hears_nothing_after_its_key_has_run_out(gateway, watcher):
    [(key, _)] = gateway.rooms.keys.list()
    gateway.rooms.keys.change(key.id, expires_at=time.time() + 6)
    stream = watcher(headers=gateway.headers)

    assert stream.is_over.wait(30)
    url = f"{gateway.url}{PATH}/stream"
    refused = requests.get(url, headers=gateway.headers, timeout=5)
    assert refused.status_code == 401


def test_a_listener_hears_nothing_after_signing_out(gateway):
    person, bystander = gateway.sign_in(), gateway.sign_in()
    url = f"{gateway.url}{PATH}/stream"
    stream = listen(url, cookies=person.cookies)
    with stream, listen(url, cookies=bystander.cookies) as kept:
        kept.wait_for("status_update")
        stream.wait_for("status_update")
        person.post("/api/admin/logout", json={})

        assert stream.is_over.wait(15)
        publish(gateway.store, "project_recovered", {"project": "alice-01"})
        kept.wait_for("project_recovered")


def test_two_hundred_listeners_ask_the_store_for_no_more_than_one(gateway, watcher):
    scopes = ("monitor", "admin")
    raws = [gateway.new_key(f"listener {n}", scopes=scopes) for n in range(20)]
    shown = [{"Authorization": f"Bearer {raw}"} for raw in raws]
    watcher()
    time.sleep(1)
    one = asked_meanwhile(gateway, 3)
    with ThreadPoolExecutor(20) as threads:
        streams = list(threads.map(lambda n: watcher(None, shown[n % 20]), range(200)))
    time.sleep(1)
    many = asked_meanwhile(gateway, 3)

    workers = 2
    assert many.get("xread", 0) <= workers * 4
    assert sum(many.values()) <= sum(one.values()) + 4 * workers * 4
    gateway.ask(model=FLASH)
    for each in streams:
        each.wait_for("request")


def test_a_listener_that_leaves_is_let_go(gateway, watcher):
    def waiting() -> int:
        """Who waits in the store: in each process, for events and for changed keys."""
        return gateway.store.info("clients")["blocked_clients"]

    workers = 2
    streams = [watcher() for _ in range(4)]
    wait_for(lambda: waiting() > workers)
    for each in streams:
        each.close()

    # Each goes on waiting for changed keys, and nothing else.
    wait_for(lambda: waiting() <= workers, 15)


def test_the_gateway_does_not_wait_for_listeners_when_it_ends(google):
    with start_gateway(google, workers=1) as gateway:
        url = f"{gateway.url}{PATH}/stream"
        with listen(url, headers=gateway.headers) as stream:
            stream.wait_for("status_update")
            began = time.monotonic()
            gateway.process.send_signal(signal.SIGTERM)
            assert stream.is_over.wait(DRAIN_SECONDS)
            gateway.process.wait(DRAIN_SECONDS)
            assert time.monotonic() - began < DRAIN_SECONDS


def test_one_key_has_so_many_streams_and_others_theirs(gateway):
    url = f"{gateway.url}{PATH}/stream"
    opened = []

    def open_one(headers):
        answer = requests.get(url, headers=headers, stream=True, timeout=10)
        opened.append(answer)
        return answer.status_code

    most = 2 * MOST_STREAMS
    try:
        tried = [open_one(gateway.headers) for _ in range(most + 4)]
        assert tried.count(429) >= 4
        assert tried.count(200) + tried.count(429) == most + 4
        other = {"Authorization": f"Bearer {gateway.new_key(scopes=('monitor',))}"}
        assert open_one(other) == 200
    finally:
        for answer in opened:
            answer.close()
    try:
        wait_for(lambda: open_one(gateway.headers) == 200)
    finally:
        for answer in opened:
            answer.close()
