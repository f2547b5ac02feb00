"""A worker's life beside its requests: its periodic tasks, and a quiet end."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import gevent

from ...errors import StoreUnavailable
from .in_flight import InFlight

if TYPE_CHECKING:
    # The master reads this module too, and must not import what imports ssl.
    from ...periodic import PeriodicTasks
    from ...store.leases import Lease
    from ..bodies import UnreadBodies

logger = logging.getLogger(__name__)

BEGAN_AT = time.monotonic()
"""When the gateway began, for all of its workers: the master reads this module before
it forks them."""

DRAIN_SECONDS = 18
"""How long requests may go on after SIGTERM before they are cut."""
FAREWELL_SECONDS = 6
"""How long those that were cut have for their last words."""
LOOK_SECONDS = 0.1
QUIET_SECONDS = 0.3
RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Parts:
    """What the app shows of itself to the process it runs in.

    ``slow_tasks`` take as long as Google does, so they do not share the thread that
    keeps the lease.
    """

    in_flight: InFlight
    tasks: PeriodicTasks
    slow_tasks: PeriodicTasks
    lease: Lease
    unread: UnreadBodies


class Worker(Protocol):
    """The part of a gunicorn worker that matters here."""

    alive: bool


class Lifecycle:
    """Runs beside the requests of one worker.

    gunicorn cuts streams off at the end of its patience, without a word and without
    running their ``finally``. So the worker ends its requests itself, before.
    """

    def __init__(self, parts: Parts, worker: Worker) -> None:
        self.open_requests = 0
        self.unread = parts.unread
        self._parts = parts
        self._worker = worker

    def start(self) -> None:
        """Start the tasks, and watch for the signal to end."""
        for tasks in (self._parts.tasks, self._parts.slow_tasks):
            gevent.spawn(self._begin, tasks)
        gevent.spawn(self._wait_for_the_end)

    def _begin(self, tasks: PeriodicTasks) -> None:
        """Start tasks; a store that is down now will be back."""
        while self._worker.alive:
            try:
                return tasks.start()
            except StoreUnavailable as error:
                logger.warning("The periodic tasks have not started: %s", error)
            gevent.sleep(RETRY_SECONDS)

    def _wait_for_the_end(self) -> None:
        while self._worker.alive:
            gevent.sleep(LOOK_SECONDS)
        self._parts.in_flight.close()
        self._until_quiet(DRAIN_SECONDS)
        self._parts.in_flight.cut()
        self._until_quiet(FAREWELL_SECONDS)
        try:
            self._parts.lease.retire()
        except StoreUnavailable as error:
            logger.warning("The lease was left to run out: %s", error)
        # Connections kept alive without a request would hold the worker up.
        sys.exit(0)

    def _until_quiet(self, seconds: float) -> None:
        """Wait until no request has been open for a moment, at most so long."""
        deadline = time.monotonic() + seconds
        quiet_since: float | None = None
        while (now := time.monotonic()) < deadline:
            if self.open_requests:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = now
            elif now - quiet_since >= QUIET_SECONDS:
                return
            gevent.sleep(LOOK_SECONDS)
