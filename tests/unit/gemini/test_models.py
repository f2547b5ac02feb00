from __future__ import annotations

from datetime import date

import pytest

from gswarm.gemini.models import (
    CATALOGUE,
    DEFAULT_ALIASES,
    UPSTREAMS,
    called,
    find,
    is_known,
    resolve,
)
from gswarm.simulator import models as simulated


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gemini-2.5-pro", "gemini-2.5-pro"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("gpt-4o", "gemini-3.5-flash"),
        ("openai/gpt-4o", "gemini-3.5-flash"),
        ("gemini-3-flash", "gemini-3.5-flash"),
        ("gemini-99-ultra", "gemini-99-ultra"),
        ("gemma-4-31b-it", "gemma-4-31b-it"),
        ("Gemini-2.5-pro", None),
        ("gpt-9", None),
        ("", None),
        ("models/", None),
        ("gemini-", None),
        ("gemini-2.5-pro/../../secret", None),
        ("gemini-2.5-pro?key=x", None),
        ("gemini-" + "x" * 200, None),
    ],
)
def test_a_name_leads_to_a_model_or_nowhere(name, model):
    assert resolve(name, DEFAULT_ALIASES) == model


def test_an_operators_alias_wins_over_a_models_own_name():
    assert resolve("gemini-2.5-pro", {"gemini-2.5-pro": "gemini-3.5-flash"}) == (
        "gemini-3.5-flash"
    )


def test_ids_are_unique():
    ids = [model.id for model in CATALOGUE]

    assert len(set(ids)) == len(ids)


NOT_SIMULATED = {"gemma-4-26b-a4b-it"}


@pytest.mark.parametrize(
    "model",
    [model for model in CATALOGUE if model.id not in NOT_SIMULATED],
    ids=lambda model: model.id,
)
def test_the_catalogue_agrees_with_google(model):
    for upstream in model.upstreams:
        theirs = simulated.find(model.name_on(upstream), upstream)
        assert model.max_input_tokens <= theirs.max_input_tokens
        assert model.max_output_tokens <= theirs.max_output_tokens
        assert set(model.thinking_levels) <= set(theirs.levels)
        assert not model.accepts_prefill or theirs.accepts_prefill
        assert model.enforces_signatures or not theirs.enforces_signatures


def test_a_model_can_go_by_another_name_on_one_upstream():
    flash = find("gemini-3.5-flash")

    assert flash.name_on("cloudcode") == "gemini-3-flash"
    assert flash.name_on("gemini_api") == "gemini-3.5-flash"


def test_a_name_on_an_upstream_leads_back_to_its_model():
    assert called("gemini-3-flash", "cloudcode") == "gemini-3.5-flash"
    assert called("gemini-3-flash", "gemini_api") == "gemini-3-flash"
    assert called("gemini-2.5-pro", "cloudcode") == "gemini-2.5-pro"
    assert called("gemini-unheard-of", "cloudcode") == "gemini-unheard-of"


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_no_two_models_share_a_name_on_an_upstream(upstream):
    here = [model for model in CATALOGUE if upstream in model.upstreams]

    assert [called(model.name_on(upstream), upstream) for model in here] == [
        model.id for model in here
    ]


def test_retirement_is_a_matter_of_record():
    assert find("gemini-2.5-pro").retires_on == date(2026, 12, 1)
    assert find("gemini-3.5-flash").retires_on is None


def test_a_dated_name_is_like_its_model_under_that_name():
    dated = find("gemini-2.5-flash-lite-preview-09-2025")

    assert dated.id == dated.name_on("cloudcode")
    assert dated.is_preview
    assert dated.retires_on is None
    assert dated.budget_range == find("gemini-2.5-flash-lite").budget_range


@pytest.mark.parametrize(
    ("name", "control", "tier", "drops_temperature"),
    [
        ("gemini-1.5-pro", None, "pro", False),
        ("gemini-2.5-ultra", "budget", "other", False),
        ("gemini-3.3-flash-lite", "level", "flash-lite", False),
        ("gemini-5-flash", "level", "flash", True),
        ("gemini-flash-latest", "level", "flash", False),
        ("gemini-3.5-flash-image", None, "image", False),
        ("gemini-3.5-flash-preview-tts", None, "flash", False),
        ("gemma-5-9b", None, "other", True),
    ],
)
def test_an_unknown_model_is_taken_for_what_its_name_says(
    name, control, tier, drops_temperature
):
    model = find(name)

    assert not is_known(name)
    assert model.id == name
    assert model.thinking_control == control
    assert model.tier == tier
    assert ("temperature" in model.drops) is drops_temperature
    assert model.upstreams == UPSTREAMS
