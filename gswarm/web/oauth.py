"""People go to Google and come back: from whom to expect what, and what comes of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import Response, redirect, request
from flask import session as cookie
from flask_login import current_user

from ..accounts.enrolment import NO_PROJECT, Enrolled
from ..accounts.oauth_flow import CALLBACK, OAuthFlow
from ..errors import InvalidRequest, PermissionDenied
from ..settings import Settings
from ..store.audit import Audit
from ..store.oauth_states import PendingAuth, PendingAuths
from ..store.sessions import Session
from ..urls import is_loopback
from .guards import Guard, current_session
from .login import Login
from .outcome_page import outcome_page

COOKIE_FIELD = "visit"
"""Where the browser keeps the visit that is to sign it in."""
SIGN_IN_STATE = "in."
"""How the states of such visits begin."""

UNKNOWN = (
    "This sign-in is over, was used before, or was never begun here. Begin again from "
    "the dashboard."
)


class SignInByGoogle:
    """Begins and ends visits to Google, in any process. Raises the `Refusal` to show.

    ``brought`` is the query of the address that somebody comes back to.
    """

    def __init__(
        self,
        guard: Guard,
        login: Login,
        visits: PendingAuths,
        linking: OAuthFlow,
        audit: Audit,
        settings: Settings,
    ) -> None:
        self._guard = guard
        self._login = login
        self._visits = visits
        self._linking = linking
        self._audit = audit
        self._settings = settings

    def check(self) -> None:
        """Raise `Conflict` where nobody can go to Google."""
        self._linking.check()

    def to_link(
        self,
        session: Session,
        login_hint: str | None,
        project: str | None,
        *,
        by_hand: bool = False,
    ) -> tuple[str, str]:
        """Where somebody goes to link an account, and the visit's state. Only their
        ``session`` can finish it. ``project`` is the one to onboard it with.

        ``by_hand``: Google sends them to their own machine, the one address that every
        kind of OAuth client allows, and they bring it here.
        """
        home, port = self._settings.global_url, self._settings.port
        back = f"http://localhost:{port}" if by_hand else home
        who, holder = session.user, session.holder
        visit = PendingAuth(
            "link",
            back + CALLBACK,
            login_hint,
            who,
            holder,
            project,
            begun_at=request.host_url.rstrip("/"),
        )
        url = self._linking.address(visit)
        self._visits.begin(visit)
        return url, visit.state

    def to_sign_in(self, login_hint: str | None) -> str:
        """Where somebody goes to show that they are one of the operators."""
        if not self._settings.admin_emails:
            raise PermissionDenied("GSWARM_ADMIN_EMAILS names nobody who may sign in.")
        visit = PendingAuth(
            "signin",
            self._settings.global_url + CALLBACK,
            login_hint,
            state=SIGN_IN_STATE + secrets.token_urlsafe(32),
        )
        url = self._linking.address(visit)
        cookie[COOKIE_FIELD] = self._visits.sealed(visit)
        return url

    def back(self, callback_args: Mapping[str, str]) -> Response:
        """What somebody sees who comes back."""
        if _state_of(callback_args).startswith(SIGN_IN_STATE):
            return self._sign_in(callback_args)
        if there := self._by_another_name(callback_args):
            query = request.query_string.decode("ascii", "replace")
            return redirect(f"{there}{CALLBACK}?{query}")  # type: ignore[return-value]
        return _linked_page(self._link(callback_args))

    def brought_by_hand(self, callback_args: Mapping[str, str]) -> Enrolled:
        """The account of somebody who could not come back."""
        if _state_of(callback_args).startswith(SIGN_IN_STATE):
            raise InvalidRequest("This was to sign in, not to link an account.")
        return self._link(callback_args)

    def _by_another_name(self, callback_args: Mapping[str, str]) -> str | None:
        """Where the browser has its cookie, if that is this very machine under another
        of its names: Google sends it to ``localhost``, somebody sits at 127.0.0.1."""
        visit = self._visits.look(_state_of(callback_args))
        if visit is None or visit.holder == _holder():
            return None
        here = request.host_url.rstrip("/")
        both_here = is_loopback(visit.begun_at) and is_loopback(here)
        return visit.begun_at if both_here and visit.begun_at != here else None

    def _ended(self, callback_args: Mapping[str, str]) -> PendingAuth:
        """The visit to link, where the one who comes back has begun it.

        Else it stays, for them to bring the address by hand.
        """
        state = _state_of(callback_args)
        visit = self._visits.look(state)
        if visit and visit.holder != _holder():
            raise PermissionDenied(
                "This was begun in another browser or session. Paste the address of "
                "this page there, or begin again here.",
                code="other_browser",
            )
        if visit is None or self._visits.end(state) is None:
            raise InvalidRequest(UNKNOWN, code="unknown_state")
        return visit

    def _link(self, callback_args: Mapping[str, str]) -> Enrolled:
        visit = self._ended(callback_args)
        enrolled = self._linking.link(visit, callback_args)
        address, details = self._guard.address(), {"problem": enrolled.problem}
        self._audit.write(
            visit.who, "account.linked", enrolled.account, address, details
        )
        return enrolled

    def _sign_in(self, callback_args: Mapping[str, str]) -> Response:
        """Nobody is signed in by an address that somebody else has sent them."""
        kept = cookie.pop(COOKIE_FIELD, None)
        visit = self._visits.unsealed(kept) if kept else None
        if visit is None or visit.state != _state_of(callback_args):
            home = self._settings.global_url
            raise PermissionDenied(
                f"This sign-in is over, or was not begun in this browser at {home}.",
                code="other_browser",
            )
        session = self._login.sign_in(self._linking.identify(visit, callback_args))
        title, welcome = "You are signed in", f"Welcome, {session.user}."
        return outcome_page(title, welcome, intent="signin", email=session.user)


def _state_of(callback_args: Mapping[str, str]) -> str:
    return callback_args.get("state", "")


def _holder() -> str | None:
    """The session of the one who comes back, if they are signed in."""
    return current_session().holder if current_user.is_authenticated else None


def _linked_page(enrolled: Enrolled) -> Response:
    works = enrolled.problem in (None, NO_PROJECT)
    number = len(enrolled.projects)
    return outcome_page(
        f"{enrolled.account} {'is linked' if works else 'cannot serve'}",
        enrolled.problem or f"Its projects in the pool: {number}.",
        status=200 if works else 403,
        action_url=enrolled.action_url,
        intent="link",
        email=enrolled.account,
    )
