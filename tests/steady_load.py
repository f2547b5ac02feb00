"""Clients that go on asking whatever happens to the gateway."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

import requests

from tests.gateway_process import Gateway, wait_for

CLIENTS = 4
WARM = 20
"""Answers to have been seen before anything happens."""

Status: TypeAlias = int | None
"""Of an answer; None is a broken connection."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How one request went; instants of the monotonic clock."""

    asked_at: float
    answered_at: float
    status: Status


class SteadyLoad:
    """Asks without pause, each time on a new connection, until the ``with`` ends;
    ``fields`` go with each request."""

    def __init__(self, gateway: Gateway, **fields: Any) -> None:
        self.seen: list[Seen] = []
        self._gateway = gateway
        self._body = {"messages": [{"role": "user", "content": "Hello"}], **fields}
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

    def since(self, instant: float) -> Counter[Status]:
        """The answers to what was asked after an instant."""
        return Counter(each.status for each in self.seen if each.asked_at >= instant)

    def __enter__(self) -> SteadyLoad:
        for thread in self._threads:
            thread.start()
        wait_for(lambda: len(self.seen) > WARM)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._is_over.is_set():
            asked_at = time.monotonic()
            status = self._ask()
            self.seen.append(Seen(asked_at, time.monotonic(), status))

    def _ask(self) -> Status:
        try:
            reply = requests.post(
                f"{self._gateway.url}/v1/chat/completions",
                json=self._body,
                headers=self._gateway.headers,
                timeout=30,
            )
            return reply.status_code
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return None


def counted(gateway: Gateway) -> int:
    """The successes that the records of all projects know of."""
    ids = [each.id for each in gateway.rooms.projects.all()]
    return sum(gateway.project_status(each)["successCount"] for each in ids)
