"""Connections to the store, kept open: a round trip is one send and one read.

redis-py's connections speak the protocol; its pool and its client count, time and retry
every command, and weigh more than the trip itself (docs/decisions.md has figures).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from time import monotonic
from typing import Any

from redis.connection import ConnectionInterface, ConnectionPool
from redis.exceptions import ConnectionError, ResponseError, TimeoutError


class Lines:
    """As many connections as ``pool`` may make; whoever finds them all busy waits
    ``patience`` seconds. All of it raises `redis.exceptions.RedisError`."""

    def __init__(self, pool: ConnectionPool, patience: float) -> None:
        self._idle = [_Line(pool) for _ in range(pool.max_connections)]
        self._patience = patience
        self._waiting = 0
        self._silences = 0
        self._returned = threading.Semaphore(0)

    def round_trip(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send them all, then read their replies; a refused one is a `ResponseError`
        among them."""
        line = self._borrow()
        try:
            return line.talk(commands)
        except TimeoutError:
            self._silences += 1
            raise
        finally:
            self._idle.append(line)
            if self._waiting:
                self._returned.release()

    def close(self) -> None:
        """Close the idle connections."""
        for line in self._idle:
            line.close()

    def _borrow(self) -> _Line:
        """The idle line used last. Nearly always there is one, and no lock is taken."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._wait()

    def _wait(self) -> _Line:
        """The next line to be free, unless it is free because the store was silent on
        it: whoever has waited for that would wait as long again."""
        until, silences = monotonic() + self._patience, self._silences
        self._waiting += 1
        try:
            # Whoever gave one back before it knew of us released nothing.
            while not self._idle:
                if not self._returned.acquire(timeout=max(0.0, until - monotonic())):
                    raise ConnectionError("all connections to the store are busy")
        finally:
            self._waiting -= 1
        if self._silences != silences:
            raise ConnectionError("the store was silent on other connections")
        return self._borrow()


class _Line:
    """A connection that opens when it is needed."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: ConnectionInterface | None = None

    def talk(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        connection = self._connection = self._connection or self._pool.make_connection()
        try:
            _make_ready(connection)
            packed = connection.pack_commands(commands)
            connection.send_packed_command(packed, check_health=False)
            return [_reply(connection) for _ in commands]
        except BaseException:
            # Replies may be left on it that nobody will read.
            connection.disconnect()
            raise

    def close(self) -> None:
        if self._connection:
            self._connection.disconnect()


def _make_ready(connection: ConnectionInterface) -> None:
    if connection.is_connected and _is_stale(connection):
        connection.disconnect()
    if not connection.is_connected:
        connection.connect()


def _reply(connection: ConnectionInterface) -> Any:
    try:
        return connection.read_response()
    except ResponseError as refused:
        return refused


def _is_stale(connection: Any) -> bool:
    """Whether the server has hung up meanwhile: nothing else can be waiting there.

    redis-py's own look (`can_read`) polls, which under gevent costs as much as a send.
    """
    line = connection._sock
    line.settimeout(0)
    try:
        # The plain method looks beneath TLS, whose own recv takes no flags.
        socket.socket.recv(line, 1, socket.MSG_PEEK)
    except BlockingIOError:
        line.settimeout(connection.socket_timeout)
        return False
    except OSError:
        return True
    return True
