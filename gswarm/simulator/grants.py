"""What OAuth has handed out: codes, access tokens and refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from .clock import Clock

CLIENT_ID = "sim-client.apps.example"
CLIENT_SECRET = "sim-client-secret"  # noqa: S105 (opens nothing but this simulator)

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
USUAL_SCOPES = (
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
    CLOUD_PLATFORM,
)
CODE_SECONDS = 600


@dataclass(frozen=True)
class Grant:
    """What an account allowed a client to do, and the refresh token of it, if any."""

    email: str
    client_id: str
    scopes: tuple[str, ...]
    refresh_token: str = ""
    nonce: str = ""


@dataclass(frozen=True)
class Code:
    """An authorization code: to whom it may be given, once."""

    grant: Grant
    redirect_uri: str
    challenge: str
    challenge_method: str
    expires_at: float

    def accepts(self, verifier: str) -> bool:
        """Whether the PKCE verifier is the one the challenge was made from."""
        if self.challenge_method == "plain":
            return verifier == self.challenge
        digest = hashlib.sha256(verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge


@dataclass(frozen=True)
class AccessToken:
    """A bearer token and when it dies."""

    grant: Grant
    expires_at: float


@dataclass
class Grants:
    """All that is valid now. What is not in here is worth nothing."""

    clock: Clock
    clients: dict[str, str] = field(
        default_factory=lambda: {CLIENT_ID: CLIENT_SECRET},
    )
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    consented: set[tuple[str, str]] = field(default_factory=set)

    def sign_in(self, email: str) -> str:
        """Consent to everything at once; returns the refresh token."""
        return self.remember(Grant(email, CLIENT_ID, USUAL_SCOPES)).refresh_token

    def remember(self, grant: Grant) -> Grant:
        """The grant with a new refresh token of its own."""
        token = f"sim-refresh-{secrets.token_hex(16)}"
        kept = Grant(grant.email, grant.client_id, grant.scopes, token, grant.nonce)
        self.refresh[token] = kept
        self.consented.add((grant.email, grant.client_id))
        return kept

    def offer(
        self, grant: Grant, redirect_uri: str, challenge: str, challenge_method: str
    ) -> str:
        """A code good for one exchange within ten minutes."""
        code = f"sim-code-{secrets.token_hex(16)}"
        expires_at = self.clock() + CODE_SECONDS
        self.codes[code] = Code(
            grant, redirect_uri, challenge, challenge_method, expires_at
        )
        return code

    def issue(self, grant: Grant, seconds: int) -> str:
        """A fresh access token."""
        token = f"sim-access-{secrets.token_hex(24)}"
        self.access[token] = AccessToken(grant, self.clock() + seconds)
        return token

    def bearer(self, token: str) -> AccessToken | None:
        """The access token, unless it is unknown, revoked or past its time."""
        held = self.access.get(token)
        return held if held and held.expires_at > self.clock() else None

    def revoke(self, token: str) -> bool:
        """End a token and all of its grant; False if it is worth nothing already."""
        if token in self.access:
            refresh_token = self.access.pop(token).grant.refresh_token
        else:
            refresh_token = token
        grant = self.refresh.pop(refresh_token, None)
        if grant:
            self._forget_access(refresh_token)
            self.consented.discard((grant.email, grant.client_id))
        return bool(grant) or refresh_token != token

    def revoke_account(self, email: str) -> None:
        """End every grant of an account, as its owner can at Google."""
        for token in [t for t, g in self.refresh.items() if g.email == email]:
            self.revoke(token)
        self.expire_access(email)

    def expire_access(self, email: str) -> None:
        """Make the account's access tokens worthless now; refresh tokens live on."""
        for token in [t for t, a in self.access.items() if a.grant.email == email]:
            del self.access[token]

    def _forget_access(self, refresh_token: str) -> None:
        dead = [
            t for t, a in self.access.items() if a.grant.refresh_token == refresh_token
        ]
        for token in dead:
            del self.access[token]
