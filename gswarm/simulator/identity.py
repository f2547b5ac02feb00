"""Who an account is: profile, OpenID claims, signed id tokens."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from .errors import GoogleError
from .exchange import bearer, meet_script, status_of, the_call, the_world
from .grants import Grant
from .world import Account

ISSUER = "https://accounts.google.com"
_EMAIL = "https://www.googleapis.com/auth/userinfo.email"


def asked_for() -> Account:
    """The account whose token asks for userinfo; raises 401 or 403."""
    the_call().method = "userinfo"
    try:
        held = bearer(_EMAIL)
    except GoogleError as error:
        if error.status == 401:
            raise _login_required() from error
        raise
    meet_script()
    return the_world().accounts[held.grant.email]


def profile(account: Account) -> dict[str, Any]:
    """``/oauth2/v2/userinfo``."""
    return {
        "id": account.sub,
        "email": account.email,
        "verified_email": True,
        "name": f"{account.name} Example",
        "given_name": account.name,
        "family_name": "Example",
        "picture": f"https://lh3.example/{account.sub}",
    }


def claims(account: Account) -> dict[str, Any]:
    """``/oauth2/v3/userinfo``."""
    shown = profile(account)
    shown["sub"] = shown.pop("id")
    shown["email_verified"] = shown.pop("verified_email")
    return shown


def id_token(account: Account, grant: Grant, now: float) -> str:
    """An RS256 token that `certificates` verifies."""
    told = claims(account) | {
        "iss": ISSUER,
        "aud": grant.client_id,
        "azp": grant.client_id,
        "iat": int(now),
        "exp": int(now) + 3600,
    }
    if grant.nonce:
        told["nonce"] = grant.nonce
    key = _signing_key()
    return jwt.encode({"alg": "RS256", "kid": key.kid}, told, key)


def certificates() -> dict[str, Any]:
    """The JWK set."""
    return {"keys": [_signing_key().as_dict(private=False)]}


def discovery(base: str) -> dict[str, Any]:
    """The OpenID provider's configuration, for clients that reach us at ``base``."""
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/v1/userinfo",
        "revocation_endpoint": f"{base}/revoke",
        "jwks_uri": f"{base}/oauth2/v3/certs",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    }


@lru_cache(maxsize=1)
def _signing_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


def _login_required() -> GoogleError:
    return status_of(
        401,
        "Request is missing required authentication credential. Expected OAuth 2 "
        "access token, login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )
