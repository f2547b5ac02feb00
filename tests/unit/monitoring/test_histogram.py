"""Lengths counted in buckets stay true to within a few percent."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.monitoring.histogram import bucket_of, end_of, middle_of, percentile

A_DAY = 86_400_000_000


@given(st.integers(1, A_DAY))
def test_a_length_lies_in_its_bucket(us):
    bucket = bucket_of(us)
    assert end_of(bucket - 1) * 1000 < us * (1 + 1e-9)
    assert us <= end_of(bucket) * 1000 * (1 + 1e-9)


@given(st.integers(1, A_DAY))
def test_a_bucket_stands_for_lengths_within_three_percent(us):
    assert middle_of(bucket_of(us)) * 1000 == pytest.approx(us, rel=0.03)


def test_powers_of_ten_end_buckets():
    assert [end_of(bucket_of(10**n)) for n in (3, 4, 6)] == [1, 10, 1000]


@given(st.lists(st.integers(1, 10**9), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_that_of_the_lengths_themselves(lengths, share):
    counts = Counter(map(bucket_of, lengths))
    true = sorted(lengths)[math.ceil(share * len(lengths)) - 1] / 1000
    # Three percent for the bucket; then it is rounded to whole microseconds.
    assert abs(percentile(counts, share) - true) <= 0.03 * true + 0.000501


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_it_does_not_matter_who_counted_what_and_when(share):
    dice = random.Random(4)
    fast = [int(dice.lognormvariate(12, 0.7)) for _ in range(5_000)]
    slow = [int(dice.lognormvariate(15, 0.3)) for _ in range(1_000)]
    together = Counter(map(bucket_of, fast)) + Counter(map(bucket_of, slow))
    true = sorted(fast + slow)[math.ceil(share * 6_000) - 1] / 1000
    assert percentile(together, share) == pytest.approx(true, rel=0.03)


def test_nothing_has_no_percentile():
    assert percentile({}, 0.5) is None
