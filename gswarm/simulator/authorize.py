"""Google's consent: who you are, what the client may do, and the way back to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template_string, request
from werkzeug.wrappers import Response as BaseResponse

from . import pages
from .exchange import meet_script, the_call, the_world
from .grants import Grant

blueprint = Blueprint("authorize", __name__)

_CARRIED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "access_type",
    "prompt",
    "login_hint",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)

_LONG_SCOPES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}


class Refused(Exception):
    """A request too broken to be sent back to its client: (code, message)."""


@blueprint.get("/o/oauth2/v2/auth", endpoint="authorize")
@blueprint.get("/o/oauth2/auth", endpoint="authorize_v1")
def authorize() -> BaseResponse | str:
    """Show the consent page, or go straight back where no question is left."""
    asked = _asked(request.args)
    _check(asked)
    meet_script()
    if asked.get("response_type") != "code":
        return _back(asked, error="unsupported_response_type")
    hint = asked.get("login_hint", "")
    if _is_settled(asked, hint):
        return _grant(asked, hint, _scopes(asked))
    if asked.get("prompt") == "none":
        return _back(asked, error="interaction_required")
    return _consent_page(asked, hint)


@blueprint.post("/o/oauth2/v2/auth/decision", endpoint="decision")
def decide() -> BaseResponse:
    """Take what the person chose on the consent page back to the client."""
    form = request.form
    asked = _asked(form)
    _check(asked)
    email = form.get("account", "")
    if form.get("decision") != "allow":
        return _back(asked, error="access_denied")
    if email not in the_world().accounts:
        raise Refused("invalid_request", "Choose an account first.")
    wanted = _scopes(asked)
    ticked = form.getlist("granted") or wanted
    return _grant(asked, email, [scope for scope in wanted if scope in ticked])


@blueprint.get("/signin/continue", endpoint="verify")
def verify() -> str:
    """The page behind "Verify your account to continue"."""
    account = request.args.get("account", "")
    return render_template_string(pages.VERIFY, account=account)


@blueprint.post("/signin/continue", endpoint="verified")
def verified() -> str:
    """Make the account an ordinary one again."""
    account = the_world().accounts.get(request.form.get("account", ""))
    if account and account.kind_name == "validation":
        account.kind_name = "standard"
    return "Verified."


@blueprint.app_errorhandler(Refused)
def _show_refusal(error: Refused) -> tuple[str, int]:
    code, message = error.args
    return render_template_string(pages.REFUSED, code=code, message=message), 400


def _asked(given: Any) -> dict[str, str]:
    return {name: given[name] for name in _CARRIED if name in given}


def _scopes(asked: dict[str, str]) -> list[str]:
    return [_LONG_SCOPES.get(scope, scope) for scope in asked["scope"].split()]


def _check(asked: dict[str, str]) -> None:
    """Raise `Refused` for what Google shows to the person, not to the client."""
    if asked.get("client_id") not in the_world().grants.clients:
        raise Refused("invalid_client", "The OAuth client was not found.")
    if not _is_web_address(asked.get("redirect_uri", "")):
        raise Refused("redirect_uri_mismatch", "This redirect address is not allowed.")
    if not asked.get("scope"):
        raise Refused("invalid_request", "Missing required parameter: scope")
    method = asked.get("code_challenge_method", "plain")
    if method not in ("plain", "S256"):
        raise Refused("invalid_request", "Invalid code challenge method.")


def _is_web_address(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _is_settled(asked: dict[str, str], email: str) -> bool:
    grants = the_world().grants
    agreed = (email, asked["client_id"]) in grants.consented
    return agreed and asked.get("prompt", "") in ("", "none")


def _consent_page(asked: dict[str, str], hint: str) -> str:
    emails = list(the_world().accounts)
    chosen = hint if hint in emails else (emails or [""])[0]
    return render_template_string(
        pages.CONSENT,
        asked=asked,
        client_id=asked["client_id"],
        emails=emails,
        chosen=chosen,
        scopes=_scopes(asked),
    )


def _grant(asked: dict[str, str], email: str, scopes: list[str]) -> BaseResponse:
    grants = the_world().grants
    the_call().account = email
    is_new = (email, asked["client_id"]) not in grants.consented
    grant = Grant(
        email, asked["client_id"], tuple(scopes), nonce=asked.get("nonce", "")
    )
    forced = "consent" in asked.get("prompt", "").split()
    if asked.get("access_type") == "offline" and (is_new or forced):
        grant = grants.remember(grant)
    grants.consented.add((email, asked["client_id"]))
    method = asked.get("code_challenge_method", "plain")
    challenge = asked.get("code_challenge", "")
    code = grants.offer(grant, asked["redirect_uri"], challenge, method)
    return _back(asked, code=code, scope=" ".join(scopes), authuser="0")


def _back(asked: dict[str, str], **answer: str) -> BaseResponse:
    if "state" in asked:
        answer = {"state": asked["state"], **answer}
    uri = asked["redirect_uri"]
    return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}")
