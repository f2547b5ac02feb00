"""Headers that answers carry: their id, what clients of OpenAI look for, and what
browsers may do with them."""

from __future__ import annotations

import secrets
import time

from flask import Flask, Response, g, request

from ..settings import Settings
from .paths import is_program_path
from .server.unreadable import REFUSAL
from .spoken import spoken_here

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
}
STRICT_TRANSPORT = "max-age=31536000"

OPENAI_VERSION = "2020-10-01"

EXPOSED = (
    "x-request-id, request-id, openai-processing-ms, openai-version, "
    "x-gswarm-project, x-gswarm-attempts, x-gswarm-model, x-gswarm-cache, "
    "retry-after, x-should-retry, x-ratelimit-limit-requests, "
    "x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
    "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens"
)
PREFLIGHT_SECONDS = "86400"

LONGEST_TEXT = 800
"""Clients read lines of headers up to 8 KB at least; an escaped character takes ten."""


def init_app(app: Flask, settings: Settings) -> None:
    """Give every request an id, and every answer its headers."""
    always = dict(SECURITY)
    if settings.global_url.startswith("https:"):
        always["Strict-Transport-Security"] = STRICT_TRANSPORT

    @app.before_request
    def open_request() -> Response | None:
        g.request_id = f"req_{secrets.token_hex(12)}"
        g.started = time.perf_counter()
        if unread := request.environ.get(REFUSAL):
            raise unread
        is_preflight = request.method == "OPTIONS" and request.path.startswith("/v1")
        return Response(status=204) if is_preflight else None

    @app.after_request
    def close_request(response: Response) -> Response:
        response.headers["x-request-id"] = g.request_id
        for name, value in always.items():
            response.headers.setdefault(name, value)
        if is_program_path(request.path):
            response.headers.setdefault("Cache-Control", "no-store")
        spoken = spoken_here()
        if spoken and spoken.name.startswith("openai"):
            _describe(response)
        if request.path.startswith("/v1"):
            _share(response, settings.cors_origins)
        return response


def header_text(text: str) -> str:
    """What a client's own words become in a header: printable ASCII, not too long."""
    return text[:LONGEST_TEXT].encode("unicode_escape").decode("ascii")


def _describe(response: Response) -> None:
    """What OpenAI says of each answer; a stream's time is that to its beginning."""
    milliseconds = round((time.perf_counter() - g.started) * 1000)
    response.headers["openai-processing-ms"] = str(milliseconds)
    response.headers["openai-version"] = OPENAI_VERSION


def _share(response: Response, allowed: tuple[str, ...]) -> None:
    """Let pages of the allowed origins read the answer (Fetch standard, CORS)."""
    origin = request.headers.get("Origin")
    if "*" in allowed:
        response.headers["Access-Control-Allow-Origin"] = "*"
    elif origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers.add("Vary", "Origin")
    else:
        return
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        asked = request.headers.get("Access-Control-Request-Headers", "*")
        response.headers["Access-Control-Allow-Headers"] = asked
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
