"""Paths: brought to one spelling, and told apart by who calls them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..limits.paths import one_spelling

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class OneSpelling:
    """Brings every path to its one spelling before the app routes it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["PATH_INFO"] = one_spelling(environ.get("PATH_INFO") or "/")
        return self._app(environ, start_response)


def is_program_path(path: str) -> bool:
    """Whether programs call this path, and a page would be no answer."""
    return path.startswith(("/api/", "/v1")) or path == "/api"
