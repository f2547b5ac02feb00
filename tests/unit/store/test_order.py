"""Commands and scripts of one pipeline run in their order, also on a server that knows
none of the scripts: fresh, restarted or flushed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from redis.exceptions import WatchError

from gswarm import errors
from gswarm.chat import signatures
from gswarm.errors import StoreUnavailable
from gswarm.gemini.calls import NotedCall
from gswarm.keys.api_keys import ApiKeys
from gswarm.monitoring.request_log import RequestLog
from gswarm.routing.attempts import RoutingOutcome
from gswarm.store import names
from gswarm.store.accounts import Accounts
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import EmbeddedStore
from gswarm.store.projects import Projects
from gswarm.store.response_cache import queue_keep
from gswarm.store.scripts import Script, call

MODEL = "gemini-2.5-pro"
ALICE = "alice@example.com"
CREDENTIAL = {"refresh_token": "refresh-me"}
DEAD = errors.CredentialRejected("It is dead.")


@contextmanager
def forgetful(store: Store) -> Iterator[None]:
    """Meanwhile the server has forgotten every script whenever something is sent."""
    other = Store(connection_pool=store.connection_pool)
    run, transact = Store.run, Store.transact

    def flushed(way: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def send(self: Store, commands: Any) -> list[Any]:
            run(other, [(("SCRIPT", "FLUSH"), {})])
            return way(self, commands)

        return send

    with (
        patch.object(Store, "run", flushed(run)),
        patch.object(Store, "transact", flushed(transact)),
    ):
        yield


def whole(store: Store) -> dict[str, Any]:
    """Everything in the store, as far as it does not tell the time."""
    keys = [key for key in store.scan_iter() if not key.endswith(":places")]
    return {key: value_of(store, key) for key in keys}


def value_of(store: Store, key: str) -> Any:
    match store.type(key):
        case "hash":
            return store.hgetall(key)
        case "zset":
            return store.zrange(key, 0, -1, withscores=True)
        case "set":
            return store.smembers(key)
        case "stream":
            return [fields for _, fields in store.xrange(key)]
        case _:
            return store.get(key)


# ------------------------------------------------------------------ the pipelines


@pytest.fixture
def account(accounts: Accounts, add_projects) -> Accounts:
    add_projects(ALICE, 2)
    return accounts


def keep_dead(store: Store, accounts: Accounts, **_: Any) -> None:
    with patch.object(Accounts, "sealed", lambda _, credential: dict(credential)):
        accounts.keep(ALICE, "gemini_api", CREDENTIAL, verdict=DEAD)


def invalidate(store: Store, accounts: Accounts, **_: Any) -> None:
    accounts.invalidate(ALICE, DEAD)


def switch_off(store: Store, accounts: Accounts, **_: Any) -> None:
    accounts.enable(ALICE, False)


def switch_on(store: Store, accounts: Accounts, **_: Any) -> None:
    accounts.invalidate(ALICE, DEAD)
    accounts.enable(ALICE, True)


def switch_project(store: Store, clock: Any, **_: Any) -> None:
    projects = Projects(store, clock=clock)
    projects.enable(f"{ALICE}-01", False)
    projects.enable(f"{ALICE}-01", True)


def end_a_request(store: Store, clock: Any, pool: Any, key: Any, **_: Any) -> None:
    """As `web.chat` and the relay do together."""
    keys, ledger = ApiKeys(store), RequestLog(store, clock=clock)
    keys._clock = clock
    with patch("secrets.token_hex", lambda _: "00"), store.pipeline() as pipe:
        admitted = keys.admit(pipe, key).among(pipe.execute())
    taken = pool.take(MODEL)
    entry = ledger.open("r1", "/v1/chat/completions", "POST")
    note = NotedCall("id", "native", "name", {}, "signed", True)
    with (
        pool.pipeline() as pipe,
        patch("time.perf_counter", lambda: entry.started + 1),
    ):
        pool.succeed(taken, pipe)
        signatures.keep(pipe, "k", [note], model=MODEL, account=ALICE, now=clock())
        queue_keep(pipe, "fingerprint", "{}", 60, clock())
        ledger.close(pipe, entry, RoutingOutcome(MODEL))
        keys.finish(pipe, admitted, tokens=7)
        pipe.execute()


PIPELINES = [
    keep_dead,
    invalidate,
    switch_off,
    switch_on,
    switch_project,
    end_a_request,
]


@pytest.mark.parametrize("act", PIPELINES, ids=lambda act: act.__name__)
def test_what_a_pipeline_leaves_does_not_depend_on_what_the_server_knows(
    act, store, account, clock, pool, add_projects
) -> None:
    key, _ = ApiKeys(store).create(name="app", tokens_per_day=1000, max_concurrent=2)
    store.delete(names.API_KEYS, names.API_KEYS_MADE)
    given = {
        "accounts": account,
        "clock": clock,
        "pool": pool,
        "key": key,
    }
    act(store, **given)
    expected = whole(store)
    store.flushall()
    add_projects(ALICE, 2)
    with forgetful(store):
        act(store, **given)
    assert whole(store) == expected


# ---------------------------------------------------------------- the mechanism


@pytest.fixture
def note(store: Store) -> Callable[..., Any]:
    """A script that appends a word to a list."""

    def run(pipe: Any, word: str) -> None:
        call(pipe, (), ["RPUSH", "said", word])

    return run


def test_commands_run_between_the_scripts_they_were_queued_between(store, note) -> None:
    with forgetful(store), store.pipeline() as pipe:
        pipe.rpush("said", "a")
        note(pipe, "b")
        pipe.rpush("said", "c").rpush("said", "d")
        note(pipe, "e")
        replies = pipe.lrange("said", 0, -1).execute()
    assert replies == [1, 2, 3, 4, 5, ["a", "b", "c", "d", "e"]]


def test_replies_are_the_same_behind_a_script(store, note) -> None:
    store.hset("hash", mapping={"a": 1, "b": 2})
    with forgetful(store), store.pipeline() as pipe:
        note(pipe, "a")
        pipe.hgetall("hash").hmget("hash", ["a", "none"]).get("none")
        pipe.set("word", "text").zadd("z", {"m": 1.5}).zscore("z", "m")
        pipe.zrange("z", 0, -1, withscores=True).expire("none", 5)
        replies = pipe.object("ENCODING", "word").execute()
    assert replies == [
        *(1, {"a": "1", "b": "2"}, ["1", None], None),
        *(True, 1, 1.5, [("m", 1.5)], False, "embstr"),
    ]


@pytest.mark.parametrize("is_atomic", [False, True])
def test_a_refused_command_behind_a_script_is_told_in_its_place(
    store, note, is_atomic
) -> None:
    store.set("word", "text")
    with forgetful(store), store.pipeline(transaction=is_atomic) as pipe:
        note(pipe, "a")
        pipe.incr("word").rpush("said", "b")
        first, refused, last = pipe.execute(raise_on_error=False)
    assert (first, last) == (1, 2)
    assert "not an integer" in str(refused)
    with store.pipeline(transaction=is_atomic) as pipe:
        note(pipe, "c")
        with pytest.raises(StoreUnavailable):
            pipe.incr("word").execute()


def test_a_transaction_is_one_step_also_where_its_scripts_are_unknown(
    store, note
) -> None:
    """Whatever another client sees in between, it is none of it or all of it."""
    seen: list[int] = []
    load = Store._load_scripts

    def look(self: Store) -> None:
        seen.append(store.llen("said"))
        load(self)

    with patch.object(Store, "_load_scripts", look):
        store.script_flush()
        with store.pipeline(transaction=True) as pipe:
            pipe.rpush("said", "a")
            note(pipe, "b")
            replies = pipe.rpush("said", "c").execute()
    assert (seen, replies) == ([0], [1, 2, 3])


def test_a_server_knows_all_scripts_or_none(store, note) -> None:
    store.script_flush()
    with store.pipeline() as pipe:
        note(pipe, "a")
        pipe.execute()
    shas = [name.sha for name in every_script()]
    assert len(shas) > 20
    assert store.script_exists(*shas) == [True] * len(shas)


def test_scripts_are_loaded_once(store, note) -> None:
    store.script_flush()
    note(store, "a")
    store.config_resetstat()
    note(store, "b")
    assert "cmdstat_script|load" not in store.info("commandstats")


def test_a_watched_transaction_still_tells_of_another_writer(store) -> None:
    with store.pipeline(transaction=True) as pipe, pytest.raises(WatchError):
        pipe.watch("counter")
        store.incr("counter")
        pipe.multi()
        pipe.incr("counter").execute()


def test_a_restarted_server_is_no_other_case(tmp_path, note) -> None:
    with EmbeddedStore(tmp_path) as first:
        client = connect(first.url)
        note(client, "a")
    with EmbeddedStore(tmp_path):
        with client.pipeline() as pipe:
            note(pipe, "b")
            assert pipe.lrange("said", 0, -1).execute()[1] == ["a", "b"]
        client.close()


def every_script() -> list[Script]:
    return [each for each in gc.get_objects() if isinstance(each, Script)]
