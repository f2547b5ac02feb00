"""Google's consent page: the way to it, and the worth of what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from .. import __version__
from ..errors import AuthFailure, ServerFailure
from .endpoints import Endpoints
from .json_client import TIMEOUTS, what_failed
from .oauth import Grant, OAuthClient, read_grant

WHO = ("openid", "https://www.googleapis.com/auth/userinfo.email")
"""Scopes that tell who somebody is."""

CLOUD = "https://www.googleapis.com/auth/cloud-platform"
EVERYTHING = (*WHO, "https://www.googleapis.com/auth/userinfo.profile", CLOUD)
"""Scopes of an account that is to serve: it may be called while nobody is there."""


class Consent:
    """Authorization codes with PKCE, method S256 (RFC 7636)."""

    def __init__(
        self, endpoints: Endpoints, clock: Callable[[], float] = time.time
    ) -> None:
        self._endpoints = endpoints
        self._clock = clock

    def address(
        self,
        client: OAuthClient,
        redirect_uri: str,
        state: str,
        verifier: str,
        *,
        to_serve: bool,
        login_hint: str | None = None,
    ) -> str:
        """The page where somebody consents: to telling who they are or, ``to_serve``,
        to everything, anew even if they did before, so that a refresh token comes."""
        asked: dict[str, str] = {"login_hint": login_hint} if login_hint else {}
        if to_serve:
            asked |= {"access_type": "offline", "prompt": "consent"}
        else:
            asked |= {"prompt": "select_account"}
        with _session(client, redirect_uri) as session:
            url, _ = session.create_authorization_url(
                self._endpoints.authorize_url,
                state=state,
                code_verifier=verifier,
                scope=" ".join(EVERYTHING if to_serve else WHO),
                **asked,
            )
        return str(url)

    def redeem(
        self, client: OAuthClient, redirect_uri: str, code: str, verifier: str
    ) -> tuple[Grant, frozenset[str]]:
        """What a code is worth, once, and the scopes that were ticked.

        Raises `AuthFailure` with Google's words where it is worth nothing,
        `ServerFailure` when Google does not answer.
        """
        asked_at = self._clock()
        try:
            with _session(client, redirect_uri) as session:
                reply: Mapping[str, Any] = session.fetch_token(
                    self._endpoints.token_url,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    timeout=TIMEOUTS,
                    allow_redirects=False,
                )
        except AuthlibBaseError as error:
            words = f"{error.error}: {error.description or 'no reason given'}"
            raise AuthFailure(words) from None
        except (requests.RequestException, ValueError) as error:
            why = what_failed(error)
            raise ServerFailure(f"Google did not redeem the code: {why}.") from None
        return read_grant(reply, asked_at), frozenset(str(reply.get("scope")).split())


def _session(client: OAuthClient, redirect_uri: str) -> Any:
    session = OAuth2Session(
        client.client_id,
        client.client_secret,
        redirect_uri=redirect_uri,
        token_endpoint_auth_method="client_secret_post",  # noqa: S106
        code_challenge_method="S256",
    )
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"gswarm/{__version__}"
    return session
