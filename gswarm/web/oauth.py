"""People go to Google and come back: from whom to expect what, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response
from flask import session as cookie

from ..accounts.enrolment import NO_PROJECT, Enrolled
from ..accounts.oauth_flow import CALLBACK, Linking
from ..errors import InvalidRequest, PermissionDenied
from ..settings import Settings
from ..store.audit import Audit
from ..store.oauth_states import Visit, Visits
from .guards import Guard
from .login import Login
from .outcome_page import outcome_page

COOKIE_FIELD = "visit"
"""Where the browser keeps the state of the visit that is to sign it in."""

UNKNOWN = (
    "This sign-in is over, was used before, or was never begun here. Begin again from "
    "the dashboard."
)


class Visiting:
    """Begins and ends visits to Google, in any process. Raises the `Refusal` to show.

    ``brought`` is the query of the address that somebody comes back to.
    """

    def __init__(
        self,
        guard: Guard,
        login: Login,
        visits: Visits,
        linking: Linking,
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
        self, who: str, login_hint: str | None, *, by_hand: bool = False
    ) -> tuple[str, str]:
        """Where somebody goes to link an account, and the visit's state.

        ``by_hand``: Google sends them to their own machine, the one address that every
        kind of OAuth client allows, and they bring it here.
        """
        home, port = self._settings.global_url, self._settings.port
        back = f"http://localhost:{port}" if by_hand else home
        visit = Visit("link", back + CALLBACK, login_hint, who)
        return self._begun(visit), visit.state

    def to_sign_in(self, login_hint: str | None) -> str:
        """Where somebody goes to show that they are one of the operators."""
        if not self._settings.admin_emails:
            raise PermissionDenied("GSWARM_ADMIN_EMAILS names nobody who may sign in.")
        visit = Visit("signin", self._settings.global_url + CALLBACK, login_hint)
        cookie[COOKIE_FIELD] = visit.state
        return self._begun(visit)

    def back(self, brought: Mapping[str, str]) -> Response:
        """What somebody sees who comes back."""
        visit = self._ended(brought)
        if visit.intent == "signin":
            return self._sign_in(visit, brought)
        return _linked_page(self._link(visit, brought))

    def brought_by_hand(self, brought: Mapping[str, str]) -> Enrolled:
        """The account of somebody who could not come back."""
        visit = self._ended(brought)
        if visit.intent != "link":
            raise InvalidRequest("This was to sign in, not to link an account.")
        return self._link(visit, brought)

    def _begun(self, visit: Visit) -> str:
        url = self._linking.address(visit)
        self._visits.begin(visit)
        return url

    def _ended(self, brought: Mapping[str, str]) -> Visit:
        visit = self._visits.end(brought.get("state", ""))
        if visit is None:
            raise InvalidRequest(UNKNOWN, code="unknown_state")
        return visit

    def _link(self, visit: Visit, brought: Mapping[str, str]) -> Enrolled:
        enrolled = self._linking.link(visit, brought)
        address, details = self._guard.address(), {"problem": enrolled.problem}
        self._audit.write(
            visit.who, "account.linked", enrolled.account, address, details
        )
        return enrolled

    def _sign_in(self, visit: Visit, brought: Mapping[str, str]) -> Response:
        """Nobody is signed in by an address that somebody else has sent them."""
        if cookie.pop(COOKIE_FIELD, None) != visit.state:
            home = self._settings.global_url
            raise PermissionDenied(
                f"This sign-in was not begun in this browser at {home}.",
                code="other_browser",
            )
        session = self._login.sign_in(self._linking.identify(visit, brought))
        title, welcome = "You are signed in", f"Welcome, {session.user}."
        return outcome_page(title, welcome, intent="signin", email=session.user)


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
