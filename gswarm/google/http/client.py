"""The hot path to Google: HTTP/1.1 over kept sockets, parsed in C.

Asking Google is what a gateway does all day, and a general HTTP client costs more than
the rest of it together (docs/decisions.md has the figures).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from ...cancellation import Cancellation
from ...errors import ServerFailure, UpstreamSilent, Verdict
from ...redaction import secrets_in
from ...settings import Settings
from .parser import Response
from .pool import Connection, Connections, Origin, split

TICK_SECONDS = 5.0
"""After so much silence whoever waits is told, so that a client can be kept warm."""

ONE_PACKET = 65536
"""Up to here head and body are sent together; copying more costs more than a send."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for connecting, for the reply's head, between two of its bytes."""

    connect: float = 5.0
    first_byte: float = 120.0
    stall: float = 60.0

    @classmethod
    def of(cls, settings: Settings) -> Timeouts:
        """Those the operator set."""
        return cls(
            settings.connect_timeout,
            settings.first_byte_timeout,
            settings.stall_timeout,
        )


class HttpClient:
    """Sends requests to Google, over connections that this process keeps."""

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        *,
        trust: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._connections = Connections(trust)

    def post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        deadline: float,
        cancellation: Cancellation,
    ) -> HttpResponse:
        """A request that is sent when its reply is opened.

        ``deadline`` is a `time.monotonic` instant; ``cancellation`` interrupts it
        wherever it is blocked.
        """
        origin, host, target = split(url)
        message = _message(target, {"Host": host, **headers}, body)
        reply = HttpResponse(
            self._connections, origin, message, self._timeouts, deadline, cancellation
        )
        reply.shown = headers
        return reply

    def close(self) -> None:
        """Close the idle connections."""
        self._connections.close()


def _message(target: str, headers: Mapping[str, str], body: bytes) -> list[bytes]:
    """The request's bytes, in the pieces they are sent in."""
    lines = [f"POST {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Accept-Encoding: identity", f"Content-Length: {len(body)}"]
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or not text.isascii():
        raise ValueError("a header holds a character that HTTP forbids")
    head = text.encode("ascii") + b"\r\n\r\n"
    return [head + body] if len(body) <= ONE_PACKET else [head, body]


class HttpResponse:
    """The reply to one request: `opening` first, then its status, headers and pieces.

    Everything raises `ServerFailure` when the connection fails, `UpstreamSilent` when
    time runs out, and the cancellation's reason when the request is stopped.
    ``patience`` is how many seconds of silence are borne between two bytes of the body.
    A verdict that is raised while it is open quotes no credential of the ``shown``
    headers.
    """

    def __init__(
        self,
        connections: Connections,
        origin: Origin,
        message: list[bytes],
        timeouts: Timeouts,
        deadline: float,
        cancellation: Cancellation,
    ) -> None:
        self.patience = timeouts.stall
        self.shown: Mapping[str, str] = {}
        self._connections = connections
        self._origin = origin
        self._message = message
        self._timeouts = timeouts
        self._deadline = deadline
        self._cancellation = cancellation
        self._response = Response()
        self._connection: Connection | None = None
        self._may_be_stale = False
        self._early = b""

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""
        return self._response.headers

    def opening(self) -> Iterator[None]:
        """Send the request and wait for the reply's head; None for each silent tick."""
        self._send(self._connections.take(self._origin))
        until = monotonic() + self._timeouts.first_byte
        while not self._response.is_headed:
            data = self._receive_first(until)
            if data is None:
                yield None
            else:
                self._early += self._take_in(data)

    def pieces(self) -> Iterator[bytes | None]:
        """The body as it arrives, decoded; None for each silent tick."""
        if self._early:
            yield self._early
        until = monotonic() + self.patience
        while not self._response.is_complete:
            data = self._receive(until)
            if data is None:
                yield None
                continue
            piece = self._take_in(data)
            if piece:
                yield piece
            until = monotonic() + self.patience

    def read(self, max_bytes: int) -> bytes:
        """The whole body; one longer than ``max_bytes`` is a `ServerFailure`."""
        body = bytearray()
        for piece in self.pieces():
            body += piece or b""
            if len(body) > max_bytes:
                raise ServerFailure("The reply is too long.")
        return bytes(body)

    def close(self) -> None:
        """Done with it: the connection is kept if all was read, else closed."""
        self._cancellation.interrupts(None)
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._response.is_complete and self._response.is_reusable:
            self._connections.keep(connection)
        else:
            connection.close()

    def __enter__(self) -> HttpResponse:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Verdict):
            error.hide(secrets_in(self.shown))
        self.close()

    # ------------------------------------------------------------ on the socket

    def _send(self, kept: Connection | None) -> None:
        """Send the request over a kept connection, or over a new one."""
        connection = self._connection = kept or self._connections.new(self._origin)
        self._may_be_stale = kept is not None
        self._cancellation.interrupts(connection.interrupt)
        if kept is None:
            self._connect(connection)
        try:
            for part in self._message:
                connection.send(part, self._timeouts.stall, self._deadline)
        except TimeoutError as error:
            raise self._silent() from error
        except OSError:
            # Google may answer, and close, before it has read it all: what is read
            # next is that answer, or tells what is wrong.
            self._cancellation.raise_if_cancelled()

    def _connect(self, connection: Connection) -> None:
        try:
            seconds = min(self._timeouts.connect, self._deadline - monotonic())
            connection.open(seconds, self._cancellation)
        except OSError as error:
            self._cancellation.raise_if_cancelled()
            raise ServerFailure(
                f"No connection to {self._origin}: {_reason(error)}."
            ) from error

    def _receive_first(self, until: float) -> bytes | None:
        """Like `_receive`; a kept connection that turns out dead is replaced, once."""
        if not self._may_be_stale:
            return self._receive(until)
        try:
            data = self._receive(until)
        except UpstreamSilent:
            raise
        except ServerFailure:
            data = b""
        if data == b"":
            if self._connection:
                self._connection.close()
            self._send(None)
            return self._receive(until)
        self._may_be_stale = data is None
        return data

    def _receive(self, until: float) -> bytes | None:
        """The next bytes, b"" at the end, None after a silent tick."""
        left = min(until, self._deadline) - monotonic()
        if left <= 0 or self._connection is None:
            raise self._silent()
        try:
            data = self._connection.receive(min(left, TICK_SECONDS))
        except TimeoutError as error:
            self._cancellation.raise_if_cancelled()
            if left > TICK_SECONDS:
                return None
            raise self._silent() from error
        except OSError as error:
            self._cancellation.raise_if_cancelled()
            raise ServerFailure(
                f"The connection to {self._origin} broke: {_reason(error)}."
            ) from error
        self._cancellation.raise_if_cancelled()
        return data

    def _take_in(self, data: bytes) -> bytes:
        return self._response.feed(data) if data else self._response.end()

    def _silent(self) -> UpstreamSilent:
        return UpstreamSilent(f"{self._origin} did not answer in time.")


def _reason(error: OSError) -> str:
    """What the system says went wrong, without numbers."""
    return (error.strerror or str(error) or type(error).__name__).rstrip(".")
