"""The paths by which people sign in to the dashboard."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request
from flask_login import current_user

from ...errors import NotSignedIn, PermissionDenied, TooManySignIns, Unavailable
from ...store.sessions import Session
from ...timestamps import iso
from ..bodies import STRANGER_LIMIT, read_json, read_stranger
from ..documentation import documented
from ..guards import Guard
from ..login import Login
from ..schemas import Empty, load
from ..schemas.admin import Credentials, SessionEnded, SessionShown, WaysIn


def blueprint(guard: Guard, login: Login) -> Blueprint:
    """``/api/admin``: log in, log out, who is there."""
    admin = Blueprint("admin", __name__, url_prefix="/api/admin")

    @admin.get("/login")
    @documented(answers=WaysIn)
    def show_ways_in() -> dict[str, bool]:
        """Show whether one is signed in, and how one may, beside a password."""
        return {
            "authenticated": current_user.is_authenticated,
            "google": login.takes_google,
        }

    @admin.post("/login")
    @documented(
        body=Credentials,
        answers=SessionShown,
        refuses=(NotSignedIn, PermissionDenied, TooManySignIns, Unavailable),
    )
    def log_in() -> dict[str, Any]:
        """Sign in to the dashboard. Failing often shuts an address out for a while."""
        given = load(Credentials(), read_stranger(request.environ))
        return describe(login.by_password(**given), login)

    @admin.post("/logout")
    @guard.session_required
    @documented(body=Empty, answers=SessionEnded)
    def log_out() -> dict[str, Any]:
        """Sign out of the dashboard."""
        load(Empty(), read_json(request.environ, STRANGER_LIMIT, empty={}))
        login.sign_out()
        return {"authenticated": False}

    @admin.get("/session")
    @guard.session_required
    @documented(answers=SessionShown)
    def show_session() -> dict[str, Any]:
        """Show who is signed in."""
        return describe(g.session, login)

    return admin


def describe(session: Session, login: Login) -> dict[str, Any]:
    """A session as the dashboard knows it."""
    return {
        "authenticated": True,
        "user": session.user,
        "expiresAt": iso(session.ends_at),
        "csrfToken": session.csrf_token,
        "simulated": login.is_simulated,
        "canLink": login.can_link,
    }
