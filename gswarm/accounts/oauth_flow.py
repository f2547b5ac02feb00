"""People sign in at Google: to link their account, or to show who they are."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from .. import urls
from ..errors import (
    AuthFailure,
    Conflict,
    InvalidRequest,
    PermissionDenied,
    Refusal,
    UpstreamError,
    Verdict,
)
from ..google.consent import CLOUD, Consent
from ..google.oauth import Grant, OAuth, OAuthClient
from ..store.oauth_states import PendingAuth
from .enrolment import Enrolled, Enrolment
from .import_file import GoogleEntry

CALLBACK = "/api/auth/callback"
"""Where on a gateway people come back to."""

NO_CLIENT = (
    "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are not set. Nobody can sign in at "
    "Google before the operator of this gateway has made an OAuth client there."
)
BEGIN_AGAIN = "Nothing has changed; begin again."


class OAuthFlow:
    """Sends people to Google and makes something of what they bring back.

    All of it raises the `Refusal` that tells a person what went wrong. Nothing is
    stored of an account before all is known that is needed.
    """

    def __init__(
        self,
        consent: Consent,
        oauth: OAuth,
        enrolment: Enrolment,
        client: OAuthClient | None,
    ) -> None:
        self._consent = consent
        self._oauth = oauth
        self._enrolment = enrolment
        self._given_client = client

    def check(self) -> None:
        """Raise `Conflict` where nobody can be sent to Google."""
        _ = self._client

    def address(self, visit: PendingAuth) -> str:
        """Where the visit begins: Google's consent page."""
        return self._consent.address(
            self._client,
            visit.redirect_uri,
            visit.state,
            visit.verifier,
            to_serve=visit.intent == "link",
            login_hint=visit.email,
        )

    def link(self, visit: PendingAuth, callback_args: Mapping[str, str]) -> Enrolled:
        """Put the account of whoever comes back into the pool, or repair it.

        ``brought`` is the query of the address they come back to.
        """
        grant, scopes = self._redeem(visit, callback_args)
        if CLOUD not in scopes:
            raise InvalidRequest(
                "Access to Google Cloud was not ticked at Google, and without it the "
                f"account cannot serve. {BEGIN_AGAIN}",
                code="scope_missing",
            )
        if grant.refresh_token is None:
            raise InvalidRequest(
                f"Google sent no refresh token. {BEGIN_AGAIN}", code="no_refresh_token"
            )
        email = self._whose(visit, grant)
        entry = GoogleEntry(email, grant.refresh_token, project=visit.project)
        return self._enrolment.enrol(entry)

    def identify(self, visit: PendingAuth, callback_args: Mapping[str, str]) -> str:
        """The e-mail of whoever comes back, which Google has verified."""
        grant, _ = self._redeem(visit, callback_args)
        return self._whose(visit, grant)

    @property
    def _client(self) -> OAuthClient:
        if self._given_client is None:
            raise Conflict(NO_CLIENT, code="no_google_client")
        return self._given_client

    def _redeem(
        self, visit: PendingAuth, callback_args: Mapping[str, str]
    ) -> tuple[Grant, frozenset[str]]:
        if "code" not in callback_args:
            raise _not_granted(callback_args.get("error", "no code"))
        try:
            return self._consent.redeem(
                self._client, visit.redirect_uri, callback_args["code"], visit.verifier
            )
        except AuthFailure as refusal:
            words = f"Google does not accept this sign-in ({refusal.message})."
            raise InvalidRequest(
                f"{words} {BEGIN_AGAIN}", code="code_refused"
            ) from None
        except Verdict as verdict:
            raise _mute(verdict) from None

    def _whose(self, visit: PendingAuth, grant: Grant) -> str:
        try:
            person = self._oauth.person(grant.access_token)
        except Verdict as verdict:
            raise _mute(verdict) from None
        if not person.is_verified:
            raise PermissionDenied(f"Google has not verified {person.email}.")
        if visit.email and person.email != visit.email.lower():
            raise InvalidRequest(
                f"You signed in as {person.email}, not as {visit.email}. {BEGIN_AGAIN}",
                code="wrong_account",
            )
        return person.email


def read_address(url: str) -> dict[str, str]:
    """What somebody brought back, from the address their browser ended on."""
    try:
        query = parse_qs(urls.split(url.strip()).query)
    except ValueError:
        return {}
    return {name: values[0] for name, values in query.items()}


def _not_granted(error: str) -> Refusal:
    """Google's ``error``, or why there is neither code nor error."""
    if error == "access_denied":
        words = f"Access was not granted at Google. {BEGIN_AGAIN}"
        return PermissionDenied(words, code="consent_denied")
    words = f"Google broke the sign-in off ({error[:200]}). {BEGIN_AGAIN}"
    return InvalidRequest(words, code="consent_failed")


def _mute(verdict: Verdict) -> UpstreamError:
    return UpstreamError(f"{verdict.message} {BEGIN_AGAIN}", code="google_unavailable")
