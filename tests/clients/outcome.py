"""What came of one client in one scenario, and all of it as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoutingOutcome:
    """``why`` says what went wrong."""

    client: str
    scenario: str
    ok: bool
    why: str = ""


def table(outcomes: Iterable[RoutingOutcome], skipped: dict[str, str]) -> Iterator[str]:
    """Lines: clients down, scenarios across, and what cannot be had by name."""
    cells = {(o.client, o.scenario): "ok" if o.ok else "FAIL" for o in outcomes}
    clients = list(dict.fromkeys(client for client, _ in cells))
    columns = list(dict.fromkeys(scenario for _, scenario in cells))
    width = max([len(name) for name in [*clients, *skipped]], default=0)
    yield " " * width + "  " + "  ".join(columns)
    for client in clients:
        row = (cells.get((client, name), "").ljust(len(name)) for name in columns)
        yield f"{client.ljust(width)}  {'  '.join(row)}".rstrip()
    for client, reason in skipped.items():
        yield f"{client.ljust(width)}  skipped: {reason}"
