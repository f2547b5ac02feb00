"""Who may call a path: an API key, somebody who is signed in, or either."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Literal, ParamSpec, TypeAlias, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from flask_login import current_user

from ..errors import InvalidKey, NotSignedIn, PermissionDenied, Refusal
from ..keys.api_keys import PLAYGROUND, ApiKeys
from ..limits.api_key import ApiKey
from ..limits.rate_limits import Admission
from ..settings import Settings
from ..store.connection import Store
from ..store.sessions import Session, Sessions
from .addresses import Addresses
from .documentation import Door, behind

Scope: TypeAlias = Literal["chat", "monitor", "admin"]
Counted: TypeAlias = Literal["at_the_door", "by_the_view", "never"]
Given = ParamSpec("Given")
Answer = TypeVar("Answer")
View: TypeAlias = Callable[Given, Answer]

GEMINI_PATH = re.compile(r"/(v1beta|upload|download|ws)(/.*)?")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Lets requests with a good credential through to a view.

    The view finds a key as ``flask.g.api_key``, a session as ``flask.g.session``, and
    for the audit log ``flask.g.who`` and ``flask.g.address``. A key that is known and
    refused leaves ``flask.g.key_name`` and ``key_id``, for the record. Views that ask
    the store themselves (chat) count a request on their own pipeline, and hand the
    admission to `admit`; what they refuse before that is counted here.
    """

    def __init__(
        self,
        app: Flask,
        keys: ApiKeys,
        sessions: Sessions,
        store: Store,
        settings: Settings,
    ) -> None:
        self._keys = keys
        self._store = store
        self._sessions = sessions
        self._addresses = Addresses(settings.trusted_proxies)
        self._home = origin_of(settings.global_url)
        app.after_request(_add_limits)

    def needs(
        self, scope: Scope, *, counted: Counted = "at_the_door"
    ) -> Callable[[View[Given, Answer]], View[Given, Answer]]:
        """A decorator: only with a key of this scope, counted as one of its requests.

        The model paths (scope ``chat``) open to the dashboard's Playground, too.
        Raises what `ApiKeys.identify` and `ApiKeys.check` raise, `PermissionDenied`
        without the scope, `RateLimitExceeded` beyond the limits.
        """

        def guarded(view: View[Given, Answer]) -> View[Given, Answer]:
            @wraps(view)
            def checked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
                self._enter_by_key(scope, counts=counted == "at_the_door")
                try:
                    return view(*args, **kwargs)
                except PermissionDenied:
                    raise  # what a key may not ask is told before how much it may ask
                except Refusal:
                    if counted == "by_the_view" and "admission" not in g:
                        self._count(g.api_key)
                    raise

            return behind(Door(scope, pages=scope == "chat"), checked)

        return guarded

    def session_required(self, view: View[Given, Answer]) -> View[Given, Answer]:
        """A decorator: only for somebody who is signed in, changes only from our pages.

        Raises `NotSignedIn`, or `PermissionDenied` for a change without CSRF token.
        """

        @wraps(view)
        def checked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            self._enter_by_session()
            return view(*args, **kwargs)

        return behind(Door(sessions=True), checked)

    def key_or_session(
        self, scope: Scope, *, writes: Scope | None = None
    ) -> Callable[[View[Given, Answer]], View[Given, Answer]]:
        """A decorator: with a key of this scope (for changes, of the scope ``writes``),
        or signed in. Raises what `needs` and `session_required` raise."""

        def guarded(view: View[Given, Answer]) -> View[Given, Answer]:
            @wraps(view)
            def checked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
                if shown_key(request) is None and current_user.is_authenticated:
                    self._enter_by_session()
                else:
                    needed = writes if writes and _is_change() else scope
                    self._enter_by_key(needed, counts=True)
                return view(*args, **kwargs)

            return behind(Door(scope, writes, sessions=True), checked)

        return guarded

    def confirm(self) -> None:
        """Look at the key or session once more, for what stays open: either may have
        ended since. Raises what `ApiKeys.confirm` raises, and `NotSignedIn`."""
        if "api_key" in g:
            self._keys.confirm(g.api_key)
        elif self._sessions.find(g.session.id) is None:
            raise NotSignedIn("This session is over.")

    def address(self) -> str:
        """Where the current request comes from."""
        return self._addresses.of(
            request.remote_addr or "", request.headers.get("X-Forwarded-For")
        )

    def check_origin(self) -> None:
        """Raise `PermissionDenied` where a page of somebody else's asks."""
        origin = request.headers.get("Origin")
        if origin is None or origin == self._home:
            return
        if origin.partition("://")[2] != request.host:
            raise PermissionDenied(
                "This request comes from a page of another site.", code="wrong_origin"
            )

    def _enter_by_key(self, scope: Scope, counts: bool) -> None:
        g.address = self.address()
        key = self._identify(scope)
        g.key_name, g.key_id = key.name, key.id
        self._keys.check(key, address=g.address, path=request.path)
        if scope not in key.scopes:
            raise PermissionDenied(f"This API key lacks the scope `{scope}`.")
        g.api_key, g.who = key, f"key:{key.name}"
        if counts:
            self._count(key)

    def _identify(self, scope: Scope) -> ApiKey:
        """The key that the current request shows, whatever it may do."""
        shown = shown_keys(request)
        if not shown and scope == "chat" and current_user.is_authenticated:
            self._check_page()
            return PLAYGROUND
        for raw in shown[:-1]:
            # Clients that are given a token fill the other header with a stale key.
            with suppress(InvalidKey):
                return self._keys.identify(raw)
        return self._keys.identify(shown[-1] if shown else None)

    def _enter_by_session(self) -> None:
        if not current_user.is_authenticated:
            raise NotSignedIn("Sign in to the dashboard; no API key opens this path.")
        if _is_change():
            self._check_page()
        g.address = self.address()
        g.session = session = current_session()
        g.who = session.user

    def _check_page(self) -> None:
        """Raise `PermissionDenied` unless a page of our own asks."""
        self.check_origin()
        shown = request.headers.get("X-CSRF-Token", "")
        expected = current_session().csrf_token
        if not hmac.compare_digest(shown.encode(), expected.encode()):
            raise PermissionDenied(
                "The X-CSRF-Token header is missing or not this session's.",
                code="wrong_csrf_token",
            )

    def _count(self, key: ApiKey) -> None:
        with self._store.pipeline() as pipe:
            admission = self._keys.admit(pipe, key, generates=False)
            admit(admission.among(pipe.execute()))


