"""One HTTP exchange: its entry in the call log, who asks, what they sent."""

from __future__ import annotations

from typing import Any, cast

import orjson
from flask import Flask, Response, current_app, g, request

from .calls import Call
from .catalogue import CANONICAL
from .connection import ENVIRON_KEY, Connection, Hangup
from .errors import GoogleError, Style, encode, invalid, named
from .grants import CLOUD_PLATFORM, AccessToken
from .scripts import Do
from .world import Account, World

CONTROL = "/_sim/"
JSON = "application/json; charset=UTF-8"
MAX_BODY_BYTES = 20 * 1024 * 1024

_NOTED_HEADERS = (
    "accept-encoding",
    "authorization",
    "content-type",
    "x-goog-api-client",
    "x-goog-api-key",
    "x-goog-user-project",
)


def install(app: Flask, world: World) -> None:
    """Make every exchange of the app known to the world's call log."""
    app.extensions["simulator"] = world
    app.before_request(_begin)
    app.after_request(_answered)
    app.teardown_request(_end)
    app.register_error_handler(GoogleError, _refuse)


def the_world() -> World:
    """The world this app simulates."""
    return cast(World, current_app.extensions["simulator"])


def the_call() -> Call:
    """The log's entry of the exchange under way."""
    return cast(Call, g.call)


def the_connection() -> Connection:
    """The raw line to the client."""
    return cast(Connection, request.environ[ENVIRON_KEY])


def answer(value: Any, status: int = 200) -> Response:
    """A JSON reply."""
    return Response(orjson.dumps(value), status, content_type=JSON)


def json_body() -> dict[str, Any]:
    """The request's JSON object; raises Google's 400 or 413."""
    return parsed(raw_body())


def raw_body() -> bytes:
    """The request's body; raises Google's 413."""
    raw = request.get_data(cache=False)
    if len(raw) > MAX_BODY_BYTES:
        raise named("too_large")
    return raw


def parsed(raw: bytes) -> dict[str, Any]:
    """A JSON object; no body at all is an empty one."""
    try:
        value = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error
    if not isinstance(value, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    return value


def bearer(scope: str = CLOUD_PLATFORM) -> AccessToken:
    """Who asks, by access token; raises Google's 401, or 403 for a missing scope."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise named("credentials_missing")
    held = the_world().grants.bearer(token.strip())
    if not held:
        raise named("expired")
    the_call().account = held.grant.email
    if scope not in held.grant.scopes:
        raise _scope_missing()
    return held


def caller() -> Account:
    """The account that asks, by access token."""
    return the_world().accounts[bearer().grant.email]


def meet_script() -> Do:
    """Let the scripted fault of this call happen, as far as it precedes the answer.

    Returns the script, for those who can act out the rest of it.
    """
    return meet(the_world().scripts.take(the_call()))


def meet(do: Do) -> Do:
    """Let what ``do`` does before the answer happen; returns it for the rest."""
    call, world = the_call(), the_world()
    stall = do.get("stall", {})
    if stall.get("before") == "headers":
        the_connection().wait(stall["seconds"])
    if "error" in do:
        raise named(do["error"], **(_facts(call) | do | {"now": world.clock()}))
    if "status" in do:
        raise _scripted(do)
    return do


def status_of(code: int, message: str) -> GoogleError:
    """A plain Google error with the canonical word of its code."""
    status = CANONICAL.get(code, "UNKNOWN")
    error = {"code": code, "message": message, "status": status}
    return GoogleError(code, {"error": error})


def _begin() -> None:
    if request.path.startswith(CONTROL):
        return
    world = the_world()
    headers = request.headers
    noted = {name: headers[name] for name in _NOTED_HEADERS if name in headers}
    method = (request.endpoint or "unknown").rpartition(".")[2]
    user_agent = headers.get("User-Agent", "")
    g.call = world.calls.begin(world.clock(), method, user_agent, noted)


def _answered(response: Response) -> Response:
    call: Call | None = g.get("call")
    if call:
        the_world().calls.answered(call, response.status_code)
        g.streams = response.is_streamed
        call.finished = not response.is_streamed
        response.headers["Server"] = "ESF"
    return response


def _end(error: BaseException | None) -> None:
    call: Call | None = g.get("call")
    if not call or g.get("streams"):
        return
    the_world().calls.ended()
    call.closed_by_client = isinstance(error, Hangup)


def _refuse(error: GoogleError) -> Response:
    as_array = the_call().method == "streamGenerateContent"
    status, content_type, content, headers = encode(error, as_array=as_array)
    return Response(content, status, headers, content_type=content_type)


def _facts(call: Call) -> dict[str, str]:
    return {
        "project": call.project,
        "model": call.model,
        "account": call.account,
    }


def _scripted(do: Do) -> GoogleError:
    body = do.get("body", "")
    if isinstance(body, list):
        return GoogleError(do["status"], body[0], do.get("headers"), Style(True))
    return GoogleError(do["status"], body, do.get("headers"))


def _scope_missing() -> GoogleError:
    error = status_of(403, "Request had insufficient authentication scopes.")
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    cast(dict[str, Any], error.body)["error"]["details"] = [detail]
    return error
