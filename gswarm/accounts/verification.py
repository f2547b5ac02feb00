"""Ask Google what an import entry is worth, before any of it is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..errors import (
    AccessExpired,
    AuthFailure,
    CredentialRejected,
    InvalidRequest,
    Verdict,
)
from ..google.api_keys import ApiKeyCheck
from ..google.code_assist import CodeAssist
from ..google.oauth import OAuth, OAuthClient
from ..google.traits import CLOUDCODE
from .discovery import Discovery, Found
from .import_file import Entry, GoogleEntry, KeyEntry
from .onboarding import Onboarding

logger = logging.getLogger(__name__)

RANKS = (True, None, False)
"""Whether a project's API is enabled: what is tried first."""


@dataclass(slots=True)
class Verified:
    """What was learnt of an entry.

    ``account`` is an e-mail, or an API key's name; "" where a dead credential did not
    tell. ``credential`` holds the fields to store, in clear. ``problem`` is why Google
    refuses it, if it does.
    """

    account: str
    upstream: str
    credential: dict[str, str] = field(repr=False)
    tier: str = ""
    found: list[Found] = field(default_factory=list)
    problem: AuthFailure | None = None


class Verification:
    """Signs entries in, onboards them and finds their projects.

    ``client`` is the operator's own, for entries without one.
    """

    def __init__(
        self,
        oauth: OAuth,
        code_assist: CodeAssist,
        api_keys: ApiKeyCheck,
        discovery: Discovery,
        *,
        client: OAuthClient | None = None,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._oauth = oauth
        self._code_assist = code_assist
        self._api_keys = api_keys
        self._discovery = discovery
        self._client = client
        self._wait = wait

    def verify(self, entry: Entry) -> Verified:
        """All that Google says of an entry; raises `ServerFailure` when it is mute."""
        if isinstance(entry, KeyEntry):
            return self._verify_key(entry)
        verified = Verified(
            entry.email or "",
            CLOUDCODE.name,
            _credential(entry),
            found=_given(entry),
        )
        try:
            self._verify_google(entry, verified)
        except AuthFailure as refusal:
            verified.problem = refusal
        return verified

    def _verify_key(self, entry: KeyEntry) -> Verified:
        found = [Found(entry.project, entry.name, None)]
        credential = {"api_key": entry.api_key}
        verified = Verified(entry.account, entry.upstream, credential, found=found)
        try:
            self._api_keys.check(entry.api_key)
        except AccessExpired as refusal:
            verified.problem = CredentialRejected(refusal.message, status=401)
        except AuthFailure as refusal:
            verified.problem = refusal
        return verified

    def _verify_google(self, entry: GoogleEntry, verified: Verified) -> None:
        grant = self._oauth.refresh(self._client_of(entry), entry.refresh_token)
        token = grant.access_token
        verified.account = verified.account or self._oauth.person(token).email
        verified.credential |= {
            "refresh_token": grant.refresh_token or entry.refresh_token,
            "access_token": token,
            "expiry_date": str(int(grant.expires_at * 1000)),
        }
        own = _given(entry) or self._listed(token)
        named = self._chosen(token, entry, own)
        verified.found = own
        onboarding = Onboarding(self._code_assist, token, wait=self._wait)
        onboarded = onboarding.run(named, [project.id for project in own])
        verified.tier = onboarded.tier
        if not entry.projects:
            made = onboarded.project_id
            told = [named, made and self._id_of(token, made, own)]
            verified.found = own + _unlisted(told, own)

    def _listed(self, access_token: str) -> list[Found]:
        """The account's projects, those that can serve first."""
        try:
            listed = self._discovery.projects(access_token)
        except Verdict as verdict:
            logger.warning("the projects cannot be listed: %s", verdict.message)
            return []
        return sorted(listed, key=lambda found: RANKS.index(found.api_enabled))

    def _id_of(
        self, access_token: str, project: str, own: Sequence[Found]
    ) -> str | None:
        """A project's id, though it was told by its number; None where nobody knows."""
        if not project.isdecimal():
            return project
        known = (found.id for found in own if found.number == project)
        return next(known, None) or self._discovery.id_of(access_token, project)

    def _chosen(
        self, access_token: str, entry: GoogleEntry, own: Sequence[Found]
    ) -> str | None:
        """The id of the project to onboard with, where the entry names one."""
        if entry.project is None:
            return None
        chosen = self._id_of(access_token, entry.project, own)
        if chosen is None:
            words = f"Google tells of no project {entry.project}; name it by its id."
            raise InvalidRequest(words, param="project")
        return chosen

    def _client_of(self, entry: GoogleEntry) -> OAuthClient:
        if entry.client_id:
            return OAuthClient(entry.client_id, entry.client_secret or "")
        if self._client is None:
            raise InvalidRequest(
                "client_id is missing, and GOOGLE_CLIENT_ID is not set.",
                param="client_id",
            )
        return self._client


def _given(entry: GoogleEntry) -> list[Found]:
    return [Found(each, each, None, stays=True) for each in entry.projects]


def _unlisted(told: Iterable[str | None], own: Sequence[Found]) -> list[Found]:
    """Projects that Google did not list: they stay, whoever named them."""
    known = {found.id for found in own}
    missing = dict.fromkeys(each for each in told if each and each not in known)
    return [Found(each, each, True, stays=True) for each in missing]


def _credential(entry: GoogleEntry) -> dict[str, str]:
    """The fields that are stored; none for what the entry lacks."""
    fields = {
        "refresh_token": entry.refresh_token,
        "client_id": entry.client_id,
        "client_secret": entry.client_secret,
    }
    return {name: value for name, value in fields.items() if value}
