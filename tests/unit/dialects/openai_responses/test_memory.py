"""Chains of stored responses, and items of theirs."""

import pytest

from gswarm.dialects.openai_responses import memory as remembered
from gswarm.errors import InvalidRequest

from .cases import FakeMemory, read

MODEL = "gemini-3-flash-preview"


def test_a_long_chain_is_found_in_two_looks():
    records = {}
    ids = [f"resp_{n:048x}" for n in range(20)]
    for at, id in enumerate(ids):
        item = {"type": "message", "role": "user", "content": f"{at}", "id": f"m{at}"}
        response = {"id": id, "output": []}
        records[id] = {"response": response, "input": [item], "chain": ids[:at]}
    memory = FakeMemory(records)

    chain = remembered.chain_of(memory, ids[-1])

    assert [item["content"] for item in remembered.context_of(chain)] == [
        str(at) for at in range(20)
    ]
    assert len(memory.asked) == 2


@pytest.mark.parametrize("limit", ["LONGEST_CHAIN", "LARGEST_CONTEXT"])
def test_a_chain_has_bounds(monkeypatch, limit):
    monkeypatch.setattr(remembered, limit, 1)
    first, second = (f"resp_{n:048x}" for n in range(2))
    records = {
        first: {"response": {"id": first, "output": []}, "input": [], "chain": []},
        second: {
            "response": {"id": second, "output": []},
            "input": [],
            "chain": [first],
        },
    }
    with pytest.raises(InvalidRequest) as refused:
        read({"previous_response_id": second, "input": "x"}, FakeMemory(records))
    assert refused.value.code == "context_length_exceeded"


def test_an_item_tells_what_response_it_belongs_to():
    digits = "0f" * 24
    assert remembered.response_of(remembered.item_id("msg", digits, 7)) == (
        f"resp_{digits}"
    )
    for foreign in (
        None,
        7,
        "",
        "msg_1",
        f"msg_{digits}",
        f"MSG_{digits}00000",
        "x" * 99,
    ):
        assert remembered.response_of(foreign) is None


def test_a_client_s_own_ids_stay():
    items = [{"id": "msg_mine"}, {"id": "x" * 65}, {"id": 7}, {"role": "user"}]
    ids = [item["id"] for item in remembered.with_ids(items, "0f" * 24)]
    assert ids[0] == "msg_mine"
    assert len(set(ids)) == 4
    assert all(len(id) <= 64 for id in ids)


def test_no_references_ask_nothing_of_the_store():
    memory = FakeMemory()
    read({"model": MODEL, "input": "hi"}, memory)
    assert memory.asked == []


def test_not_more_responses_are_referred_to_than_a_chain_has():
    ids = [remembered.item_id("msg", f"{n:048x}", 0) for n in range(501)]
    references = [{"type": "item_reference", "id": id} for id in ids]
    memory = FakeMemory()
    with pytest.raises(InvalidRequest) as refused:
        read({"model": MODEL, "input": references}, memory)
    assert refused.value.code == "context_length_exceeded"
    assert memory.asked == []


def test_one_item_is_not_referred_to_without_end():
    digits = "0f" * 24
    id = remembered.item_id("msg", digits, 0)
    content = [{"type": "output_text", "text": "x" * 2**20}]
    item = {"type": "message", "role": "assistant", "id": id, "content": content}
    response = {"id": f"resp_{digits}", "output": [item]}
    records = {response["id"]: {"response": response, "input": [], "chain": []}}
    reference = {"type": "item_reference", "id": id}
    read({"model": MODEL, "input": [reference] * 20}, FakeMemory(records))
    with pytest.raises(InvalidRequest) as refused:
        read({"model": MODEL, "input": [reference] * 40}, FakeMemory(records))
    assert refused.value.code == "context_length_exceeded"
