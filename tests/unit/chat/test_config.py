"""Whatever change the schema takes, those who read the config can live with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields

from gswarm.chat.config import read_preferences
from gswarm.errors import InvalidFields
from gswarm.gemini.aliases import DEFAULT_ALIASES, layered
from gswarm.limits.rate_limits import limits_in
from gswarm.rotation.cooldown import CooldownPolicy
from gswarm.rotation.pacing import Pacing
from gswarm.settings import Settings
from gswarm.store.config import Values, defaults, merge
from gswarm.web.routes.config import check_together
from gswarm.web.schemas import load
from gswarm.web.schemas.config import ConfigAnswer, ConfigChanges

DEFAULTS = defaults(Settings(), DEFAULT_ALIASES)
MODEL = "gemini-2.5-pro"
PARTS = [name for name in ConfigChanges().fields if name != "version"]
LEAVES = st.sampled_from(
    [None, True, False, 0, 1, 2.5, -1, 10**12, "", "off", "low", "0.5", "house", MODEL]
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["house", MODEL, "default", "perDayPerAccount"]), inner
        )
    ),
    max_leaves=4,
)


def a_part(schema: Any) -> st.SearchStrategy[Any]:
    """Anything at all for some of its fields."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(schema.fields, ANYTHING))


def part_of_the_config(name: str) -> st.SearchStrategy[Values]:
    """A change of one part, or something else in its place."""
    field = ConfigChanges().fields[name]
    assert isinstance(field, fields.Nested)
    return st.fixed_dictionaries({name: a_part(field.schema) | ANYTHING})


def read_by_all(values: Values) -> None:
    """As everybody does who reads the config."""
    aliases = layered(values["models"]["aliases"])
    check_together(values, aliases)
    read_preferences(values, aliases)
    limits_in(values["rateLimit"])
    CooldownPolicy.from_config(values["cooldown"])
    Pacing.from_config(values["quotaManagement"])
    load(ConfigAnswer(), {**values, "version": 1})


@pytest.mark.parametrize("part", PARTS)
def test_an_empty_part_changes_nothing(part: str) -> None:
    changes = load(ConfigChanges(), {"version": 0, part: {}})

    assert merge(DEFAULTS, {part: changes[part]}) == DEFAULTS


@given(st.lists(st.sampled_from(PARTS).flatmap(part_of_the_config), max_size=6))
def test_what_is_taken_can_be_read(wanted: list[Values]) -> None:
    kept: Values = {}
    for each in wanted:
        try:
            changes = {**load(ConfigChanges(), {"version": 0, **each})}
            del changes["version"]
            values = merge(merge(DEFAULTS, kept), changes)
            check_together(values, layered(values["models"]["aliases"]))
        except InvalidFields:
            continue
        kept = merge(kept, changes)
        read_by_all(merge(DEFAULTS, kept))
