"""The session cookie: signed, unreadable to scripts, and kept to our own pages."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from ..settings import Settings
from ..store.sessions import LIFE_SECONDS

NAME = "gswarm_session"


class SessionCookie(SecureCookieSessionInterface):
    """Flask's own, and ``Secure`` wherever the client came by https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure


def init_app(app: Flask, settings: Settings) -> None:
    """Let ``app`` keep sessions."""
    app.session_interface = SessionCookie()
    app.secret_key = settings.session_secret
    app.config.update(
        SESSION_COOKIE_NAME=NAME,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.global_url.startswith("https:"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=LIFE_SECONDS),
    )
