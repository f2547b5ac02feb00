"""The session cookie: signed, unreadable to scripts, and kept to our own pages."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, Response, request
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
)

from ..settings import Settings
from ..store.sessions import LIFE_SECONDS

NAME = "gswarm_session"


class SessionCookie(SecureCookieSessionInterface):
    """Flask's own, free for clients without cookies, and ``Secure`` for those that
    came by https."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(
        self, app: Flask, session: SessionMixin, response: Response
    ) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure


def init_app(app: Flask, settings: Settings) -> None:
    """Let ``app`` keep sessions."""
    app.session_interface = SessionCookie()
    app.secret_key, *former = settings.session_secret
    app.config.update(
        SECRET_KEY_FALLBACKS=former,
        SESSION_COOKIE_NAME=NAME,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.global_url.startswith("https:"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=LIFE_SECONDS),
    )
