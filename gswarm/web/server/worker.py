"""gunicorn's worker, but what it could not read it neither writes down nor shows."""

from __future__ import annotations

import socket
from contextlib import suppress
from http import HTTPStatus

from gunicorn.http import errors
from gunicorn.util import write_error
from gunicorn.workers.ggevent import GeventWorker

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
