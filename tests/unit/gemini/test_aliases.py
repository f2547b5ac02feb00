"""Other names of models: exact, and by pattern."""

from __future__ import annotations

import time

import pytest

from gswarm.gemini.aliases import DEFAULT_ALIASES, fits, is_idle, layered, own_names
from gswarm.gemini.models import is_known, resolve

FLASH, PRO, LITE = "gemini-3.5-flash", "gemini-3.1-pro-preview", "gemini-3.1-flash-lite"
MINE = "gemini-2.5-flash"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gpt-4o", FLASH),
        ("gpt-4o-2024-08-06", FLASH),
        ("gpt-4.1", FLASH),
        ("gpt-4.1-mini-2025-04-14", LITE),
        ("gpt-5", FLASH),
        ("gpt-5.2-codex", FLASH),
        ("gpt-5.1-codex-mini", LITE),
        ("gpt-5-nano", LITE),
        ("o3", PRO),
        ("o3-mini", FLASH),
        ("o4-mini", FLASH),
        ("gpt-6", None),
        ("gpt-6.2", None),
        ("claude-haiku-5-5", LITE),
        ("claude-3-5-haiku-20241022", LITE),
        ("claude-sonnet-4-5-20250929", FLASH),
        ("claude-3-7-sonnet-latest", FLASH),
        ("claude-sonnet-4-5@20250929", FLASH),
        ("claude-opus-5-5", PRO),
        ("claude-opus-5-5[1m]", PRO),
        ("Claude-Opus-5-5[1M][1m]", PRO),
        ("anthropic/claude-opus-5", PRO),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", FLASH),
        ("claude-2.1", FLASH),
        ("claude", None),
        ("claude-gw-gemini-2.5-pro", "gemini-2.5-pro"),
        ("claude-gw-gemini-2.5-pro[1m]", "gemini-2.5-pro"),
        ("gemini-3.1-pro-preview[1m]", PRO),
        ("text-embedding-3-small", None),
        ("text-embedding-ada-002", None),
    ],
)
def test_names_in_clients_menus_lead_to_a_model(name, model):
    assert resolve(name, DEFAULT_ALIASES) == model


def test_every_alias_leads_into_the_catalogue():
    assert all(model is None or is_known(model) for model in DEFAULT_ALIASES.values())


@pytest.mark.parametrize(
    ("own", "name", "model"),
    [
        ({"house": MINE}, "house", MINE),
        ({"house": MINE}, "gpt-4o", FLASH),
        ({"gpt-4o": MINE}, "gpt-4o", MINE),
        ({"gpt-4o": MINE}, "openai/gpt-4o", MINE),
        ({"gpt-4o": None}, "gpt-4o", None),
        ({"gpt-4o": None}, "gpt-4", PRO),
        ({"gemini-pro": None}, "gemini-pro", "gemini-pro"),
        ({"claude-*": MINE}, "claude-sonnet-4-5", MINE),
        ({"claude-*": MINE, "claude-*opus*": PRO}, "claude-opus-5", PRO),
        ({"claude-*": MINE, "claude-opus-5": PRO}, "claude-opus-5", PRO),
        ({"claude-*opus*": MINE}, "claude-sonnet-5", FLASH),
        ({"claude-*": None}, "claude-sonnet-5", None),
        ({"claude-*": None, "claude-x": MINE}, "claude-x", MINE),
        ({"gpt-*": MINE}, "gpt-4o", MINE),
        ({"gpt-*": MINE, "gpt-4o": FLASH}, "gpt-4o", FLASH),
        ({"*": MINE}, "anything-at-all", MINE),
        ({"*": MINE}, "gemini-2.5-pro", "gemini-2.5-pro"),
        ({"gemini-2.5-*": FLASH}, "gemini-2.5-pro", FLASH),
        ({"gemini-2.5-pro": FLASH}, "gemini-2.5-pro", FLASH),
        ({"claude-*": MINE}, "claude-gw-gemini-2.5-pro", "gemini-2.5-pro"),
        ({"text-embedding-3-*": MINE}, "text-embedding-3-small", MINE),
        ({"*" * 100: MINE}, "x" * 201, None),
    ],
)
def test_an_operators_rows_lie_over_the_built_in_ones(own, name, model):
    assert resolve(name, layered(own)) == model


@pytest.mark.parametrize(
    ("name", "pattern", "is_fit"),
    [
        ("abc", "a*", True),
        ("a", "a*", True),
        ("abc", "*c", True),
        ("abc", "a*c", True),
        ("ac", "a*c", True),
        ("a", "a*a", False),
        ("aXbYc", "a*b*c", True),
        ("aXcYb", "a*b*c", False),
        ("abab", "*ab*ab", True),
        ("ab", "*ab*ab", False),
        ("anything", "**", True),
        ("a.c", "a?*", False),
    ],
)
def test_a_star_stands_for_anything(name, pattern, is_fit):
    assert fits(name, pattern) is is_fit


def test_no_pattern_takes_long():
    begun = time.process_time()
    for _ in range(200):
        fits("a" * 200, "a*" * 99 + "b")

    assert time.process_time() - begun < 0.2


def test_switching_off_what_is_not_on_is_not_worth_a_row():
    assert is_idle("house", {"house": None}, DEFAULT_ALIASES)
    assert not is_idle("house", {"house": MINE}, DEFAULT_ALIASES)
    assert not is_idle("house", {"house": None, "h*": MINE}, DEFAULT_ALIASES)
    assert not is_idle("gpt-4o", {"gpt-4o": None}, DEFAULT_ALIASES)
    assert not is_idle("gpt-5-x", {"gpt-5-x": None}, DEFAULT_ALIASES)
    assert not is_idle("h*", {"h*": None}, DEFAULT_ALIASES)


def test_the_operators_names_can_be_listed():
    own = {"house": MINE, "h*": MINE, "gpt-4o": None}

    assert own_names(layered(own)) == {"house": MINE}


def test_names_that_begin_like_no_pattern_are_held_against_none(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "gswarm.gemini.aliases.fits", lambda *pair: compared.append(pair)
    )
    assert resolve(MINE, layered({"Gpt-x*": PRO, "mine": LITE})) == MINE
    assert compared == []
    resolve("GPT-X1", layered({"Gpt-x*": PRO, "gpt-Y*": LITE}))
    assert ("gpt-x1", "gpt-x*") in compared


def test_of_patterns_equally_long_the_first_row_holds():
    assert resolve("one-two", layered({"one-*": PRO, "o*two": LITE})) == PRO
    assert resolve("one-two", layered({"o*two": LITE, "one-*": PRO})) == LITE
