"""Names of hosts that clients name, looked up on threads of their own.

The event loop's own threads look up Google: names that never answer would keep them
busy for half a minute each, and nobody would be served.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from gevent import Timeout, get_hub, monkey
from gevent.threadpool import ThreadPool

THREADS = 8

_getaddrinfo = monkey.get_original("socket", "getaddrinfo")


class Resolver:
    """Asks for the addresses of hosts. Make one per process, after the fork."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = ThreadPool(threads)

    def __call__(self, host: str, port: int, deadline: float) -> list[Any]:
        """As `socket.getaddrinfo` answers, before a `time.monotonic` instant.

        Raises OSError; a TimeoutError also while every thread waits for others' names.
        """
        if get_hub() is not self._threads.hub:
            # A thread that runs no event loop may wait for itself.
            return list(_getaddrinfo(host, port, type=socket.SOCK_STREAM))
        with Timeout(max(0.0, deadline - time.monotonic()), TimeoutError):
            asked = self._threads.spawn(
                _getaddrinfo, host, port, type=socket.SOCK_STREAM
            )
            answers: list[Any] = asked.get()
        return answers
