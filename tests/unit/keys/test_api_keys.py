"""API keys on a real store."""

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from gswarm.errors import (
    InvalidKey,
    InvalidRequest,
    MissingKey,
    NotFound,
    PermissionDenied,
    RateLimitExceeded,
    StoreUnavailable,
)
from gswarm.keys.api_keys import PLAYGROUND, ApiKeys, describe
from gswarm.limits.rate_limits import Limits
from gswarm.store import names
from gswarm.store.connection import connect
from tests.unit.store.round_trips import round_trips

pytestmark = pytest.mark.every_server

CHAT = "/v1/chat/completions"
HERE = "203.0.113.9"
NOON = 1_800_014_400.0


class Clock:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(store, clock):
    return ApiKeys(store, clock=clock)


def identify(keys, raw, address=HERE, path=CHAT):
    key = keys.identify(raw)
    keys.check(key, address=address, path=path)
    return key


def ask(store, keys, key, **options):
    pipe = store.pipeline()
    admission = keys.admit(pipe, key, **options)
    return admission.among(pipe.execute())


def finish(store, keys, admission, tokens=0):
    pipe = store.pipeline()
    keys.finish(pipe, admission, tokens)
    pipe.execute()


# -------------------------------------------------------------------- keeping


def test_a_new_key_opens_what_its_scopes_say(keys):
    key, raw = keys.create(name="alice")

    assert raw.startswith(f"sk-gswarm-{key.id}") and len(raw) == 42
    assert identify(keys, raw) == key
    assert key.scopes == ("chat",)


def test_the_store_never_holds_a_raw_key(keys, store):
    key, raw = keys.create(name="alice")

    record = store.hget(names.API_KEYS, key.id)
    assert raw not in record and raw.removeprefix("sk-gswarm-") not in record
    assert raw not in str(describe(key)) and key.digest not in str(describe(key))


def test_the_same_digits_give_another_digest_under_another_salt(keys):
    digests = {keys.create(name="alice")[0].salt for _ in range(20)}

    assert len(digests) == 20


def test_a_taken_id_is_never_given_twice(keys, store, monkeypatch):
    first, _ = keys.create(name="alice")
    digits = iter([first.id + "0" * 24, "00" * 16, "f" * 32, "00" * 16])
    hexes = "gswarm.keys.api_keys.secrets.token_hex"
    monkeypatch.setattr(hexes, lambda _: next(digits))

    second, _ = keys.create(name="bob")

    assert second.id == "ffffffff"
    assert [key.name for key, _ in keys.list()] == ["alice", "bob"]


def test_keys_of_one_instant_are_listed_as_they_were_made(keys):
    wanted = [f"key-{n}" for n in range(12)]
    for name in wanted:
        keys.create(name=name)

    assert [key.name for key, _ in keys.list()] == wanted


def test_a_key_is_found_by_id_or_name(keys):
    key, _ = keys.create(name="alice")

    assert keys.find("alice") == keys.find(key.id) == key
    with pytest.raises(NotFound):
        keys.find("bob")


def test_a_name_shared_by_active_keys_needs_the_id(keys):
    first, _ = keys.create(name="alice")
    second, _ = keys.create(name="alice")
    with pytest.raises(InvalidRequest, match="2 API keys"):
        keys.find("alice")

    keys.revoke(first.id)

    assert keys.find("alice") == second


def test_a_change_acts_with_the_next_request(keys):
    key, raw = keys.create(name="alice")
    keys.change(key.id, allowed_ips=["10.0.0.0/8"], name="Alice's laptop")

    with pytest.raises(PermissionDenied):
        identify(keys, raw)
    assert identify(keys, raw, address="10.0.0.1").name == "Alice's laptop"


def test_a_change_that_makes_no_sense_changes_nothing(keys):
    key, _ = keys.create(name="alice")

    with pytest.raises(InvalidRequest):
        keys.change(key.id, name="bob", allowed_ips=["nowhere"])
    with pytest.raises(NotFound):
        keys.change("ffffffff", name="bob")
    assert keys.find("alice") == key


