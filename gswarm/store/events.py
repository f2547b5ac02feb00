"""What happens, told to every process: a capped stream, read once by each of them.

events.publish("job", {"id": job.id, "done": 3})

with events.listen() as listener:
    for event in listener.news(15.0):
        ...
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson

from ..errors import GSwarmError, StoreUnavailable
from . import names
from .connection import REPLY_SECONDS, Pipeline, Store

logger = logging.getLogger(__name__)

MOST_KEPT = 1_000
"""lua/lib/telling.lua has the same number."""
CAPPED = ("MAXLEN", "~", MOST_KEPT)
MOST_BEHIND = 500
"""A listener further behind than this is dropped while it can still resume; so many
are read at a time."""

BLOCK_MS = int(REPLY_SECONDS * 1000) - 300
"""How long one read waits for news; a client gives the store up soon after."""
BATCH_SECONDS = 0.2
"""The first event is told at once, those that follow it at most this much later: two
hundred listeners cost two hundred writes a batch, not an event."""
RETRY_SECONDS = 1.0

ACCESS_CHANGED = "access_changed"
"""Kind of event: what a key or session (``holder``) may do is another from now on."""


class FellBehind(GSwarmError):
    """A listener was too slow; it may listen again after the last event it heard."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``id`` orders events (``<ms since 1970>-<number>``),
    ``text`` is its payload as JSON; instants in it are epoch milliseconds."""

    id: str
    kind: str
    text: str

    @property
    def at(self) -> float:
        """When, in epoch seconds of the store's clock."""
        return int(self.id.partition("-")[0]) / 1000

    @property
    def payload(self) -> dict[str, Any]:
        """What there is to say of it."""
        payload: dict[str, Any] = orjson.loads(self.text)
        return payload


def publish(store: Store | Pipeline, kind: str, payload: Mapping[str, Any]) -> None:
    """Tell every process, at once or when the pipeline runs. Holds no credential and
    nothing anybody asked or was answered."""
    # Every request does this; ``xadd`` would take twenty times as long to say it.
    entry = ("kind", kind, "payload", orjson.dumps(payload))
    store.execute_command("XADD", names.EVENTS, *CAPPED, "*", *entry)


class Events:
    """The newest `MOST_KEPT` events, and those to come. Make one per process.

    However many listen, one thread reads the stream; it waits for news in the store,
    and lives only while somebody listens.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: set[Listener] = set()
        self._starting = threading.Lock()
        self._reader: threading.Thread | None = None
        self._ring = _Ring()

    def publish(
        self, kind: str, payload: Mapping[str, Any], *, pipe: Pipeline | None = None
    ) -> None:
        """Tell every process, or queue it with the change it tells of."""
        publish(self._store if pipe is None else pipe, kind, payload)

    def listen(self, after: str | None = None) -> Listener:
        """Hear what happens from now on, or ``after`` an event heard earlier.

        Raises `StoreUnavailable`. Close the listener, or use it in a ``with``.
        """
        with self._starting:
            newest = self._newest()
            listener = Listener(self._ring, newest, self._listeners.discard)
            self._listeners.add(listener)
            if self._reader is None:
                self._start(newest)
        if after and order_of(after) < order_of(newest):
            listener.catch_up(after, self._since(after))
        return listener

    def wake(self) -> None:
        """Have every listener look up, though nothing was published."""
        for listener in tuple(self._listeners):
            listener.wake()

    def _newest(self) -> str:
        found: Any = self._store.xrevrange(names.EVENTS, count=1)
        return str(found[0][0]) if found else "0-0"

    def _since(self, after: str) -> list[Event]:
        found: Any = self._store.xrange(names.EVENTS, f"({after}", count=MOST_KEPT * 2)
        return [_event(*each) for each in found]

    # ------------------------------------------------------------ reading

    def _start(self, newest: str) -> None:
        self._reader = threading.Thread(
            target=self._read_on, args=(newest,), daemon=True, name="events"
        )
        self._reader.start()

    def _read_on(self, last: str) -> None:
        """Until nobody listens any more. A store that is away costs no event."""
        while not self._is_unheard():
            try:
                found = self._read(last)
            except StoreUnavailable as error:
                logger.warning("No events for now: %s", error)
                time.sleep(RETRY_SECONDS)
                continue
            if found:
                last = found[-1].id
                self._ring.add(found)
                self.wake()
                time.sleep(BATCH_SECONDS)

    def _is_unheard(self) -> bool:
        """Whether to end; the next who listens starts another thread."""
        with self._starting:
            if not self._listeners:
                self._reader = None
            return not self._listeners

    def _read(self, last: str) -> list[Event]:
        reply: Any = self._store.xread(
            {names.EVENTS: last}, count=MOST_BEHIND, block=BLOCK_MS
        )
        return [_event(*each) for _, found in reply for each in found]


class Listener:
    """One who hears events, in their order and each once. It keeps none of its own:
    where it is slow, the others' memory does not grow with it. ``last_id`` is where it
    can resume; what came after ``began_after`` has happened while it listened."""

    def __init__(
        self, ring: _Ring, last_id: str, on_close: Callable[[Listener], None]
    ) -> None:
        self.last_id = self.began_after = last_id
        self._ring = ring
        self._on_close = on_close
        self._next = ring.end
        self._missed: list[Event] = []
        self._awake = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def catch_up(self, after: str, missed: list[Event]) -> None:
        """Hear these first. They may overlap with what is heard afterwards."""
        self.last_id, self._missed = after, missed
        self.wake()

    def news(self, seconds: float) -> Sequence[Event]:
        """What has happened since last asked, after at most so long: nothing, perhaps.

        Raises `FellBehind`.
        """
        self._awake.wait(seconds)
        self._awake.clear()
        missed, self._missed = self._missed, []
        found, self._next = self._ring.since(self._next)
        return [each for each in (*missed, *found) if self._is_new(each)]

    def wake(self) -> None:
        """End the current `news`; may be called from anywhere, the event loop too."""
        self._awake.set()

    def close(self) -> None:
        """Hear nothing any more; may be called again."""
        self._on_close(self)
        self.wake()

    def _is_new(self, event: Event) -> bool:
        is_new = order_of(event.id) > order_of(self.last_id)
        if is_new:
            self.last_id = event.id
        return is_new


class _Ring:
    """The last events that were read, numbered from the first on."""

    def __init__(self) -> None:
        self.end = 0
        self._events: deque[Event] = deque(maxlen=MOST_KEPT)
        self._lock = threading.Lock()

    def add(self, events: Sequence[Event]) -> None:
        with self._lock:
            self._events.extend(events)
            self.end += len(events)

    def since(self, number: int) -> tuple[list[Event], int]:
        """Those from this number on, and the number of the next one to come."""
        with self._lock:
            behind = self.end - number
            if behind > MOST_BEHIND:
                raise FellBehind(f"{behind} events behind")
            newest = [self._events[-n] for n in range(behind, 0, -1)]
            return newest, self.end


def order_of(event_id: str) -> tuple[int, int]:
    """An event's id as something that compares."""
    ms, _, number = event_id.partition("-")
    return int(ms), int(number)


def _event(event_id: str, fields: Mapping[str, str]) -> Event:
    return Event(event_id, fields["kind"], fields["payload"])
