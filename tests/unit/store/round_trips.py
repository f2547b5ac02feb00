"""Counts what a piece of code asks of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import redis
from redis.client import Pipeline

from gswarm.store.connection import Store


@contextmanager
def round_trips(store: Store) -> Iterator[list[list[str]]]:
    """The commands sent meanwhile: one list for each round trip."""
    trips: list[list[str]] = []
    send_one, send_many = redis.Redis.execute_command, Pipeline.execute

    def one(self, *args, **options):
        trips.append([args[0]])
        return send_one(self, *args, **options)

    def many(self, *args, **options):
        if self.command_stack:
            trips.append([command[0][0] for command in self.command_stack])
        return send_many(self, *args, **options)

    with (
        patch.object(redis.Redis, "execute_command", one),
        patch.object(Pipeline, "execute", many),
    ):
        yield trips