def test_changes_at_once_are_all_kept(keys):
    key, _ = keys.create(name="alice")
    changes = [
        {"rate_limit": 10},
        {"tokens_per_day": 20},
        {"max_concurrent": 30},
        {"allowed_models": ["gemini-*"]},
    ]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda change: keys.change(key.id, **change), changes * 5))

    kept = keys.find("alice")
    assert (kept.rate_limit, kept.tokens_per_day, kept.max_concurrent) == (10, 20, 30)
    assert kept.allowed_models == ("gemini-*",)


def test_a_record_of_a_newer_version_is_read(keys, store):
    key, raw = keys.create(name="alice")
    record = store.hget(names.API_KEYS, key.id)
    store.hset(names.API_KEYS, key.id, record.replace("{", '{"colour":"red",', 1))

    assert identify(keys, raw) == key


# ----------------------------------------------------------------- identifying


@pytest.mark.parametrize("raw", [None, ""])
def test_no_key_is_missing(keys, raw):
    with pytest.raises(MissingKey, match="didn't provide"):
        identify(keys, raw)


@pytest.mark.parametrize(
    "raw",
    [
        "sk-gswarm-" + "0" * 32,
        "sk-gswarm-" + "0" * 31,
        "sk-gswarm-" + "Z" * 32,
        "sk-proj-abcdefgh12345678",
        "x",
        "schlüssel-schlüssel",
    ],
)
def test_an_unknown_key_is_incorrect(keys, raw):
    with pytest.raises(InvalidKey, match="Incorrect API key provided") as refusal:
        identify(keys, raw)

    assert raw not in refusal.value.message
    assert refusal.value.code == "invalid_api_key"


def test_a_right_beginning_is_not_enough(keys):
    _, raw = keys.create(name="alice")
    other = raw[:-1] + ("0" if raw[-1] != "0" else "1")

    with pytest.raises(InvalidKey, match="Incorrect API key"):
        identify(keys, other)


def test_each_check_has_its_own_words_and_its_place_in_the_order(keys, clock):
    key, raw = keys.create(
        name="alice",
        expires_at=NOON + 60,
        allowed_ips=["10.0.0.0/8"],
        allowed_endpoints=["/v1/models"],
        allowed_models=["gemini-2.5-*"],
    )

    def refusal(**where):
        with pytest.raises((InvalidKey, PermissionDenied)) as caught:
            identify(keys, raw, **where)
        return caught.value.status, caught.value.message

    endpoint = f"This API key may not be used for {CHAT}."
    assert refusal(address="10.0.0.1") == (403, endpoint)
    elsewhere = f"This API key may not be used from {HERE}."
    assert refusal() == (403, elsewhere)
    clock.now = NOON + 60
    assert refusal() == (401, "This API key expired at 2027-01-15T12:01:00.000Z.")
    keys.revoke(key.id)
    assert refusal() == (401, "This API key has been revoked.")


def test_a_model_is_allowed_by_any_of_its_names(keys):
    key, _ = keys.create(name="alice", allowed_models=["gemini-2.5-*", "gpt-4o"])

    keys.check_model(key, "gemini-2.5-pro")
    keys.check_model(key, "gpt-4o", "gemini-3.5-flash")
    with pytest.raises(PermissionDenied, match=r"`gemini-3\.5-flash`") as refusal:
        keys.check_model(key, "gemini-3.5-flash")
    assert refusal.value.code == "model_not_allowed"


def test_identifying_is_one_read_however_many_keys_there_are(keys, store):
    raws = [keys.create(name=f"key {n}")[1] for n in range(50)]

    identify(keys, raws[0])  # From here on it listens for changes.
    with round_trips(store) as trips:
        identify(keys, raws[25])

    assert [trip for trip in trips if trip != ["XREAD"]] == [["HGET"]]


# -------------------------------------------------------------------- admitting


