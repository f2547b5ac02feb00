"""Signing in, refreshing and ending it, as a client of Google does it."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.contract.simulator.client import Client
from tests.simulator_process import Simulator

REDIRECT_URI = "http://127.0.0.1:1/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-1234567"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .rstrip(b"=")
    .decode()
)
SCOPES = "openid email profile https://www.googleapis.com/auth/cloud-platform"


def consent_url(google: Simulator, **changes: str | None) -> str:
    asked = {
        "client_id": "sim-client.apps.example",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": SCOPES,
        "state": "st&te",
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "nonce": "n-1",
    } | changes
    kept = {name: value for name, value in asked.items() if value is not None}
    return f"{google.url}/o/oauth2/v2/auth?{urlencode(kept)}"


def returned(location: str) -> dict[str, str]:
    assert location.startswith(REDIRECT_URI + "?")
    return {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}


def signed_in(google: Simulator, **changes: str | None) -> str:
    """The code the browser brings back for Bob."""
    location = google.consent(consent_url(google, **changes), "bob@example.com")
    return returned(location)["code"]


def exchange(client: Client, code: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }
    return client.token(**(form | changes))


def test_a_code_becomes_tokens_of_the_account_that_was_chosen(
    google: Simulator, alice: Client
) -> None:
    location = google.consent(consent_url(google), "bob@example.com")

    back = returned(location)
    assert back["state"] == "st&te"
    tokens = exchange(alice, back["code"]).json()
    assert tokens["expires_in"] == 3599
    assert tokens["token_type"] == "Bearer"
    alice.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert alice.get("/oauth2/v2/userinfo").json()["email"] == "bob@example.com"
    refreshed = alice.token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    ).json()
    assert "refresh_token" not in refreshed
    assert refreshed["access_token"] != tokens["access_token"]


def test_the_id_token_verifies_against_the_published_key(
    google: Simulator, alice: Client
) -> None:
    tokens = exchange(alice, signed_in(google)).json()

    found = alice.get("/.well-known/openid-configuration").json()
    keys = KeySet.import_key_set(alice.http.get(found["jwks_uri"], timeout=5).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["email"] == "bob@example.com"
    assert claims["iss"] == found["issuer"]
    assert claims["nonce"] == "n-1"


def test_a_code_works_once(google: Simulator, alice: Client) -> None:
    code = signed_in(google)
    exchange(alice, code).raise_for_status()

    again = exchange(alice, code)

    assert again.status_code == 400
    assert again.json() == {
        "error": "invalid_grant",
        "error_description": "Bad Request",
    }


def test_a_code_dies_after_ten_minutes(google: Simulator, alice: Client) -> None:
    code = signed_in(google)
    google.clock(advance=601)

    assert exchange(alice, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "error", "description"),
    [
        ({"code_verifier": "wrong"}, "invalid_grant", "Invalid code verifier."),
        ({"code_verifier": ""}, "invalid_grant", "Missing code verifier."),
        (
            {"redirect_uri": "http://127.0.0.1:2/callback"},
            "redirect_uri_mismatch",
            "Bad Request",
        ),
        ({"code": "made-up"}, "invalid_grant", "Malformed auth code."),
        (
            {"client_secret": "wrong"},
            "invalid_client",
            "Unauthorized",
        ),
        (
            {"client_id": "nobody"},
            "invalid_client",
            "The OAuth client was not found.",
        ),
        (
            {"grant_type": "password"},
            "unsupported_grant_type",
            "Invalid grant_type: password",
        ),
        (
            {"grant_type": ""},
            "invalid_request",
            "Required parameter is missing: grant_type",
        ),
    ],
)
def test_a_bad_exchange_is_refused_in_googles_words(
    google: Simulator,
    alice: Client,
    change: dict[str, str],
    error: str,
    description: str,
) -> None:
    code = signed_in(google)

    reply = exchange(alice, **({"code": code} | change))

    assert reply.json() == {"error": error, "error_description": description}
    assert reply.status_code == (401 if error == "invalid_client" else 400)


def test_denied_consent_comes_back_as_access_denied(google: Simulator) -> None:
    location = google.consent(consent_url(google), "bob@example.com", allow=False)

    assert returned(location) == {"state": "st&te", "error": "access_denied"}


def test_only_the_ticked_scopes_are_granted(google: Simulator, alice: Client) -> None:
    email = "https://www.googleapis.com/auth/userinfo.email"
    location = google.consent(
        consent_url(google), "bob@example.com", granted=["openid", email]
    )
    tokens = exchange(alice, returned(location)["code"]).json()
    alice.headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    refused = alice.get("/v1/projects")

    assert tokens["scope"] == f"openid {email}"
    assert refused.status_code == 403
    reason = refused.json()["error"]["details"][0]["reason"]
    assert reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_a_second_consent_gives_a_refresh_token_only_when_prompted(
    google: Simulator, alice: Client
) -> None:
    plain = signed_in(google, prompt=None, login_hint="bob@example.com")
    forced = signed_in(google)

    assert "refresh_token" not in exchange(alice, plain).json()
    assert "refresh_token" in exchange(alice, forced).json()


def test_without_offline_access_there_is_no_refresh_token(
    google: Simulator, alice: Client
) -> None:
    code = signed_in(google, access_type=None)

    assert "refresh_token" not in exchange(alice, code).json()


def test_an_earlier_consent_is_not_asked_for_again_unless_prompted(
    google: Simulator, http: requests.Session
) -> None:
    def statuses(**changes: str | None) -> int:
        url = consent_url(google, login_hint="bob@example.com", **changes)
        return http.get(url, allow_redirects=False, timeout=5).status_code

    assert statuses(prompt=None) == 302
    assert statuses(prompt="none") == 302
    assert statuses(prompt="select_account") == 200
    assert statuses(prompt="consent") == 200


def test_prompt_none_needs_an_earlier_consent(google: Simulator) -> None:
    google.add_account("new@example.com")
    google.account("new@example.com", revoked=True)
    url = consent_url(google, prompt="none", login_hint="new@example.com")

    assert returned(google.consent(url, ""))["error"] == "interaction_required"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": "not an address"}, "redirect_uri_mismatch"),
        ({"scope": None}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_a_broken_request_is_shown_to_the_person_only(
    google: Simulator, http: requests.Session, change: dict[str, str], code: str
) -> None:
    page = http.get(consent_url(google, **change), allow_redirects=False, timeout=5)

    assert page.status_code == 400
    assert code in page.text


def test_the_consent_page_escapes_what_it_is_given(
    google: Simulator, http: requests.Session
) -> None:
    page = http.get(consent_url(google, state='"><script>'), timeout=5)

    assert "<script>" not in page.text


def test_revoking_any_token_ends_the_whole_grant(
    google: Simulator, alice: Client
) -> None:
    tokens = exchange(alice, signed_in(google)).json()
    access = {"token": tokens["access_token"]}

    first = alice.http.post(f"{google.url}/revoke", data=access, timeout=5)
    second = alice.http.post(f"{google.url}/revoke", data=access, timeout=5)

    assert first.status_code == 200
    assert second.status_code == 400
    assert second.json()["error"] == "invalid_token"
    refused = alice.token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert refused.status_code == 400
    assert refused.json() == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }


def test_an_access_token_dies_by_the_simulated_clock(
    google: Simulator, alice: Client
) -> None:
    assert alice.get("/v1/projects").status_code == 200
    info = alice.get("/tokeninfo", access_token=alice.refresh()["access_token"])
    assert info.json()["email"] == "alice@example.com"

    google.clock(advance=3600)

    refused = alice.get("/v1/projects")
    assert refused.status_code == 401
    assert refused.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"
    assert alice.get("/oauth2/v2/userinfo").status_code == 401


def test_the_operator_can_end_access_from_outside(
    google: Simulator, alice: Client
) -> None:
    google.account("alice@example.com", expire_access=True, access_seconds=30)

    assert alice.get("/v1/projects").status_code == 401
    assert alice.refresh()["expires_in"] == 30
    google.account("alice@example.com", revoked=True)
    dead = alice.token(
        grant_type="refresh_token", refresh_token=alice.entry["refresh_token"]
    )
    assert dead.json()["error"] == "invalid_grant"


def test_a_scripted_fault_meets_the_token_endpoint(
    google: Simulator, alice: Client
) -> None:
    google.script({"error": "internal"}, method="token", account="alice@example.com")

    refused = alice.token(
        grant_type="refresh_token", refresh_token=alice.entry["refresh_token"]
    )

    assert refused.status_code == 500
    assert alice.refresh()["access_token"]
