"""Google's OAuth endpoints: access tokens, whose they are, and their end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import AuthFailure, NotLoggedIn, ServerFailure, Verdict
from ..settings import Settings
from .endpoints import Endpoints
from .json_client import Answer, JsonClient
from .verdict import read_error

DEFAULT_SECONDS = 3599
"""How long an access token lives when the reply does not say."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The operator's own OAuth client, under which an account signed in."""

    client_id: str
    client_secret: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> OAuthClient | None:
        """The one the operator set, if they did."""
        if not settings.google_client_id or not settings.google_client_secret:
            return None
        return cls(settings.google_client_id, settings.google_client_secret)


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the epoch second it ends.

    A ``refresh_token`` comes with the consent; where one comes with a refresh as well,
    which is rare, it takes the place of the old one (OAuth docs).
    """

    access_token: str = field(repr=False)
    expires_at: float
    refresh_token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose token it is; ``is_verified``: Google knows that the address is theirs."""

    email: str
    is_verified: bool


class OAuth:
    """The token endpoint and its neighbours."""

    def __init__(
        self,
        rest: JsonClient,
        endpoints: Endpoints,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rest = rest
        self._endpoints = endpoints
        self._clock = clock

    def refresh(self, client: OAuthClient, refresh_token: str) -> Grant:
        """A new access token; `NotLoggedIn` when the refresh token is dead."""
        form = {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "refresh_token": refresh_token,
            "grant_type": "refresh_token",
        }
        asked_at = self._clock()
        answer = self._rest.submit(self._endpoints.token_url, form)
        if answer.status != 200:
            raise _refusal(answer, self._clock())
        return read_grant(answer.json(), asked_at)

    def person(self, access_token: str) -> Person:
        """Who is behind a token; their e-mail in lower case."""
        profile = self._rest.get(self._endpoints.userinfo_url, access_token)
        email = profile.get("email")
        if not isinstance(email, str) or not email:
            raise ServerFailure("Google did not say whose credential this is.")
        return Person(email.lower(), profile.get("verified_email") is True)

    def revoke(self, token: str) -> None:
        """End a token and its whole grant; one that is dead already is fine."""
        answer = self._rest.submit(self._endpoints.revoke_url, {"token": token})
        error = (answer.fields() or {}).get("error")
        if answer.status != 200 and error != "invalid_token":
            raise _refusal(answer, self._clock())


def read_grant(reply: Mapping[str, Any], asked_at: float) -> Grant:
    """The token endpoint's good reply; raises `ServerFailure` where it is none."""
    access_token = reply.get("access_token")
    if not isinstance(access_token, str) or not access_token:
        raise ServerFailure("The token endpoint sent no access token.")
    refresh_token = reply.get("refresh_token")
    if not isinstance(refresh_token, str) or not refresh_token:
        refresh_token = None
    seconds = reply.get("expires_in")
    if not isinstance(seconds, int | float):
        seconds = DEFAULT_SECONDS
    return Grant(access_token, asked_at + seconds, refresh_token)


def _refusal(answer: Answer, now: float) -> Verdict:
    """RFC 6749's ``{error, error_description}``; anything else is judged as usual."""
    fields = answer.fields() or {}
    error = fields.get("error")
    if not isinstance(error, str) or answer.status >= 500 or answer.status == 429:
        verdict = read_error(answer.status, answer.headers, answer.body, now)
        is_ours = isinstance(verdict, ServerFailure | AuthFailure)
        return verdict if is_ours else ServerFailure(verdict.message)
    message = f"{error}: {fields.get('error_description') or 'no reason given'}"
    kind = NotLoggedIn if error == "invalid_grant" else AuthFailure
    return kind(message, status=answer.status)
