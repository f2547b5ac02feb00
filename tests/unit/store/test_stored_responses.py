"""Responses in a real store: sealed, by key, bounded, kept as long as they are used."""

import json

import pytest
from cryptography.fernet import Fernet

from gswarm.store import names, stored_responses
from gswarm.store.encryption import Seal
from gswarm.store.stored_responses import StoredResponses, TooMuch

DAY = 86_400


@pytest.fixture
def stored(store, clock):
    return StoredResponses(store, Seal([Fernet.generate_key().decode()]), clock=clock)


def record(text: str = "secret words") -> dict:
    return {"response": {"output": []}, "input": [{"content": text}], "chain": []}


def test_what_is_kept_is_found_by_its_own_key_only(stored):
    assert stored.keep("alice", "resp_1", record(), DAY)

    [(kept, size)] = stored.find("alice", ["resp_1", "resp_2"], DAY).values()
    assert kept == record()
    assert size == len(json.dumps(kept, separators=(",", ":")))
    assert stored.find("bob", ["resp_1"], DAY) == {}
    assert not stored.forget("bob", "resp_1")
    assert stored.find("alice", ["resp_1"], DAY)


def test_nothing_of_it_lies_open(stored, store):
    stored.keep("alice", "resp_1", record(), DAY)
    assert "secret" not in store.get(names.response("alice", "resp_1"))


def test_a_long_one_is_sealed_in_pieces(stored, store, monkeypatch):
    monkeypatch.setattr(stored_responses, "PIECE", 10)
    stored.keep("alice", "resp_1", record("äöü" * 40), DAY)
    assert store.get(names.response("alice", "resp_1")).count("\n") > 5
    [(kept, _)] = stored.find("alice", ["resp_1"], DAY).values()
    assert kept == record("äöü" * 40)


def test_one_that_is_too_large_is_not_kept(stored):
    assert not stored.keep("alice", "resp_1", record("x" * 2**22), DAY)
    assert stored.find("alice", ["resp_1"], DAY) == {}


def test_to_be_used_begins_its_time_anew(stored, store, clock):
    key = names.response("alice", "resp_1")
    stored.keep("alice", "resp_1", record(), 100)
    store.expire(key, 5)
    stored.find("alice", ["resp_1"], 100)
    assert store.ttl(key) > 95
    assert store.ttl(names.responses("alice")) > 95


def test_it_is_gone_once_it_was_forgotten(stored, store):
    stored.keep("alice", "resp_1", record(), DAY)
    assert stored.forget("alice", "resp_1")
    assert not stored.forget("alice", "resp_1")
    assert stored.find("alice", ["resp_1"], DAY) == {}
    assert store.zcard(names.responses("alice")) == 0
    assert store.get(names.response_bytes("alice")) == "0"


def ids_of(stored, number: int) -> list[str]:
    every = [f"resp_{n}" for n in range(number)]
    return list(stored.find("alice", every, DAY))


def test_those_used_longest_ago_give_way(stored, clock, monkeypatch):
    monkeypatch.setattr(stored_responses, "MOST", 3)
    for n in range(3):
        stored.keep("alice", f"resp_{n}", record(), DAY)
        clock.pass_(1)
    stored.find("alice", ["resp_0"], DAY)
    clock.pass_(1)
    stored.keep("alice", "resp_3", record(), DAY)
    stored.keep("bob", "resp_9", record(), DAY)
    assert ids_of(stored, 4) == ["resp_0", "resp_2", "resp_3"]
    assert stored.find("bob", ["resp_9"], DAY)


def test_their_bytes_are_bounded(stored, store, clock, monkeypatch):
    stored.keep("alice", "resp_0", record(), DAY)
    size = store.strlen(names.response("alice", "resp_0"))
    monkeypatch.setattr(stored_responses, "MOST_BYTES", 2 * size)
    for n in range(1, 6):
        clock.pass_(1)
        stored.keep("alice", f"resp_{n}", record(), DAY)
    assert ids_of(stored, 6) == ["resp_4", "resp_5"]
    assert int(store.get(names.response_bytes("alice"))) == 2 * size


def test_those_whose_time_is_over_count_no_more(stored, store, clock):
    stored.keep("alice", "resp_0", record(), 100)
    store.delete(names.response("alice", "resp_0"))
    clock.pass_(101)
    stored.keep("alice", "resp_1", record(), 100)
    assert store.zcard(names.responses("alice")) == 1
    size = store.strlen(names.response("alice", "resp_1"))
    assert int(store.get(names.response_bytes("alice"))) == size


def test_no_name_of_a_client_s_becomes_a_long_key(stored):
    assert stored.find("alice", ["x" * 101], DAY) == {}
    assert not stored.forget("alice", "x" * 101)


def test_no_more_is_read_than_one_request_may_bring(stored, store, monkeypatch):
    stored.keep("alice", "resp_0", record(), DAY)
    stored.keep("alice", "resp_1", record(), DAY)
    size = store.strlen(names.response("alice", "resp_0"))
    monkeypatch.setattr(stored_responses, "MOST_AT_ONCE", size)
    assert stored.find("alice", ["resp_0"], DAY)
    with pytest.raises(TooMuch):
        stored.find("alice", ["resp_0", "resp_1"], DAY)
