"""How long things took, counted by length: percentiles of any number of requests.

Forty buckets to each power of ten, so that a percentile is at most 3 % off, however
many processes and days are added up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PER_DECADE = 40


def bucket_of(microseconds: int) -> int:
    """The bucket of a length; bucket n ends at ``end_of(n)`` and includes that end."""
    return math.ceil(math.log10(max(1, microseconds)) * PER_DECADE)


def end_of(bucket: int) -> float:
    """The longest a bucket holds, in milliseconds."""
    return float(10 ** (bucket / PER_DECADE)) / 1000


def middle_of(bucket: int) -> float:
    """What a length in this bucket is taken for, in milliseconds."""
    return end_of(bucket) * 10 ** (-0.5 / PER_DECADE)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The length in ms that this share (0.95) of all requests did not exceed; None
    where there were none."""
    rank = math.ceil(share * sum(counts.values()))
    for bucket in sorted(counts):
        rank -= counts[bucket]
        if rank <= 0:
            return round(middle_of(bucket), 3)
    return None
