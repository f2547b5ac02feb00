"""Paths: brought to one spelling, and told apart by who calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..limits.paths import one_spelling

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SHARED = re.compile(r"/v1/(models|files|batches)(/.*)?")
"""Paths that OpenAI's clients and Gemini's call alike."""
GEMINI_SIGNS = ("HTTP_X_GOOG_API_CLIENT", "HTTP_X_GOOG_API_KEY")
KEY_IN_QUERY = re.compile(r"(?:^|&)key=")


class OneSpelling:
    """Brings every path to its one spelling before the app routes it; one that several
    dialects share, to that of its caller (facts: gemini-native A2)."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path = one_spelling(environ.get("PATH_INFO") or "/")
        if SHARED.fullmatch(path) and _is_gemini(environ):
            path = one_spelling(path.replace("/v1/", "/v1beta/", 1))
        environ["PATH_INFO"] = path
        return self._app(environ, start_response)


def _is_gemini(environ: WSGIEnvironment) -> bool:
    """Whether one of Gemini's clients calls."""
    if "HTTP_ANTHROPIC_VERSION" in environ:
        return False
    is_signed = any(environ.get(sign) for sign in GEMINI_SIGNS)
    return is_signed or bool(KEY_IN_QUERY.search(environ.get("QUERY_STRING", "")))


def is_program_path(path: str) -> bool:
    """Whether programs call this path, and a page would be no answer."""
    return path.startswith(("/api/", "/v1", "/upload/", "/ws/")) or path == "/api"
