"""Models as Claude Code and Anthropic's SDKs list them."""

from __future__ import annotations

import pytest

from gswarm.dialects.anthropic_messages.model_list import list_models, show_model
from gswarm.errors import InvalidRequest
from gswarm.gemini.models import find, resolve

FLASH, OLDER = find("gemini-3.5-flash"), find("gemini-2.5-flash")
NAMES = [
    "gemini-3.5-flash",
    "gemini-2.5-flash",
    "mine",
    "claude-mine",
    "claude-gw-gemini-3.5-flash",
    "claude-gw-gemini-2.5-flash",
]


def listed(**query):
    named = {FLASH.id: FLASH, OLDER.id: OLDER, "mine": FLASH, "claude-mine": FLASH}
    return list_models(named, query)


def names(page):
    return [entry["id"] for entry in page["data"]]


def test_models_aliases_and_twins_are_listed():
    page = listed()
    assert names(page) == NAMES
    assert (page["first_id"], page["last_id"]) == (NAMES[0], NAMES[-1])
    assert page["has_more"] is False


def test_a_twin_leads_back_to_its_model():
    assert resolve(names(listed())[-1], {}) == "gemini-2.5-flash"


def test_a_model_tells_its_limits_and_its_end():
    told = show_model("claude-gw-gemini-2.5-flash", OLDER)
    assert told["type"] == "model"
    assert told["display_name"] == "Gemini 2.5 Flash (via GSwarm)"
    assert (told["max_input_tokens"], told["max_tokens"]) == (1_048_576, 65_536)
    assert told["retires_at"] == "2026-12-01T00:00:00Z"
    assert show_model("x", FLASH)["retires_at"] is None


def test_o05_pages_follow_one_another():
    first = listed(limit="2")
    assert names(first) == NAMES[:2]
    assert first["has_more"]
    second = listed(limit="2", after_id=first["last_id"])
    assert names(second) == NAMES[2:4]
    last = listed(limit="2", after_id=second["last_id"])
    assert names(last) == NAMES[4:]
    assert not last["has_more"]


def test_o05_pages_go_back():
    before = listed(limit="2", before_id=NAMES[3])
    assert names(before) == NAMES[1:3]
    assert before["has_more"]


def test_an_empty_page_has_no_ends():
    page = list_models({}, {})
    assert page == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "x"},
        {"limit": "9" * 5000},
        {"limit": "²"},
        {"after_id": "nobody"},
        {"before_id": "nobody"},
    ],
)
def test_a_bad_query_names_its_field(query):
    with pytest.raises(InvalidRequest) as refused:
        listed(**query)
    assert refused.value.param == next(iter(query))
