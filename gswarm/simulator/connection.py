"""The raw side of an HTTP exchange: early headers, waits that notice hang-ups, cuts."""

from __future__ import annotations

import errno
import socket
import struct
import time
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler
from gevent.socket import wait_read

ENVIRON_KEY = "simulator.connection"

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Hangup(BrokenPipeError):
    """The client closed its side; pywsgi drops such errors silently."""

    def __init__(self) -> None:
        super().__init__(errno.EPIPE, "the client is gone")


class Severed(BrokenPipeError):
    """A script cut the line; the reply ends without its proper end."""

    def __init__(self) -> None:
        super().__init__(errno.EPIPE, "cut by script")


class Connection:
    """The socket beneath one reply."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def send_headers(self) -> None:
        """Send status and headers now, before there is a body."""
        if self._handler.status and not self._handler.headers_sent:
            self._handler.write(b"")

    def wait(self, seconds: float) -> None:
        """Let time pass; raises `Hangup` as soon as the client closes."""
        ends_at = time.monotonic() + seconds
        sock = self._handler.socket
        try:
            wait_read(sock.fileno(), timeout=seconds)
        except TimeoutError:
            return
        if not sock.recv(1, socket.MSG_PEEK):
            raise Hangup
        gevent.sleep(max(0.0, ends_at - time.monotonic()))

    def sever(self, how: str) -> None:
        """End the connection here: ``rst`` resets it, anything else closes it."""
        if how == "rst":
            self._handler.socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
            )
        raise Severed


class Handler(WSGIHandler):  # type: ignore[misc]
    """A pywsgi handler that lends its socket to the application."""

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, address, server)
        self._held: bytearray | None = None

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ[ENVIRON_KEY] = Connection(self)
        return environ

    def _write_with_headers(self, data: bytes) -> None:
        """Headers and what follows at once in one TCP write, as Google's come."""
        self._held = bytearray()
        super()._write_with_headers(data)
        held, self._held = self._held, None
        self._sendall(bytes(held))

    def _sendall(self, data: bytes) -> None:
        if self._held is None:
            super()._sendall(data)
        else:
            self._held += data
