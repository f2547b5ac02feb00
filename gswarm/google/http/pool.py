"""Sockets to Google, kept open from one request to the next."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from time import monotonic

import certifi

from ... import urls
from ...cancellation import Cancellation

IDLE_SECONDS = 30.0
"""How long an idle connection is kept; Google's front ends keep theirs longer."""

MAX_IDLE = 256
"""Idle connections kept per origin."""

RECEIVE_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads."""

    host: str
    port: int
    is_secure: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def split(url: str) -> tuple[Origin, str, str]:
    """An absolute URL as (origin, value of the Host header, path with its query)."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return _origin(scheme, host), host, f"/{path}"


@lru_cache(maxsize=64)
def _origin(scheme: str, host: str) -> Origin:
    """Remembered by host alone: a path has a client's words in it."""
    parts = urls.split(f"{scheme}://{host}")
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    return Origin(parts.hostname or "", port, is_secure)


class Connection:
    """One socket to one origin. All methods raise OSError, a time-out TimeoutError."""

    def __init__(self, origin: Origin, trust: Callable[[], ssl.SSLContext]) -> None:
        self.origin = origin
        self.idle_since = 0.0
        self._trust = trust
        self._socket: socket.socket | None = None

    def open(self, seconds: float, cancellation: Cancellation) -> None:
        """Connect to the first address that answers; ``seconds`` is for all of them."""
        until = monotonic() + seconds
        addresses = socket.getaddrinfo(
            self.origin.host, self.origin.port, type=socket.SOCK_STREAM
        )
        failure = OSError("the name has no address")
        for left, (family, kind, protocol, _, address) in zip(
            range(len(addresses), 0, -1), addresses, strict=True
        ):
            cancellation.raise_if_cancelled()
            self._socket = socket.socket(family, kind, protocol)
            # One address that swallows packets must not use up the others' time.
            self._socket.settimeout(max(0.001, (until - monotonic()) / left))
            try:
                self._socket.connect(address)
                return self._make_ready()
            except OSError as error:
                self.close()
                failure = error
        raise failure

    def _make_ready(self) -> None:
        assert self._socket is not None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.origin.is_secure:
            # The wrapped socket must be known before it blocks, to be interruptible.
            self._socket = wrapped = self._trust().wrap_socket(
                self._socket,
                server_hostname=self.origin.host,
                do_handshake_on_connect=False,
            )
            wrapped.do_handshake()

    def send(self, data: bytes, seconds: float, deadline: float) -> None:
        """Send it all before ``deadline``, never ``seconds`` without any progress."""
        rest = memoryview(data)
        while rest:
            left = min(seconds, deadline - monotonic())
            if left <= 0:
                raise TimeoutError
            self._open_socket.settimeout(left)
            rest = rest[self._open_socket.send(rest) :]

    def receive(self, seconds: float) -> bytes:
        """The next bytes, b"" at the end of the connection.

        A time-out loses nothing: it may be called again.
        """
        self._open_socket.settimeout(seconds)
        return self._open_socket.recv(RECEIVE_BYTES)

    @property
    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise OSError("the connection is closed")
        return self._socket

    def is_usable(self, now: float) -> bool:
        """Whether an idle connection may carry another request.

        Nothing is expected on it: bytes, or an end, mean that the other side is done.
        """
        if now - self.idle_since > IDLE_SECONDS or self._socket is None:
            return False
        self._socket.settimeout(0.0)
        try:
            # The plain method looks beneath TLS, whose own recv takes no flags.
            socket.socket.recv(self._socket, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def interrupt(self) -> None:
        """Make whoever is blocked on this connection return; any greenlet may call."""
        if self._socket is not None:
            with suppress(OSError):  # not connected yet, or no longer
                # TLS's own shutdown would pull the rug from under a blocked read.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Connections:
    """The idle connections of this process, the most recently used taken first."""

    def __init__(self, trust: Callable[[], ssl.SSLContext] | None = None) -> None:
        self._trust = trust or system_trust
        self._idle: dict[Origin, deque[Connection]] = {}

    def new(self, origin: Origin) -> Connection:
        """A connection that is yet to be opened."""
        return Connection(origin, self._trust)

    def take(self, origin: Origin) -> Connection | None:
        """An idle connection that is still good, or None."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_usable(monotonic()):
                return connection
            connection.close()
        return None

    def keep(self, connection: Connection) -> None:
        """Keep a connection whose last answer was read to its end."""
        connection.idle_since = monotonic()
        idle = self._idle.setdefault(connection.origin, deque())
        idle.append(connection)
        self._drop_old(connection.idle_since - IDLE_SECONDS)

    def _drop_old(self, before: float) -> None:
        for idle in self._idle.values():
            while idle and (idle[0].idle_since < before or len(idle) > MAX_IDLE):
                idle.popleft().close()

    def close(self) -> None:
        """Close every idle connection."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


@cache
def system_trust() -> ssl.SSLContext:
    """The system's trust store; certifi's where the system has none."""
    paths = ssl.get_default_verify_paths()
    fallback = None if paths.cafile or paths.capath else certifi.where()
    return ssl.create_default_context(cafile=fallback)
