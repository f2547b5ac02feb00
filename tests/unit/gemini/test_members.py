"""Members of a JSON text, counted before anything is made of them."""

from __future__ import annotations

import random
import time

import orjson
import pytest

from gswarm.gemini.members import (
    MEMBERS_FREE,
    STEP,
    counted,
    is_crowded,
    most_members,
)


def crowd(member: str, size: int) -> bytes:
    return f'{{"a":[{member * (size // len(member))}0]}}'.encode()


def in_a_string(member: str, size: int) -> bytes:
    return orjson.dumps({"a": member * (size // len(member))})


@pytest.mark.parametrize("member", ["[],", "{},", "0,", '"",', '{"a":1},', '"\\\\",'])
def test_a_text_of_nothing_but_members_is_crowded(member):
    assert is_crowded(crowd(member, 2_000_000))


@pytest.mark.parametrize("member", ["[],", "a, b", '"', "\\", '\\",', '{"a": [1]},'])
def test_what_strings_hold_is_no_member(member):
    assert not is_crowded(in_a_string(member, 2_000_000))


def test_a_small_text_may_be_what_it_likes():
    assert not is_crowded(crowd("[],", MEMBERS_FREE))


@pytest.mark.parametrize("seed", range(20))
def test_strings_are_told_from_members_wherever_the_steps_fall(seed):
    chance = random.Random(seed)
    words = "".join(chance.choices(["\\", '"', ",", "[", "a"], k=STEP))
    few = [words, words[: seed + 1]] * 3
    text = orjson.dumps({"a": few, "b": [0] * (MEMBERS_FREE + 20_000)})

    *_, number = counted(text)

    assert number == MEMBERS_FREE + 20_000 + 8


def test_counting_stops_soon_and_takes_no_longer_than_parsing():
    text = in_a_string("[],", 30_000_000)
    began = time.process_time()
    list(counted(text))
    took = time.process_time() - began
    began = time.process_time()
    orjson.loads(text)

    assert took < 10 * (time.process_time() - began) + 0.2
    assert next(counted(crowd("[],", 30_000_000))) < most_members(30_000_000)
