"""What Gemini's function calls were known by, kept for as long as a turn may last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import names
from .connection import Pipeline
from .deferred import Later
from .scripts import Script

KEPT_SECONDS = 86_400
MOST_CALLS = 20_000
"""Per tenant; about a kilobyte each. The oldest go first."""

_keep = Script("keep_calls")


def queue_keep(
    pipe: Pipeline, tenant: str, calls: Mapping[str, str], now: float
) -> None:
    """Remember values by their hashes; ``now`` in epoch seconds."""
    entries = [
        text for digest, value in calls.items() for text in (_name(digest), value)
    ]
    args = [int(now * 1000), KEPT_SECONDS, MOST_CALLS, *entries]
    _keep(pipe, [names.known_calls(tenant)], args)


def queue_recall(pipe: Pipeline, digests: Sequence[str]) -> Later[Mapping[str, str]]:
    """Ask for the values of these hashes, as far as they are known."""
    pipe.mget([_name(digest) for digest in digests])

    def read(values: Sequence[Any]) -> Mapping[str, str]:
        found = zip(digests, values, strict=True)
        return {digest: str(value) for digest, value in found if value is not None}

    return Later.of_last(pipe, read)


def _name(digest: str) -> str:
    return names.known_call(digest)
