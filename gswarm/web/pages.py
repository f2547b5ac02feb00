"""What a browser sees at the front door."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response

from .documentation import PAGE, documented

FRONTEND = Path(__file__).parents[2] / "frontend"


def blueprint() -> Blueprint:
    """``/``: a page that says what this address is for."""
    pages = Blueprint("pages", __name__)
    index = (FRONTEND / "index.html").read_bytes()

    @pages.get("/")
    @documented(answers=PAGE)
    def front_door() -> Response:
        """The front page."""
        return Response(index, mimetype="text/html")

    return pages
