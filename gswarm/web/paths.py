"""The spellings of a path that clients use, brought to one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BARE_MODEL_PATH = re.compile(r"/(chat/completions|models(/.*)?)")
"""Also served without ``/v1``: some clients are given the bare address."""


class OneSpelling:
    """Brings every path to its one spelling before the app routes it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["PATH_INFO"] = one_spelling(environ.get("PATH_INFO") or "/")
        return self._app(environ, start_response)


def one_spelling(path: str) -> str:
    """``//v1/models/`` and ``/models`` are both ``/v1/models``."""
    if "//" in path:
        path = re.sub("//+", "/", path)
    if path.endswith("/") and path != "/":
        path = path[:-1]
    return f"/v1{path}" if BARE_MODEL_PATH.fullmatch(path) else path


def speaks_openai(path: str) -> bool:
    """Whether errors at this path are worded as OpenAI words them."""
    return path.startswith("/v1/") or path in ("/v1", "/api/gswarm/chat")


def is_program_path(path: str) -> bool:
    """Whether programs call this path, and a page would be no answer."""
    return path.startswith(("/api/", "/v1")) or path == "/api"
