"""Noticing that a client has left, while nothing is being written to it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import gevent.socket
from gevent import get_hub

from ...cancellation import Cancellation

READABLE = 1


class Presence:
    """Watches a client's connection and stops its request when it closes.

    A write fails only after the client has gone, and a model that thinks for a minute
    writes nothing. This costs one watcher in the event loop, no greenlet. Bytes that
    arrive meanwhile (the next, pipelined request) end the watch, as they hide the end.
    """

    def __init__(
        self, client: gevent.socket.socket, cancellation: Cancellation
    ) -> None:
        # The plain socket inside: gevent's own would wait, and may not in the hub.
        self._client = client._sock
        self._cancellation = cancellation
        self._watcher = get_hub().loop.io(client.fileno(), READABLE)
        self._watcher.start(self._look)

    def stop(self) -> None:
        """Stop watching; may be called again."""
        self._watcher.stop()
        self._watcher.close()

    def _look(self) -> None:
        try:
            is_gone = not self._client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            is_gone = True
        self._watcher.stop()
        if is_gone:
            self._cancellation.cancel()


def watch(environ: Mapping[str, Any], cancellation: Cancellation) -> Presence | None:
    """Watch the request's client; None where its socket cannot be looked at."""
    client = environ.get("gunicorn.socket")
    if not isinstance(client, gevent.socket.socket):
        return None
    return Presence(client, cancellation)