def test_admission_is_one_command(keys, store):
    key, _ = keys.create(name="alice", rate_limit=5, max_concurrent=2)
    ask(store, keys, key)

    with round_trips(store) as trips:
        ask(store, keys, key)

    assert trips == [["EVALSHA"]]


def test_a_minute_admits_so_many_and_the_next_as_many_again(keys, store, clock):
    key, _ = keys.create(name="alice", rate_limit=3)
    clock.now = NOON + 53

    admitted = [ask(store, keys, key) for _ in range(5)]

    assert [a.refusal is None for a in admitted] == [True] * 3 + [False] * 2
    assert [a.requests.remaining for a in admitted] == [2, 1, 0, 0, 0]
    assert admitted[3].refusal.retry_after == 7
    clock.now = NOON + 60
    assert ask(store, keys, key).requests.remaining == 2


def test_the_minutes_counter_does_not_outlive_its_use(keys, store):
    key, _ = keys.create(name="alice")
    ask(store, keys, key)

    minute = names.requests_in(key.digest[:16], str(int(NOON // 60)))
    assert store.get(minute) == "1"
    assert 0 < store.ttl(minute) <= 120


def test_bursts_are_bounded_by_the_config(store, clock):
    keys = ApiKeys(
        store, limits=lambda: Limits(per_minute=10, per_second=2), clock=clock
    )
    key, _ = keys.create(name="alice")

    refusals = [ask(store, keys, key).refusal for _ in range(3)]
    clock.now += 1

    assert [refusal and refusal.retry_after for refusal in refusals] == [None, None, 1]
    assert ask(store, keys, key).refusal is None


def test_the_configs_limits_act_at_once(store, clock):
    limits = [Limits()]
    keys = ApiKeys(store, limits=lambda: limits[0], clock=clock)
    key, _ = keys.create(name="alice")
    ask(store, keys, key)
    limits[0] = Limits(per_minute=1)

    assert isinstance(ask(store, keys, key).refusal, RateLimitExceeded)
    assert isinstance(ask(store, keys, PLAYGROUND).refusal, type(None))
    assert isinstance(ask(store, keys, PLAYGROUND).refusal, RateLimitExceeded)


def test_tokens_of_a_day_are_counted_when_they_are_known(keys, store, clock):
    key, _ = keys.create(name="alice", tokens_per_day=100)
    first = ask(store, keys, key)
    finish(store, keys, first, tokens=60)
    second = ask(store, keys, key)
    finish(store, keys, second, tokens=60)

    refused = ask(store, keys, key)

    assert (first.tokens.remaining, second.tokens.remaining) == (100, 40)
    assert refused.refusal.type == "tokens"
    assert refused.headers["x-ratelimit-remaining-tokens"] == "0"
    assert ask(store, keys, key, generates=False).refusal is None
    clock.now += 86_400
    assert ask(store, keys, key).refusal is None


def test_a_place_comes_back_when_its_request_ends(keys, store):
    key, _ = keys.create(name="alice", max_concurrent=2)
    first, second, third = (ask(store, keys, key) for _ in range(3))
    assert third.refusal.message.startswith("Rate limit reached")

    finish(store, keys, third)
    assert ask(store, keys, key).refusal
    finish(store, keys, first)
    finish(store, keys, first)

    assert ask(store, keys, key).refusal is None
    assert ask(store, keys, key).refusal
    finish(store, keys, second)
    assert ask(store, keys, key).refusal is None


def test_the_end_of_a_request_is_one_step(keys, store):
    key, _ = keys.create(name="alice", tokens_per_day=100, max_concurrent=2)
    admission, pipe = ask(store, keys, key), store.pipeline()

    keys.finish(pipe, admission, tokens=60)

    assert len(pipe) == 1


def test_requests_that_do_not_generate_take_no_place(keys, store):
    key, _ = keys.create(name="alice", max_concurrent=1)

    ask(store, keys, key)

    assert ask(store, keys, key, generates=False).refusal is None


def test_places_are_held_while_renewed_and_free_soon_after_their_worker_died(
    keys, store, clock
):
    key, _ = keys.create(name="alice", max_concurrent=1)
    dead = ask(store, ApiKeys(store, clock=clock), key)
    assert dead.place
    clock.now += 11
    alive = ask(store, keys, key)
    assert alive.refusal is None

    for _ in range(5):
        clock.now += 3
        keys.renew()

    assert ask(store, keys, key).refusal
    finish(store, keys, alive)
    keys.renew()
    assert store.zcard(names.places(key.id)) == 0


def test_a_place_whose_end_the_store_never_heard_of_comes_back(keys, store, clock):
    key, _ = keys.create(name="alice", max_concurrent=1)
    keys.finish(store.pipeline(), ask(store, keys, key))
    clock.now += 6
    keys.renew()
    assert ask(store, keys, key).refusal
    clock.now += 5

    assert ask(store, keys, key).refusal is None


def test_a_dropped_request_does_not_hold_its_place(keys, store, clock):
    key, _ = keys.create(name="alice", max_concurrent=1)
    ask(store, keys, key)
    for _ in range(4):
        clock.now += 3
        keys.renew()

    assert ask(store, keys, key).refusal is None


def test_a_refused_request_counts_nowhere(keys, store):
    key, _ = keys.create(name="alice", rate_limit=5, max_concurrent=1)
    running = ask(store, keys, key)
    for _ in range(10):
        ask(store, keys, key)
    finish(store, keys, running)

    assert ask(store, keys, key).requests.remaining == 3
    [(_, use)] = keys.list()
    assert use.requests == 2


def test_uses_are_shown(keys, store, clock):
    key, _ = keys.create(name="alice")
    assert describe(*keys.list()[0])["lastUsedAt"] is None
    clock.now += 0.5
    finish(store, keys, ask(store, keys, key), tokens=12)
    finish(store, keys, ask(store, keys, key), tokens=30)

    shown = describe(*keys.list()[0])

    assert shown["lastUsedAt"] == "2027-01-15T12:00:00.500Z"
    assert (shown["requests"], shown["tokens"]) == (2, 42)


# ------------------------------------------------------------------- exactness


ASK_FROM_ANOTHER_PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from gswarm.keys.api_keys import ApiKeys
from gswarm.store.connection import connect

store = connect(sys.argv[1])
keys = ApiKeys(store, clock=lambda: 1_800_014_400.0)
key = keys.find("alice")
print("ready", flush=True)
sys.stdin.readline()

def ask(_):
    pipe = store.pipeline()
    admission = keys.admit(pipe, key)
    return admission.among(pipe.execute()).refusal is None

with ThreadPoolExecutor(10) as threads:
    print(sum(threads.map(ask, range(125))), flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("limit", [{"rate_limit": 137}, {"max_concurrent": 137}])
def test_500_requests_of_four_processes_admit_exactly_the_limit(keys, redis_url, limit):
    keys.create(name="alice", **limit)
    command = [sys.executable, "-c", ASK_FROM_ANOTHER_PROCESS, redis_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    askers = [subprocess.Popen(command, **pipes) for _ in range(4)]
    try:
        for line in ("ready", None):
            answers = [asker.stdout.readline().strip() for asker in askers]
            assert line in (None, *set(answers))
            for asker in askers:
                asker.stdin.write("go\n")
                asker.stdin.flush()
    finally:
        for asker in askers:
            asker.communicate(timeout=10)

    assert sum(map(int, answers)) == 137


def test_no_more_than_allowed_ever_run_at_once(keys, store):
    key, _ = keys.create(name="alice", max_concurrent=4)
    running, most, lock = Counter(), [], threading.Lock()

    def request(_):
        admission = ask(store, keys, key)
        if admission.refusal:
            return
        with lock:
            running["now"] += 1
            most.append(running["now"])
        time.sleep(0.001)
        with lock:
            running["now"] -= 1
        finish(store, keys, admission)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(request, range(200)))

    assert max(most) == 4
    assert store.zcard(names.places(key.id)) == 0


def test_nobody_gets_in_while_the_store_is_down():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = connect(f"redis://127.0.0.1:{free.getsockname()[1]}")
    keys = ApiKeys(gone)

    with pytest.raises(StoreUnavailable):
        identify(keys, "sk-gswarm-" + "0" * 32)
    with pytest.raises(StoreUnavailable):
        ask(gone, keys, PLAYGROUND)


def seconds_until_refused(keys, raw):
    began = time.monotonic()
    with pytest.raises(InvalidKey):
        while time.monotonic() < began + 5:
            keys.check(keys.identify(raw), address="192.0.2.1", path="/v1/models")
    return time.monotonic() - began


def test_a_revoked_key_is_refused_by_other_processes_at_once(store):
    here, there = ApiKeys(store), ApiKeys(store)
    for _ in range(3):
        key, raw = here.create(name="alice")
        identify(there, raw)

        here.revoke(key.id)

        assert seconds_until_refused(there, raw) < 0.1


def test_a_key_that_changes_while_it_is_looked_up_is_not_remembered(store, monkeypatch):
    here, there = ApiKeys(store), ApiKeys(store)
    _, raw = here.create(name="alice")
    look_up = there._records.read

    def too_slow(key_id):
        found = look_up(key_id)
        here.revoke(key_id)
        deadline = time.monotonic() + 5
        while not there._times_forgotten and time.monotonic() < deadline:
            time.sleep(0.001)
        return found

    monkeypatch.setattr(there._records, "read", too_slow)
    assert there.identify(raw).is_active
    monkeypatch.undo()

    assert not there.identify(raw).is_active


def test_who_cannot_hear_of_changes_remembers_nothing(store, monkeypatch):
    keys = ApiKeys(store)
    _, raw = keys.create(name="alice")
    identify(keys, raw)

    monkeypatch.setattr(store, "xread", raising(StoreUnavailable("gone")))
    keys.revoke(keys.find("alice").id)

    assert seconds_until_refused(keys, raw) < 1


def raising(error):
    def fail(*_, **__):
        raise error

    return fail


LONG = {"contents": [{"parts": [{"text": "x" * 4_000}]}]}
"""Comes to a thousand tokens, and as many for its answer."""
ASKED = LONG | {"generationConfig": {"maxOutputTokens": 1_000}}


def test_requests_at_once_do_not_pass_the_tokens_of_a_day(keys, store):
    key, _ = keys.create(name="alice", tokens_per_day=10_000)
    with ThreadPoolExecutor(16) as threads:
        tried = list(
            threads.map(lambda _: ask(store, keys, key, body=ASKED), range(40))
        )

    inside = [admission for admission in tried if admission.refusal is None]
    refused = next(each.refusal for each in tried if each.refusal)
    assert len(inside) == 5
    assert (refused.type, refused.retry_after) == ("tokens", 1.0)
    assert "under way" in refused.message

    finish(store, keys, inside[0], tokens=500)
    assert ask(store, keys, key, body=ASKED).refusal is None
    assert ask(store, keys, key, body=ASKED).refusal
    for admission in inside[1:]:
        finish(store, keys, admission, tokens=2_400)
    assert ask(store, keys, key, body=ASKED).refusal.retry_after > 1


def test_a_request_larger_than_what_is_left_goes_alone(keys, store):
    key, _ = keys.create(name="alice", tokens_per_day=100)

    assert ask(store, keys, key, body=ASKED).refusal is None
    assert ask(store, keys, key, body=ASKED).refusal


def test_what_a_dead_process_was_to_use_is_free_again(keys, store, clock):
    key, _ = keys.create(name="alice", tokens_per_day=100)
    ask(store, keys, key, body=ASKED)

    clock.now += 11

    assert ask(store, keys, key, body=ASKED).refusal is None
    assert store.hlen(names.tokens_under_way(key.id)) == 1
