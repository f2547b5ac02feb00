"""Listening to server-sent events, as a browser does.

with listen(gateway.url + "/api/gswarm/status/stream", headers=...) as stream:
    event = stream.wait_for("project_cooldown")
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests


@dataclass(frozen=True)
class Heard:
    """One event as it arrived; ``at`` is of `time.monotonic`."""

    kind: str
    id: str
    data: dict[str, Any]
    at: float


class EventStream:
    """An open stream; whatever it says is kept."""

    def __init__(self, answer: requests.Response) -> None:
        self.answer = answer
        self.events: list[Heard] = []
        self.lines: list[str] = []
        self.is_over = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def last_id(self) -> str:
        """Where a browser would resume."""
        return self.events[-1].id

    def of(self, kind: str, **data: Any) -> list[Heard]:
        """What was heard of this kind, with this in its data."""
        return [
            each
            for each in tuple(self.events)
            if each.kind == kind and data.items() <= each.data.items()
        ]

    def wait_for(self, kind: str, seconds: float = 15.0, **data: Any) -> Heard:
        """The first event of this kind with this in its data."""
        deadline = time.monotonic() + seconds
        while True:
            with self._news:
                if found := self.of(kind, **data):
                    return found[0]
                left = deadline - time.monotonic()
                assert left > 0, f"no {kind} {data} among {self.events}"
                self._news.wait(left)

    def close(self) -> None:
        """Hang up, as a browser does: without a word."""
        connection = getattr(self.answer.raw, "connection", None)
        if connection is not None and connection.sock is not None:
            connection.sock.shutdown(2)
        self._thread.join(5)
        self.answer.close()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
                self.lines.append(line)
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    self._hear(fields)
                    fields = {}
        except (requests.RequestException, OSError, AttributeError, ValueError):
            pass
        finally:
            self.is_over.set()

    def _hear(self, fields: dict[str, str]) -> None:
        if "event" not in fields:
            return
        data = json.loads(fields["data"])
        event = Heard(fields["event"], fields["id"], data, time.monotonic())
        with self._news:
            self.events.append(event)
            self._news.notify_all()


def listen(
    url: str,
    *,
    headers: dict[str, str] | None = None,
    cookies: Any = None,
    last_id: str | None = None,
) -> EventStream:
    """Open a stream, from an event heard earlier on if ``last_id`` names it."""
    asked = dict(headers or {})
    if last_id:
        asked["Last-Event-ID"] = last_id
    with requests.Session() as http:
        http.trust_env = False
        answer = http.get(
            url, headers=asked, cookies=cookies, stream=True, timeout=(5, 60)
        )
        answer.raise_for_status()
        return EventStream(answer)
