"""A page of something that is searched from its newest entry on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Entry = TypeVar("Entry")

MOST_READ = 5_000
"""Entries looked at for one page; those who filter much turn a page more."""


def page_of(
    name: str,
    found: Iterable[tuple[str, Entry | None]],
    limit: int,
    describe: Callable[[Entry], dict[str, Any]],
) -> dict[str, Any]:
    """The first ``limit`` entries under this ``name``, and as ``nextCursor`` the place
    of the last one looked at, if there may be more.

    ``found`` are places with what is there: None where it is not what is looked for.
    """
    shown: list[dict[str, Any]] = []
    cursor = ""
    for read, (place, entry) in enumerate(found):
        if read == MOST_READ or (entry is not None and len(shown) == limit):
            return {name: shown, "nextCursor": cursor}
        if entry is not None:
            shown.append(describe(entry))
        cursor = place
    return {name: shown}
