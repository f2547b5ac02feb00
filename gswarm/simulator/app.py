"""The simulator assembled: every Google host's paths on one Flask app."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from . import authorize, cloud, code_assist, control, gemini_api, oauth, vertex
from .errors import encode, named
from .exchange import install
from .world import World


def create_app(world: World) -> Flask:
    """A WSGI app that answers as Google would, out of ``world``."""
    app = Flask(__name__, static_folder=None)
    # Cuts and hang-ups must reach the server as they are, not as a page of error 500.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    install(app, world)
    for part in (authorize, oauth, cloud, code_assist, gemini_api, vertex, control):
        app.register_blueprint(part.blueprint)
    app.register_error_handler(404, _lost)
    app.register_error_handler(405, _lost)
    return app


def _lost(error: HTTPException) -> Response:
    status, content_type, content, _ = encode(named("not_found_html"))
    return Response(content, error.code or status, content_type=content_type)
