"""The order of rows that people see."""

from __future__ import annotations

import pytest

from gswarm.accounts.ordering import in_order


@pytest.mark.parametrize(("descending", "wanted"), [(False, "bdaec"), (True, "abdec")])
def test_what_has_no_value_comes_last_either_way(descending, wanted):
    rows = [("a", 2), ("b", 1), ("c", None), ("d", 1), ("e", None)]
    rows = [rows[n] for n in (0, 1, 4, 3, 2)]

    ordered = in_order(rows, lambda row: row[1], descending=descending)

    assert "".join(name for name, _ in ordered) == wanted
