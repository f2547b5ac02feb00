"""Signing in to the dashboard, and out."""

from __future__ import annotations

import hmac
import logging
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask
from flask import session as cookie
from flask_login import LoginManager, current_user, login_user, logout_user
from gevent.threadpool import ThreadPool

from ..errors import NotSignedIn, PermissionDenied, TooManySignIns
from ..settings import Settings
from ..store.audit import Audit
from ..store.secret_files import is_admin_password
from ..store.sessions import Session, Sessions
from ..store.sign_ins import Attempt, SignIns
from . import cookies
from .guards import Guard, current_session

logger = logging.getLogger(__name__)

SLOWED_SECONDS = 1.0
BY_GOOGLE = "google"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, as flask-login sees them."""

    session: Session
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.session.id


class Login:
    """Begins and ends the sessions of one app's dashboard."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        guard: Guard,
        sessions: Sessions,
        sign_ins: SignIns,
        audit: Audit,
    ) -> None:
        self._settings = settings
        self._guard = guard
        self._sessions = sessions
        self._sign_ins = sign_ins
        self._audit = audit
        self._password_marks = _marks_of_password(settings)
        # One password at a time: hashing one takes 0.1 s and 32 MB by design, and the
        # streams of this process must not wait for it.
        self._hashing = ThreadPool(1)
        cookies.init_app(app, settings)
        # Without `init_app`, which would have every answer vary by cookie.
        app.login_manager = manager = LoginManager()  # type: ignore[attr-defined]
        manager.session_protection = None
        manager.user_loader(self._visitor)

    @property
    def takes_google(self) -> bool:
        """Whether anybody may sign in by Google."""
        return bool(self._settings.admin_emails and self._settings.google_client_id)

    @property
    def can_link(self) -> bool:
        """Whether there is an OAuth client by which accounts can be linked."""
        given = self._settings.google_client_id and self._settings.google_client_secret
        return bool(given)

    @property
    def is_simulated(self) -> bool:
        """Whether another address stands in for Google's."""
        return self._settings.google_base_url is not None

    def by_password(self, username: str, password: str) -> Session:
        """Sign in whoever knows the password.

        Raises `NotSignedIn`, or `TooManySignIns` when the address has failed often.
        """
        self._guard.check_origin()
        attempt = self._attempt()
        if not self._is_admin(username, password):
            self._note_failure(attempt)
            raise NotSignedIn(
                "This user name and password do not belong together.",
                code="wrong_password",
            )
        self._sign_ins.succeed(attempt)
        return self._begin(username, self._password_marks[0], "password")

    def sign_in(self, email: str) -> Session:
        """Sign in whom Google vouches for: an address of theirs that it has verified.

        Raises `PermissionDenied` unless ``GSWARM_ADMIN_EMAILS`` names it.
        """
        email = email.lower()
        if email not in self._settings.admin_emails:
            raise PermissionDenied(f"{email} may not sign in here.")
        return self._begin(email, BY_GOOGLE, "Google")

    def sign_out(self) -> None:
        """End the session of the current request."""
        session = current_session()
        self._sessions.end(session.id)
        self._audit.write(session.user, "session.ended", address=self._guard.address())
        logout_user()
        cookie.clear()

    def _begin(self, user: str, proof: str, way: str) -> Session:
        """Begin a session in the answer to the current request, in place of another."""
        if current_user.is_authenticated:
            self._sessions.end(current_session().id)
        session = self._sessions.begin(user, proof)
        address = self._guard.address()
        self._audit.write(user, "session.began", address=address, details={"by": way})
        cookie.clear()
        cookie.permanent = True
        login_user(Visitor(session))
        return session

    def _visitor(self, session_id: str) -> Visitor | None:
        """Who shows this id, unless their session is over or they may not be here any
        more: the password was changed, or their e-mail taken off the list."""
        session = self._sessions.find(session_id)
        if session is None or not self._may_stay(session):
            return None
        return Visitor(session)

    def _may_stay(self, session: Session) -> bool:
        if session.proof == BY_GOOGLE:
            return session.user in self._settings.admin_emails
        is_admin = session.user == self._settings.admin_username
        return is_admin and session.proof in self._password_marks

    def _attempt(self) -> Attempt:
        source = network_of(self._guard.address())
        attempt = self._sign_ins.begin(source)
        if attempt.wait_seconds:
            raise TooManySignIns(
                "Too many failed sign-ins from your address. Try again later.",
                retry_after=attempt.wait_seconds,
            )
        if attempt.is_slowed:
            time.sleep(SLOWED_SECONDS)
        return attempt

    def _is_admin(self, username: str, password: str) -> bool:
        """Takes as long for a wrong name as for a wrong password."""
        is_name = hmac.compare_digest(
            username.encode(), self._settings.admin_username.encode()
        )
        is_password: bool = self._hashing.apply(
            is_admin_password, (self._settings, password)
        )
        return is_name and is_password

    def _note_failure(self, attempt: Attempt) -> None:
        """Only an address that is shut out is worth a line of the audit log."""
        address = self._guard.address()
        logger.warning("A sign-in failed.", extra={"fields": {"address": address}})
        if attempt.is_last:
            self._audit.write_of_stranger("address.shut_out", attempt.source, address)


def network_of(address: str) -> str:
    """What one person holds of the address space: an IPv4 address, an IPv6 /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address


def _marks_of_password(settings: Settings) -> list[str]:
    """Tell today's password from yesterday's; one for each secret, today's first.

    One that GSwarm made for itself has none: several machines have each their own, and
    their sessions in common.
    """
    password = b"password" + (settings.admin_password or "").encode()
    return [
        hmac.digest(secret.encode(), password, "sha256").hex()[:32]
        for secret in settings.session_secret
    ]
