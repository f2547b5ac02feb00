"""Every way a request can end badly, in the words of the path it came to."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import orjson
from flask import Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as MethodNotAllowedByWerkzeug

from ..dialects.dialect import ErrorReply
from ..dialects.retrying import error_headers
from ..errors import (
    ClientGone,
    Conflict,
    InternalError,
    InvalidFields,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Refusal,
    SettingsError,
    StoreUnavailable,
    Unavailable,
    UnknownEncoding,
)
from . import pages
from .encodings import UNDERSTOOD
from .paths import is_program_path
from .spoken import spoken_here

logger = logging.getLogger(__name__)

CLIENT_CLOSED_REQUEST = 499
"""nginx's number for it; nobody reads it, but the access log shows it."""

DEFAULT_CODES = {400: "validation", 401: "unauthorized", 405: "method_not_allowed"}
"""Where OpenAI's clients are given null."""


def answer_exception(error: Exception) -> Response:
    """The response for anything that was raised while a request was answered."""
    if isinstance(error, ClientGone):
        return Response(status=CLIENT_CLOSED_REQUEST)
    response = answer_refusal(refusal_for(error, g.request_id))
    if isinstance(error, Refusal):
        _let_go(error)
    if isinstance(error, MethodNotAllowedByWerkzeug) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _let_go(error: BaseException) -> None:
    """Free what the frames hold that an error came through, the request's body among
    it: an error that is kept in one of them would keep them all until the next time
    Python looks for circles."""
    met: BaseException | None = error
    while met is not None:
        met.__traceback__ = None
        met = met.__cause__ or met.__context__


def refusal_for(error: BaseException, request_id: str) -> Refusal:
    """What a client is told; whatever was not foreseen is logged and kept quiet."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException):
        return _from_werkzeug(error)
    if isinstance(error, StoreUnavailable):
        logger.error("%s", error, extra={"fields": {"request_id": request_id}})
        return Unavailable(
            "The gateway's store does not answer.",
            code="store_unavailable",
            retry_after=1,
        )
    if isinstance(error, SettingsError):
        _log_once(str(error))
        return Unavailable(
            "The gateway cannot read what its store holds: a setting of it is wrong, "
            "which its log names.",
            code="misconfigured",
        )
    logger.error(
        "A request failed unexpectedly.",
        exc_info=error,
        extra={"fields": {"request_id": request_id}},
    )
    return InternalError("The gateway failed. Quote x-request-id to its operator.")


@cache
def _log_once(text: str) -> None:
    """A setting is as it is until the process ends."""
    logger.error("%s", text)


def answer_refusal(refusal: Refusal) -> Response:
    """The refusal as JSON, or as a page where only a browser would look."""
    if isinstance(refusal, NotFound) and _is_browsing():
        return pages.not_found()
    dialect = spoken_here()
    reply = dialect.error(refusal, g.request_id) if dialect else own_words(refusal)
    body = orjson.dumps(reply.body)
    response = Response(body, reply.status, mimetype="application/json")
    response.headers.extend(reply.headers)
    if reply.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, UnknownEncoding):
        response.headers["Accept-Encoding"] = UNDERSTOOD
    return response


def _is_browsing() -> bool:
    return request.method in ("GET", "HEAD") and not is_program_path(request.path)


def own_words(refusal: Refusal) -> ErrorReply:
    """``{error:{code,message,details?}}``, where no dialect is spoken."""
    code = refusal.code or DEFAULT_CODES.get(refusal.status, "error")
    error: dict[str, Any] = {"code": code, "message": refusal.message}
    if isinstance(refusal, InvalidFields | Conflict) and refusal.details:
        error["details"] = refusal.details
    elif isinstance(refusal, InvalidRequest) and refusal.param:
        error["details"] = {refusal.param: [refusal.message]}
    headers = error_headers(refusal)
    return ErrorReply(refusal.status, {"error": error}, headers)


def _from_werkzeug(error: HTTPException) -> Refusal:
    if error.code == 404:
        url = f"{request.method} {request.path}"
        return NotFound(f"Unknown request URL: {url}.", code="unknown_url")
    if error.code == 405:
        return MethodNotAllowed(f"{request.path} does not take {request.method}.")
    return InvalidRequest("The request is malformed.")
