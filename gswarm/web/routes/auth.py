"""The ways by Google: linking an account, signing in as an operator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from ...accounts.enrolment import describe as describe_enrolled
from ...accounts.oauth_flow import read_address
from ...errors import (
    Conflict,
    NotSignedIn,
    PermissionDenied,
    Refusal,
    TooManySignIns,
    Unavailable,
    UpstreamError,
)
from ..bodies import read_json, read_stranger
from ..documentation import NOTHING, PAGE, documented
from ..guards import Guard
from ..login import Login
from ..oauth import SignInByGoogle
from ..outcome_page import outcome_page
from ..schemas import auth as schemas
from ..schemas import load
from ..schemas.accounts import Enrolled
from .admin import describe as describe_session

BODY_LIMIT = 64 * 1024


def blueprint(guard: Guard, login: Login, visiting: SignInByGoogle) -> Blueprint:
    """``/api/auth``: to Google, and back."""
    auth = Blueprint("auth", __name__, url_prefix="/api/auth")

    @auth.get("/google")
    @documented(
        query=schemas.SetOut,
        answers={302: NOTHING},
        refuses=(NotSignedIn, PermissionDenied, Conflict, Unavailable),
    )
    def set_out() -> Response:
        """Go to Google's consent page. To link an account (``intent=link``), which
        takes a session, or to sign in (``signin``) as one of GSWARM_ADMIN_EMAILS.
        ``project`` is the one to onboard an account with whose tier needs one; else it
        is the first of its own that works.

        With ``paste`` Google sends the browser to the person's own machine, and they
        bring the address where it ended to ``/api/auth/callback-url``.
        """
        asked = load(schemas.SetOut(), request.args)
        if asked["intent"] == "link":
            url = to_link(asked["login_hint"], asked["project"], asked["paste"])
        else:
            url = visiting.to_sign_in(asked["login_hint"])
        return Response(status=302, headers={"Location": url})

    @guard.session_required
    def to_link(login_hint: str | None, project: str | None, by_hand: bool) -> str:
        return visiting.to_link(g.session, login_hint, project, by_hand=by_hand)[0]

    @auth.get("/callback")
    @documented(
        query=schemas.CameBack,
        answers={302: NOTHING} | dict.fromkeys((200, 400, 403, 409, 502), PAGE),
        refuses=(Unavailable,),
    )
    def come_back() -> Response:
        """Come back from Google. A page tells the window that opened it, and closes."""
        callback_args = load(schemas.CameBack(), request.args)
        try:
            return visiting.back(callback_args)
        except Refusal as refusal:
            status, words = refusal.status, refusal.message
            title = "That did not work"
            return outcome_page(title, words, status=status, code=refusal.code)

    @auth.post("/login")
    @documented(
        body=schemas.BeginLogin,
        answers=schemas.BegunLogin,
        refuses=(
            NotSignedIn,
            PermissionDenied,
            Conflict,
            TooManySignIns,
            Unavailable,
        ),
    )
    def begin_login() -> dict[str, Any]:
        """Sign in and begin linking an account, in one step. For scripts."""
        given = load(schemas.BeginLogin(), read_stranger(request.environ))
        visiting.check()
        session = login.by_password(given["username"], given["password"])
        asked = given["login_hint"], given["project"]
        url, state = visiting.to_link(session, *asked)
        return {**describe_session(session, login), "authUrl": url, "state": state}

    @auth.post("/callback-url")
    @guard.session_required
    @documented(
        body=schemas.PastedAddress,
        answers=Enrolled,
        refuses=(Conflict, UpstreamError),
    )
    def bring_back() -> dict[str, Any]:
        """Finish linking by hand. Give the address where the browser has ended."""
        body = read_json(request.environ, BODY_LIMIT)
        given = load(schemas.PastedAddress(), body)
        return describe_enrolled(visiting.brought_by_hand(read_address(given["url"])))

    return auth
