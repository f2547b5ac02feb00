"""What gunicorn cannot read is put to the app all the same, to be refused there in the
words and with the headers of the path it came to."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from urllib.parse import unquote_to_bytes

from gunicorn.http import errors
from gunicorn.http.message import Request

from ...errors import Refusal

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

REFUSAL = "gswarm.refusal"
"""The key in a WSGI environment of what its request is refused with, unseen."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
LONGEST_LINE = 8192


@runtime_checkable
class Closable(Protocol):
    """An answer that wants to hear that it was read."""

    def close(self) -> None: ...


class NotingRequest(Request):  # type: ignore[misc]
    """A request that leaves the beginning of what was sent with what is wrong of it."""

    _sent: bytearray | None = None

    def __init__(self, *args: Any) -> None:
        try:
            super().__init__(*args)
        except errors.ParseException as error:
            error.sent = bytes((self._sent or b"")[:LONGEST_LINE])
            raise
        self._sent = None

    def read_into(self, unreader: Any, buf: bytearray, stop: bool = False) -> None:
        """Read on; what is read first holds the request's first line."""
        super().read_into(unreader, buf, stop)
        if self._sent is None:
            self._sent = buf


def refused(app: WSGIApplication, refusal: Refusal, sent: bytes, address: str) -> bytes:
    """The whole response to a request that began with ``sent``, as HTTP."""
    environ = _environ(sent, address) | {REFUSAL: refusal}
    head: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        lines = [f"HTTP/1.1 {status}", "Connection: close"]
        head[:] = lines + [f"{name}: {value}" for name, value in headers]

    answer = app(environ, start)
    body = b"".join(answer)
    if isinstance(answer, Closable):
        answer.close()
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def _environ(sent: bytes, address: str) -> WSGIEnvironment:
    line = sent.lstrip(b"\r\n").split(b"\r\n", 1)[0].decode("latin-1")
    method, _, rest = line.partition(" ")
    path, _, query = rest.split(" ", 1)[0].partition("?")
    return {
        "REQUEST_METHOD": method if method in METHODS else "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") or "/",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": "0",
        "REMOTE_ADDR": address,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
