"""Kinds of accounts: which tier Code Assist sees in them, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FREE_TIER: dict[str, Any] = {
    "id": "free-tier",
    "name": "Gemini Code Assist for individuals",
    "description": "Gemini-powered code suggestions and chat in multiple IDEs",
    "privacyNotice": {"showNotice": True, "noticeText": "Simulated notice."},
}
STANDARD_TIER: dict[str, Any] = {
    "id": "standard-tier",
    "name": "Gemini Code Assist",
    "description": "Unlimited coding assistant with the most powerful Gemini models",
    "userDefinedCloudaicompanionProject": True,
    "privacyNotice": {},
}


@dataclass(frozen=True)
class Kind:
    """What Code Assist makes of an account.

    ``refusal`` names the error its model calls meet, ``blocks_all`` whether every
    other Code Assist method meets it too. ``ineligible`` is the (reason code, message)
    `loadCodeAssist` gives instead of a tier.
    """

    is_free: bool = False
    paid_tier: dict[str, Any] | None = None
    refusal: str | None = None
    blocks_all: bool = False
    ineligible: tuple[str, str] | None = None
    starts_onboarded: bool = True

    @property
    def tier(self) -> dict[str, Any]:
        """The tier such an account has, or would get by onboarding."""
        return FREE_TIER if self.is_free else STANDARD_TIER


def _google_one(tier_id: str, name: str) -> Kind:
    credit = {"creditType": "GOOGLE_ONE_AI", "creditAmount": "1000"}
    paid_tier = {"id": tier_id, "name": name, "availableCredits": [credit]}
    return Kind(is_free=True, paid_tier=paid_tier)


_UNSUPPORTED_CLIENT = (
    "UNSUPPORTED_CLIENT",
    "This client is no longer supported for Gemini Code Assist for individuals. To "
    "continue using Gemini, please migrate to the Antigravity suite of products: "
    "https://antigravity.google",
)
_UNSUPPORTED_LOCATION = (
    "UNSUPPORTED_LOCATION",
    "Your current account is not eligible for Gemini Code Assist for individuals "
    "because it is not currently available in your location.",
)
_WORKSPACE_USER = (
    "DASHER_USER",
    "Your current account is not eligible for Gemini Code Assist for individuals "
    "because it is a Google Workspace account.",
)
_VERIFY = ("VALIDATION_REQUIRED", "Verify your account to continue.")

KINDS = {
    "standard": Kind(),
    "enterprise": Kind(
        paid_tier={"id": "standard-tier", "name": "Gemini Code Assist Enterprise"}
    ),
    "free": Kind(is_free=True),
    "g1-pro": _google_one("g1-pro-tier", "Gemini Code Assist in Google One AI Pro"),
    "g1-ultra": _google_one(
        "g1-ultra-tier", "Gemini Code Assist in Google One AI Ultra"
    ),
    "not_onboarded": Kind(starts_onboarded=False),
    "not_onboarded_licensed": Kind(
        starts_onboarded=False, ineligible=_UNSUPPORTED_CLIENT
    ),
    "not_onboarded_free": Kind(is_free=True, starts_onboarded=False),
    "unlicensed": Kind(
        is_free=True, refusal="unlicensed", ineligible=_UNSUPPORTED_CLIENT
    ),
    "workspace": Kind(is_free=True, refusal="unlicensed", ineligible=_WORKSPACE_USER),
    "location": Kind(
        is_free=True, refusal="location", ineligible=_UNSUPPORTED_LOCATION
    ),
    "validation": Kind(is_free=True, refusal="validation", ineligible=_VERIFY),
    "suspended": Kind(refusal="suspended", blocks_all=True),
    "vpc": Kind(refusal="vpc", blocks_all=True),
}
