"""What a browser sees: static pages, and the files they are made of."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from .documentation import PAGE, Media, documented

FRONTEND = Path(__file__).parents[2] / "frontend"


def blueprint() -> Blueprint:
    """``/``, ``/docs``, ``/static``: files as they are, checked for news each time."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    @documented(answers=PAGE)
    def front_door() -> Response:
        """The front page."""
        return send_from_directory(FRONTEND, "index.html")

    @pages.get("/docs")
    @documented(answers=PAGE)
    def docs() -> Response:
        """This description of the API, to read."""
        return send_from_directory(FRONTEND, "docs/index.html")

    @pages.get("/static/<path:name>")
    @documented(answers=Media("*/*"))
    def static(name: str) -> Response:
        """A file that the pages are made of."""
        return send_from_directory(FRONTEND, name)

    return pages


def not_found() -> Response:
    """The page for an address where there is nothing."""
    page = (FRONTEND / "not-found.html").read_bytes()
    return Response(page, 404, mimetype="text/html")
