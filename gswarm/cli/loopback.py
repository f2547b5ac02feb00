"""A moment's web server on this machine, for a browser that comes back from Google."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import click

from ..accounts.oauth_flow import read_address

HOST, PATH = "127.0.0.1", "/callback"
WAIT_SECONDS = 300.0
HEADERS_SECONDS = 5.0

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>GSwarm</title>
<h1>{title}</h1><p>{message}</p>
"""
DONE = ("Thank you", "You can close this page and go back to the terminal.")
STRANGE = ("Not this one", "This is not the sign-in that the terminal waits for.")


class Loopback(HTTPServer):
    """Waits for one visitor: whoever knows the state."""

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.state = ""
        self.callback_args: Mapping[str, str] | None = None

    @property
    def redirect_uri(self) -> str:
        """Where Google is to send the browser."""
        return f"http://{HOST}:{self.server_port}{PATH}"

    def wait(self, state: str) -> Mapping[str, str]:
        """What the browser brings; raises an error when it does not come."""
        self.state = state
        deadline = time.monotonic() + WAIT_SECONDS
        while self.callback_args is None:
            self.timeout = deadline - time.monotonic()
            if self.timeout <= 0:
                raise click.ClickException("Nobody came back from Google.")
            self.handle_request()
        return self.callback_args


@contextmanager
def loopback(port: int) -> Iterator[Loopback]:
    """Listen on a port of this machine, any free one for 0."""
    try:
        server = Loopback(port)
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {HOST}:{port}: {error.strerror}."
        ) from None
    with server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: Loopback
    timeout = HEADERS_SECONDS

    def do_GET(self) -> None:
        callback_args = read_address(self.path)
        is_path = self.path.partition("?")[0] == PATH
        shown = callback_args.get("state", "").encode()
        is_ours = is_path and hmac.compare_digest(shown, self.server.state.encode())
        if is_ours:
            self.server.callback_args = callback_args
        title, message = DONE if is_ours else STRANGE
        page = PAGE.format(title=title, message=message).encode()
        self.send_response(200 if is_ours else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address holds the code."""
