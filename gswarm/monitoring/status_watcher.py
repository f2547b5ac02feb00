"""Keeping an eye on the whole while somebody looks: one pair of eyes a process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ..errors import StoreUnavailable
from ..routing.pool import Pool
from ..store.config import Config
from ..store.events import Event, Events, FellBehind, Listener
from .status import Status, read_status

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""The least time between two looks, whatever happens."""
IDLE_SECONDS = 30.0
SLACK_SECONDS = 0.01
"""Past an announced instant, so that it is past on every clock."""
RETRY_SECONDS = 1.0

IRRELEVANT = frozenset({"job", "quota_warning"})
"""What happens without a change of the status."""


class StatusWatcher:
    """The status, read anew when something has happened that may have changed it.

    However many look, the store is asked once a second at most, and not at all where
    nothing happens: what the clock alone changes is known ahead.
    """

    def __init__(
        self,
        pool: Pool,
        events: Events,
        config: Config,
        default_model: Callable[[], str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._pool = pool
        self._events = events
        self._config = config
        self._default_model = default_model
        self._clock = clock
        self._starting = threading.Lock()
        self._lookers = 0
        self._thread: threading.Thread | None = None
        self.latest: Status | None = None

    def look(self) -> Status:
        """The status of this moment, from the store. Raises `StoreUnavailable`."""
        # A change is told sooner than it is looked for.
        self._config.refresh()
        return read_status(self._pool.state(), self._default_model(), self._clock())

    @contextmanager
    def attended(self) -> Iterator[None]:
        """While this lasts `latest` is kept current; its listeners are woken when it
        changes."""
        with self._starting:
            self._lookers += 1
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, daemon=True, name="watch"
                )
                self._thread.start()
        try:
            yield
        finally:
            with self._starting:
                self._lookers -= 1
            if not self._lookers:
                self._events.wake()

    def _watch(self) -> None:
        """Whatever goes wrong, those who look are not left with an old status."""
        while not self._is_unattended():
            try:
                with self._events.listen() as listener:
                    self._follow(listener)
            except FellBehind:
                continue
            except StoreUnavailable as error:
                logger.warning("The status is not watched for now: %s", error)
                time.sleep(RETRY_SECONDS)
            except Exception:
                logger.exception("Watching the status failed.")
                time.sleep(RETRY_SECONDS)

    def _is_unattended(self) -> bool:
        """Whether to end; the next who looks starts another thread."""
        with self._starting:
            if not self._lookers:
                self._thread = None
            return not self._lookers

    def _follow(self, listener: Listener) -> None:
        is_stale, looked_at = True, 0.0
        rest_ends = self._pool.end_rests()
        while self._lookers:
            if is_stale and time.monotonic() - looked_at >= LOOK_SECONDS:
                self._look_again()
                is_stale, looked_at = False, time.monotonic()
            due = looked_at + LOOK_SECONDS - time.monotonic() if is_stale else None
            news = listener.news(self._patience(rest_ends, due))
            is_stale = is_stale or self._is_due() or any(map(_is_relevant, news))
            rest_ends = _sooner(rest_ends, news)
            if rest_ends and rest_ends <= self._clock():
                rest_ends = self._pool.end_rests()

    def _look_again(self) -> None:
        before, self.latest = self.latest, self.look()
        if self.latest != before:
            self._events.wake()

    def _is_due(self) -> bool:
        """Whether the clock has changed the status by now."""
        changes_at = self.latest.changes_at if self.latest else None
        return changes_at is not None and changes_at <= self._clock()

    def _patience(self, rest_ends: float | None, due: float | None) -> float:
        """How long to wait for news."""
        changes_at = self.latest.changes_at if self.latest else None
        instants = [each for each in (rest_ends, changes_at) if each]
        ahead = [each - self._clock() + SLACK_SECONDS for each in instants]
        if due is not None:
            ahead = [due] + [each for each in ahead if each > 0]
        return max(0.0, min([IDLE_SECONDS, *ahead]))


def _is_relevant(event: Event) -> bool:
    return event.kind not in IRRELEVANT


def _sooner(rest_ends: float | None, news: Sequence[Event]) -> float | None:
    """When the next rest ends, those included that have just begun."""
    begun = [e.payload["until"] / 1000 for e in news if e.kind == "project_cooldown"]
    return min([*begun, *([rest_ends] if rest_ends else [])], default=None)
