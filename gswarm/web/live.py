"""The stream of what happens, as server-sent events."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson

from ..cancellation import Cancellation
from ..dialects.dialect import KEEP_ALIVE
from ..errors import GSwarmError
from ..monitoring.status import Status
from ..monitoring.status_watcher import LOOK_SECONDS, StatusWatcher
from ..store.events import (
    ACCESS_CHANGED,
    MOST_KEPT,
    Event,
    FellBehind,
    Listener,
    order_of,
)
from ..timestamps import iso
from .discretion import Discretion, as_shown
from .streaming import SILENCE_SECONDS

EVENT_ID = re.compile(r"\d{1,15}-\d{1,15}")
RETRY = b"retry: 2000\n\n"
FELL_BEHIND = b": too slow; resume with Last-Event-ID\n\n"

LIFE_SECONDS = 900.0
"""How long one stream lasts, at most. Browsers resume it by themselves."""

FOR_ALL = frozenset(
    {
        "project_cooldown",
        "project_recovered",
        "account_invalid",
        "quota_warning",
        "request",
    }
)
FOR_PEOPLE = FOR_ALL | {"job"}
"""What somebody who is signed in hears."""

INSTANTS = frozenset({"until", "resetsAt"})
"""Fields of events that hold milliseconds inside and are ISO 8601 outside."""

Describe = Callable[[Status], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who listens: a ``holder`` (a key or session) until ``holds_until`` (epoch
    seconds), to these ``kinds`` of events, save what is ``hidden`` from them."""

    holder: str
    holds_until: float
    kinds: frozenset[str]
    hidden: Discretion


class Live:
    """One listener's stream: the status at once and whenever it changes, once a second
    at most, and the events for its audience. Ends when its client leaves, falls behind,
    has listened for long, or when its holder runs out, or may do something else than
    before: resuming tells what."""

    def __init__(
        self,
        watch: StatusWatcher,
        listener: Listener,
        cancellation: Cancellation,
        describe: Describe,
        audience: Audience,
    ) -> None:
        self._watch = watch
        self._listener = listener
        self._cancellation = cancellation
        self._describe = describe
        self._kinds, self._holder = audience.kinds, audience.holder
        self._hidden = audience.hidden
        # The same for all keys of a kind, so that each event is worded once for them.
        self._masks = replace(audience.hidden, key_id=None)
        self._seconds = min(LIFE_SECONDS, audience.holds_until - time.time())
        self._shown = watch.look()
        self._held_until = 0.0
        cancellation.interrupts(listener.wake)

    def frames(self) -> Iterator[bytes]:
        """The bytes of the stream, some events at a time."""
        with self._watch.attended(), self._listener:
            yield RETRY + self._status_frame()
            try:
                yield from self._follow()
            except FellBehind:
                yield FELL_BEHIND
            except GSwarmError:
                return  # The client is gone, or the gateway is about to be.

    def _follow(self) -> Iterator[bytes]:
        spoke_at = time.monotonic()
        ends_at = spoke_at + self._seconds
        while (now := time.monotonic()) < ends_at:
            silence = min(SILENCE_SECONDS - (now - spoke_at), ends_at - now)
            if self._newer_status():
                silence = min(silence, self._held_until - now)
            news = self._listener.news(max(0.0, silence))
            self._cancellation.raise_if_cancelled()
            if any(map(self._ends_access, news)):
                return
            words = self._words(news)
            if not words and time.monotonic() - spoke_at >= SILENCE_SECONDS:
                words = KEEP_ALIVE
            if words:
                yield words
                spoke_at = time.monotonic()

    def _ends_access(self, event: Event) -> bool:
        """Whether the holder must show itself again; what it resumes over is past."""
        return (
            event.kind == ACCESS_CHANGED
            and event.payload["holder"] == self._holder
            and order_of(event.id) > order_of(self._listener.began_after)
        )

    def _words(self, news: Sequence[Event]) -> bytes:
        words = b"".join(
            _frame(each, self._masks) for each in news if self._tells(each)
        )
        latest = self._newer_status()
        if latest and time.monotonic() >= self._held_until:
            self._shown = latest
            words += self._status_frame()
        return words

    def _tells(self, event: Event) -> bool:
        is_others = event.kind == "request" and not self._hidden.shows(event.payload)
        return event.kind in self._kinds and not is_others

    def _newer_status(self) -> Status | None:
        """Another status than the one that was shown last."""
        latest = self._watch.latest
        is_newer = latest and latest.at > self._shown.at and latest != self._shown
        return latest if is_newer else None

    def _status_frame(self) -> bytes:
        """A status has no place among the events; it stands after the last one."""
        self._held_until = time.monotonic() + LOOK_SECONDS
        body = orjson.dumps(self._hidden.of(self._describe(self._shown)))
        last_id = self._listener.last_id.encode()
        return b"event: status_update\nid: %b\ndata: %b\n\n" % (last_id, body)


def resumed_id(shown: str | None) -> str | None:
    """The id in a Last-Event-ID header, if it can be one of ours."""
    return shown if shown and EVENT_ID.fullmatch(shown) else None


@lru_cache(MOST_KEPT)
def _frame(event: Event, hidden: Discretion) -> bytes:
    """An event in the words of the stream, the same for all who may hear as much."""
    payload = as_shown(event.payload, hidden)
    instants = {
        name: iso(payload[name] / 1000) for name in INSTANTS if payload.get(name)
    }
    body = orjson.dumps(payload | instants | {"timestamp": iso(event.at)})
    head = f"event: {event.kind}\nid: {event.id}\n".encode()
    return b"%bdata: %b\n\n" % (head, body)
