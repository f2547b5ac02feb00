"""Counts what a piece of code asks of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from gswarm.store.connection import Store
from gswarm.store.connection_pool import Lines


@contextmanager
def round_trips(store: Store) -> Iterator[list[list[str]]]:
    """The commands sent meanwhile: one list for each round trip. The server knows all
    scripts."""
    store._load_scripts()
    trips: list[list[str]] = []
    send = Lines.round_trip

    def counted(self, commands):
        trips.append([command[0] for command in commands])
        return send(self, commands)

    with patch.object(Lines, "round_trip", counted):
        yield trips
