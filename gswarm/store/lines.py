"""Connections to the store, kept open: a round trip is one send and one read.

redis-py's connections speak the protocol; its pool and its client count, time and retry
every command, and weigh more than the trip itself (docs/decisions.md has figures).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from typing import Any

from redis.connection import ConnectionInterface, ConnectionPool
from redis.exceptions import ConnectionError, ResponseError


class Lines:
    """As many connections as ``pool`` may make; whoever finds them all busy waits
    ``patience`` seconds. All of it raises `redis.exceptions.RedisError`."""

    def __init__(self, pool: ConnectionPool, patience: float) -> None:
        self._pool = pool
        self._idle: list[ConnectionInterface] = []
        self._free = threading.Semaphore(pool.max_connections)
        self._patience = patience

    def round_trip(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send them all, then read their replies; a refused one is a `ResponseError`
        among them."""
        if not self._free.acquire(timeout=self._patience):
            raise ConnectionError("all connections to the store are busy")
        try:
            connection = (
                self._idle.pop() if self._idle else self._pool.make_connection()
            )
            try:
                return _talk(connection, commands)
            except BaseException:
                # Replies may be left on it that nobody will read.
                connection.disconnect()
                raise
            finally:
                self._idle.append(connection)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().disconnect()


def _talk(
    connection: ConnectionInterface, commands: Sequence[tuple[Any, ...]]
) -> list[Any]:
    if connection.is_connected and _is_stale(connection):
        connection.disconnect()
    if not connection.is_connected:
        connection.connect()
    packed = connection.pack_commands(commands)
    connection.send_packed_command(packed, check_health=False)
    return [_reply(connection) for _ in commands]


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
