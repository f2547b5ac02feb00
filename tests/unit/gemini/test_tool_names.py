from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gswarm.gemini.tool_names import ToolNames

ACCEPTED = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")


def test_a_good_name_is_kept():
    names = ToolNames()

    assert names.accepted("mcp--server--tool.v1:x") == "mcp--server--tool.v1:x"
    assert names.originals == {}


def test_a_name_is_given_once_and_found_again():
    names = ToolNames()

    assert names.accepted("a b") == names.accepted("a b") == "a_b"
    assert names.originals == {"a_b": "a b"}


def test_names_that_would_meet_are_told_apart():
    names = ToolNames()
    given = [names.accepted(name) for name in ("a b", "a/b", "a_b")]

    assert len(set(given)) == 3
    assert [names.originals[name] for name in given] == ["a b", "a/b", "a_b"]


@given(st.lists(st.text(min_size=1, max_size=200), unique=True, max_size=30))
def test_every_name_becomes_acceptable_and_leads_back(originals):
    names = ToolNames()
    given_names = [names.accepted(name) for name in originals]

    assert all(ACCEPTED.fullmatch(name) for name in given_names)
    back = [names.originals.get(name, name) for name in given_names]
    assert back == originals
