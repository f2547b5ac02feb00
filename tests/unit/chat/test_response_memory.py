"""A tenant's memory of responses: with a store, without one, and switched off."""

import pytest
from cryptography.fernet import Fernet

from gswarm.chat.response_memory import ResponseMemories, ResponseMemory
from gswarm.errors import InvalidRequest, StoreUnavailable, Unavailable
from gswarm.store import stored_responses
from gswarm.store.encryption import Seal
from gswarm.store.stored_responses import StoredResponses

RECORD = {"response": {"output": []}, "input": [], "chain": []}


class Gone:
    """A store that does not answer."""

    def find(self, *given):
        raise StoreUnavailable("gone")

    keep = forget = find


@pytest.fixture
def seal():
    return Seal([Fernet.generate_key().decode()])


@pytest.fixture
def memories(store, seal):
    return ResponseMemories(StoredResponses(store, seal), seal)


def test_what_is_kept_is_found_by_the_next_request(memories):
    assert memories.of("alice", 60).keep("resp_1", RECORD)
    [(record, _)] = memories.of("alice", 60).find(["resp_1"]).values()
    assert record == RECORD
    assert not memories.of("bob", 60).find(["resp_1"])


def test_what_was_found_is_not_asked_for_again(memories, store):
    memories.of("alice", 60).keep("resp_1", RECORD)
    memory = memories.of("alice", 60)
    found = memory.find(["resp_1", "resp_2"])
    store.flushall()
    assert memory.find(["resp_1"]) == found


def test_one_that_is_off_finds_nothing(memories):
    memories.of("alice", 60).keep("resp_1", RECORD)
    memory = memories.of("alice", 0)
    assert not memory.is_on
    assert memory.find(["resp_1"]) == {}


def test_R81_without_a_store_nothing_is_stored_and_no_history_made_up(seal):
    memory = ResponseMemory(Gone(), seal, "alice", 60)
    assert memory.keep("resp_1", RECORD) is False
    with pytest.raises(Unavailable) as refused:
        memory.find(["resp_1"])
    assert (refused.value.status, refused.value.code) == (503, "state_unavailable")
    assert refused.value.param == "previous_response_id"
    assert refused.value.retry_after


def test_what_is_too_much_is_refused_as_too_long(memories, monkeypatch):
    memories.of("alice", 60).keep("resp_1", RECORD)
    monkeypatch.setattr(stored_responses, "MOST_AT_ONCE", 1)
    with pytest.raises(InvalidRequest) as refused:
        memories.of("alice", 60).find(["resp_1"])
    assert refused.value.code == "context_length_exceeded"


def test_only_what_it_sealed_is_opened(memories, seal):
    memory = memories.of("alice", 60)
    assert memory.open(memory.seal("words")) == "words"
    other = ResponseMemory(Gone(), Seal([Fernet.generate_key().decode()]), "alice", 60)
    for foreign in (other.seal("words"), "", "nonsense", "gAAAAAB", "ä" * 100):
        assert memory.open(foreign) is None