def current_session() -> Session:
    """The session of the current request, which has one."""
    session: Session = current_user.session
    return session


def origin_of(url: str) -> str:
    """``https://host:port`` of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def admit(admission: Admission) -> None:
    """Let the answer carry the key's limits; raises the refusal if there is one."""
    g.admission = admission
    admission.check()


def shown_key(shown: Request) -> str | None:
    """The key a request shows first, if any."""
    return next(iter(shown_keys(shown)), None)


def shown_keys(shown: Request) -> list[str]:
    """The keys a request shows, each once, wherever its dialect puts them.

    ``x-api-key`` (Anthropic) before ``Authorization: Bearer`` (OpenAI), as Anthropic
    has it, then ``x-goog-api-key`` and, on Gemini's own paths alone, ``?key=``: queries
    end up in other people's logs.
    """
    scheme, _, bearer = shown.headers.get("Authorization", "").partition(" ")
    found = [
        shown.headers.get("x-api-key"),
        bearer.strip() if scheme.lower() == "bearer" else None,
        shown.headers.get("x-goog-api-key"),
        shown.args.get("key") if GEMINI_PATH.fullmatch(shown.path) else None,
    ]
    return list(dict.fromkeys(filter(None, found)))


def _is_change() -> bool:
    return request.method not in SAFE_METHODS


def _add_limits(response: Response) -> Response:
    admission: Admission | None = g.get("admission")
    if admission:
        response.headers.update(admission.headers)
    return response
