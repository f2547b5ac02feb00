"""gunicorn's worker, but what it could not read it neither writes down nor shows."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.util import write_error
from gunicorn.workers.ggevent import GeventWorker

SEND_SECONDS = 120.0
"""For one piece of an answer to be taken by its client, however large the piece."""

UNREADABLE = "The request could not be read."
BROKEN = "Something went wrong in the gateway."

STATUS = {
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ConfigurationProblem: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Of mistakes that are not answered with 400."""


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
        status, told = _status(exc), UNREADABLE
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            told = BROKEN
            self.log.exception("Error handling request")
        else:
            address, kind = addr[0] if addr else "", type(exc).__name__
            self.log.warning("Unreadable request from %s: %s", address, kind)
        with suppress(OSError):
            write_error(client, status.value, status.phrase, told)


def _status(error: BaseException) -> HTTPStatus:
    is_theirs = isinstance(error, errors.ParseException)
    usual = HTTPStatus.BAD_REQUEST if is_theirs else HTTPStatus.INTERNAL_SERVER_ERROR
    return STATUS.get(type(error), usual)
