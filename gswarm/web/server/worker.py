"""gunicorn's worker, but what it could not read it neither writes down nor shows, and
refuses it in the words of its path."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from typing import Any

import gevent
from gunicorn.http import errors
from gunicorn.http.parser import RequestParser
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from ...errors import (
    AddressTooLong,
    ExpectationUnmet,
    HeadersTooLarge,
    InternalError,
    Refusal,
    UnknownTransferCoding,
    Unreadable,
)
from .unreadable import NotingRequest, refused

SEND_SECONDS = 120.0
"""For one piece of an answer to be taken by its client, however large the piece."""

PARTING_SECONDS = 1.0
"""For the rest of what cannot be read to arrive."""

BROKEN = "Something went wrong in the gateway."

REFUSALS: dict[type[BaseException], type[Unreadable]] = {
    errors.ExpectationFailed: ExpectationUnmet,
    errors.LimitRequestLine: AddressTooLong,
    errors.LimitRequestHeaders: HeadersTooLarge,
    errors.UnsupportedTransferCoding: UnknownTransferCoding,
}
"""Of mistakes that are not answered with 400."""
OURS = (
    errors.ConfigurationProblem,
    errors.InvalidResponseHeader,
    errors.InvalidResponseHeaderName,
)
"""Of those that gunicorn counts as mistakes of requests."""

RequestParser.mesg_class = NotingRequest


class Worker(GeventWorker):  # type: ignore[misc]
    """gunicorn's own words quote the mistake: where a body is longer than it said, that
    is a prompt; where a header lacks its colon, a key."""

    def handle_quit(self, sig: int, frame: object) -> None:
        """End as politely as ever where somebody has pressed Ctrl-C: gunicorn would
        break off in whatever runs, and leave a traceback of it."""
        self.alive = False

    def handle_request(
        self, listener_name: object, req: object, sock: socket.socket, addr: object
    ) -> Any:
        """Answer one request, as long as its client reads the answer."""
        sock.settimeout(SEND_SECONDS)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:
            self.log.warning("A client has not read its answer for too long.")
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None

    def handle_error(
        self,
        req: object,
        client: socket.socket,
        addr: tuple[str, int] | str | None,
        exc: BaseException,
    ) -> None:
        """Write down what kind of mistake it is and from where, and end the request."""
        refusal, host = _refusal(exc), addr[0] if addr else ""
        if isinstance(refusal, InternalError):
            self.log.exception("Error handling request")
        else:
            kind = type(exc).__name__
            self.log.warning("Unreadable request from %s: %s", host, kind)
        with suppress(OSError):
            sent = getattr(exc, "sent", b"")
            write_nonblock(client, refused(self.wsgi, refusal, sent, host))
            _part(client)


def _part(client: socket.socket) -> None:
    """Read the rest: closed upon unread bytes, a connection takes the answer along."""
    client.shutdown(socket.SHUT_WR)
    with gevent.Timeout(PARTING_SECONDS, False):
        while client.recv(65_536):
            pass


def _refusal(error: BaseException) -> Refusal:
    if isinstance(error, errors.ParseException) and not isinstance(error, OURS):
        return REFUSALS.get(type(error), Unreadable)()
    return InternalError(BROKEN)
