"""Google's token endpoint and what can be asked of a token."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from . import identity
from .exchange import answer, meet_script, the_call, the_world
from .grants import AccessToken, Code, Grant

blueprint = Blueprint("oauth", __name__)


class OAuthError(Exception):
    """An error of RFC 6749 as Google words it: (status, error, description)."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description}


@blueprint.app_errorhandler(OAuthError)
def _refuse(error: OAuthError) -> Response:
    return answer(error.body, error.status)


@blueprint.post("/token", endpoint="token")
@blueprint.post("/oauth2/v4/token", endpoint="token_v4")
@blueprint.post("/o/oauth2/token", endpoint="token_v2")
def token() -> Response:
    """Exchange a code, or refresh."""
    the_call().method = "token"
    grant_type = _needed("grant_type")
    if grant_type == "authorization_code":
        return answer(_exchange(_client()))
    if grant_type == "refresh_token":
        return answer(_refresh(_client()))
    raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {grant_type}")


@blueprint.post("/revoke", endpoint="revoke")
@blueprint.post("/o/oauth2/revoke", endpoint="revoke_v1")
def revoke() -> Response:
    """End a token and its whole grant."""
    the_call().method = "revoke"
    token = request.values.get("token", "")
    meet_script()
    if not the_world().grants.revoke(token):
        raise OAuthError(400, "invalid_token", "Token expired or revoked")
    return answer({})


@blueprint.route("/tokeninfo", methods=["GET", "POST"], endpoint="tokeninfo")
@blueprint.get("/oauth2/v3/tokeninfo", endpoint="tokeninfo_v3")
@blueprint.get("/oauth2/v1/tokeninfo", endpoint="tokeninfo_v1")
def tokeninfo() -> Response:
    """What an access token is worth."""
    the_call().method = "tokeninfo"
    token = request.values.get("access_token", "")
    held = the_world().grants.bearer(token)
    if not held:
        raise OAuthError(400, "invalid_token", "Invalid Value")
    the_call().account = held.grant.email
    meet_script()
    return answer(_describe(held))


@blueprint.get("/oauth2/v2/userinfo", endpoint="userinfo")
@blueprint.get("/oauth2/v1/userinfo", endpoint="userinfo_v1")
def userinfo() -> Response:
    """Who the token's account is, in the words of version 2."""
    account = identity.asked_for()
    return answer(identity.profile(account))


@blueprint.get("/oauth2/v3/userinfo", endpoint="userinfo_v3")
@blueprint.get("/v1/userinfo", endpoint="userinfo_oidc")
def userinfo_v3() -> Response:
    """Who the token's account is, as OpenID claims."""
    account = identity.asked_for()
    return answer(identity.claims(account))


@blueprint.get("/.well-known/openid-configuration", endpoint="discovery")
def discovery() -> Response:
    """OpenID discovery; every address is this simulator's."""
    return answer(identity.discovery(request.host_url.rstrip("/")))


@blueprint.get("/oauth2/v3/certs", endpoint="certs")
def certs() -> Response:
    """The public key id tokens are signed with."""
    return answer(identity.certificates())


def _client() -> str:
    """The client's id, once its secret is right."""
    basic = request.authorization
    if basic and basic.type == "basic":
        given_id, secret = basic.username or "", basic.password or ""
    else:
        given_id = _needed("client_id")
        secret = request.form.get("client_secret", "")
    clients = the_world().grants.clients
    if given_id not in clients:
        raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
    if secret != clients[given_id]:
        missing = not secret
        problem = "client_secret is missing." if missing else "Unauthorized"
        error = "invalid_request" if missing else "invalid_client"
        raise OAuthError(400 if missing else 401, error, problem)
    return given_id


def _exchange(client_id: str) -> dict[str, Any]:
    given = _needed("code")
    code = the_world().grants.codes.pop(given, None)
    if code:
        the_call().account = code.grant.email
    meet_script()
    if not code or code.expires_at <= the_world().clock():
        known = given.startswith("sim-code-")
        text = "Bad Request" if known else "Malformed auth code."
        raise OAuthError(400, "invalid_grant", text)
    _check_code(code, client_id)
    reply = _tokens(code.grant)
    if code.grant.refresh_token:
        reply["refresh_token"] = code.grant.refresh_token
    return reply


def _check_code(code: Code, client_id: str) -> None:
    if code.grant.client_id != client_id:
        raise OAuthError(401, "unauthorized_client", "Unauthorized")
    if code.redirect_uri != request.form.get("redirect_uri"):
        raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
    verifier = request.form.get("code_verifier", "")
    if code.challenge and not verifier:
        raise OAuthError(400, "invalid_grant", "Missing code verifier.")
    if code.challenge and not code.accepts(verifier):
        raise OAuthError(400, "invalid_grant", "Invalid code verifier.")


def _refresh(client_id: str) -> dict[str, Any]:
    grant = the_world().grants.refresh.get(_needed("refresh_token"))
    if grant:
        the_call().account = grant.email
    meet_script()
    if not grant or grant.email not in the_world().accounts:
        text = "Token has been expired or revoked."
        raise OAuthError(400, "invalid_grant", text)
    if grant.client_id != client_id:
        raise OAuthError(401, "unauthorized_client", "Unauthorized")
    return _tokens(grant)


def _tokens(grant: Grant) -> dict[str, Any]:
    world = the_world()
    account = world.accounts[grant.email]
    reply = {
        "access_token": world.grants.issue(grant, account.access_seconds),
        "expires_in": account.access_seconds,
        "scope": " ".join(grant.scopes),
        "token_type": "Bearer",
    }
    if "openid" in grant.scopes:
        reply["id_token"] = identity.id_token(account, grant, world.clock())
    return reply


def _describe(held: AccessToken) -> dict[str, str]:
    grant, world = held.grant, the_world()
    return {
        "azp": grant.client_id,
        "aud": grant.client_id,
        "sub": world.accounts[grant.email].sub,
        "scope": " ".join(grant.scopes),
        "exp": str(int(held.expires_at)),
        "expires_in": str(int(held.expires_at - world.clock())),
        "email": grant.email,
        "email_verified": "true",
        "access_type": "offline" if grant.refresh_token else "online",
    }


def _needed(name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        text = f"Required parameter is missing: {name}"
        raise OAuthError(400, "invalid_request", text)
    return value
