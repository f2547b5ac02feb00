"""Answers given once are given again to the same question of the same key."""

from __future__ import annotations

import pytest

from tests.contract.asking import FLASH, events, text_of

SAME = {"model": FLASH, "temperature": 0}


def asked(gateway, text="Same?", **fields):
    """The answer's text, and what the cache had to do with it."""
    headers = fields.pop("headers", {})
    messages = [{"role": "user", "content": text}]
    body = {"messages": messages, **SAME, **fields}
    reply = gateway.post("/v1/chat/completions", body, headers=headers)
    assert reply.status_code == 200, reply.text
    if fields.get("stream"):
        said = text_of(list(events(reply)))
    else:
        said = reply.json()["choices"][0]["message"]["content"]
    return said, reply.headers["x-gswarm-cache"]


def test_the_same_question_asks_google_once(gateway, google):
    first, word = asked(gateway)
    again = [asked(gateway) for _ in range(4)]

    assert word == "miss"
    assert set(again) == {(first, "hit")}
    assert len(google.calls(brief=True, model=FLASH)) == 1


def test_a_hit_is_replayed_as_a_stream_and_the_other_way_round(gateway, google):
    first, _ = asked(gateway, "Whole")
    streamed, _ = asked(gateway, "Streamed", stream=True)

    assert asked(gateway, "Whole", stream=True) == (first, "hit")
    assert asked(gateway, "Streamed") == (streamed, "hit")
    assert len(google.calls(brief=True, model=FLASH)) == 2


def test_another_key_or_question_is_a_miss(gateway):
    asked(gateway)

    assert asked(gateway, "Other?")[1] == "miss"
    assert asked(gateway, max_tokens=50)[1] == "miss"
    assert asked(gateway, model="gemini-2.5-pro")[1] == "miss"
    gateway.key = gateway.new_key("another")
    assert asked(gateway)[1] == "miss"


def test_no_cache_asks_anew_and_refreshes(gateway, google):
    asked(gateway)
    google.script({"parts": [[{"text": "News"}]]})
    fresh = asked(gateway, headers={"Cache-Control": "no-cache"})

    assert fresh == ("News", "bypass")
    assert asked(gateway) == ("News", "hit")


@pytest.mark.parametrize("fields", [{"temperature": 0.5}, {"temperature": None}])
def test_what_differs_each_time_is_not_cached(gateway, fields):
    assert [asked(gateway, **fields)[1] for _ in range(2)] == ["bypass"] * 2


def test_an_answer_that_is_not_whole_is_not_kept(gateway, google):
    google.script({"parts": [[{"text": "Half an"}]], "finish": "MAX_TOKENS"})

    assert asked(gateway) == ("Half an", "miss")
    assert asked(gateway)[1] == "miss"
    assert asked(gateway)[1] == "hit"


def test_hits_are_counted(gateway):
    for _ in range(4):
        asked(gateway)
    scraped = gateway.get("/metrics").text

    assert 'gswarm_cache_look_ups_total{result="hit"} 3' in scraped
    assert 'gswarm_cache_look_ups_total{result="miss"} 1' in scraped
