"""What a browser sees at the front door."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response

FRONTEND = Path(__file__).parents[2] / "frontend"


def blueprint() -> Blueprint:
    """``/``: a page that says what this address is for."""
    pages = Blueprint("pages", __name__)
    index = (FRONTEND / "index.html").read_bytes()

    @pages.get("/")
    def front_door() -> Response:
        return Response(index, mimetype="text/html")

    return pages
