"""Code Assist's methods around the models: standing, onboarding, quota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .endpoints import Endpoints
from .json_client import Json, JsonClient, objects
from .operations import Operation, read_operation

METADATA = {
    "ideType": "IDE_UNSPECIFIED",
    "platform": "PLATFORM_UNSPECIFIED",
    "pluginType": "GEMINI",
}


@dataclass(frozen=True, slots=True)
class Tier:
    """``needs_project``: one of the customer's own must be named in onboarding."""

    id: str
    name: str
    needs_project: bool = False
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Ineligible:
    """Why a tier is closed to an account, in Google's words."""

    reason: str
    message: str
    action_url: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What Code Assist makes of an account; no ``tier`` means not onboarded."""

    tier: Tier | None
    allowed: tuple[Tier, ...]
    ineligible: tuple[Ineligible, ...]
    project_id: str | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of a quota: ``remaining`` is a fraction, ``amount`` requests."""

    model: str
    remaining: float | None
    amount: int | None
    resets_at: str | None


class CodeAssist:
    """The service's own methods; each raises a `Verdict`."""

    def __init__(self, rest: JsonClient, endpoints: Endpoints) -> None:
        self._rest = rest
        self._methods = f"{endpoints.code_assist}/v1internal"

    def load(self, access_token: str, project_id: str | None = None) -> Standing:
        """loadCodeAssist."""
        body = _about(project_id)
        return _read_standing(self._call("loadCodeAssist", access_token, body))

    def onboard(
        self, access_token: str, tier: Tier, project_id: str | None = None
    ) -> Operation:
        """onboardUser. The free tier refuses a project, the others need one."""
        body = {"tierId": tier.id, **_about(project_id)}
        return read_operation(self._call("onboardUser", access_token, body))

    def operation(self, access_token: str, name: str) -> Operation:
        """How an onboarding gets on."""
        return read_operation(self._rest.get(f"{self._methods}/{name}", access_token))

    def quota(self, access_token: str, project_id: str) -> tuple[Bucket, ...]:
        """retrieveUserQuota. An account that may not use the service is refused."""
        body = {"project": project_id}
        reply = self._call("retrieveUserQuota", access_token, body)
        return tuple(map(_read_bucket, objects(reply.get("buckets"))))

    def _call(self, method: str, access_token: str, body: Json) -> Json:
        return self._rest.post(f"{self._methods}:{method}", access_token, body)


def onboarded_project(response: Json) -> str | None:
    """The project an onboarding ended with; it may not be the one asked for."""
    return _project_id(response.get("cloudaicompanionProject"))


def _about(project_id: str | None) -> Json:
    if not project_id:
        return {"metadata": METADATA}
    metadata = {**METADATA, "duetProject": project_id}
    return {"cloudaicompanionProject": project_id, "metadata": metadata}


def _read_standing(reply: Json) -> Standing:
    current = reply.get("currentTier")
    return Standing(
        tier=_read_tier(current) if current and isinstance(current, dict) else None,
        allowed=tuple(map(_read_tier, objects(reply.get("allowedTiers")))),
        ineligible=tuple(map(_read_ineligible, objects(reply.get("ineligibleTiers")))),
        project_id=_project_id(reply.get("cloudaicompanionProject")),
    )


def _read_tier(tier: Json) -> Tier:
    return Tier(
        str(tier.get("id", "")),
        str(tier.get("name", "")),
        bool(tier.get("userDefinedCloudaicompanionProject")),
        bool(tier.get("isDefault")),
    )


def _read_ineligible(tier: Json) -> Ineligible:
    message = tier.get("validationErrorMessage") or tier.get("reasonMessage")
    reason = str(tier.get("reasonCode") or "UNKNOWN")
    url = tier.get("validationUrl")
    return Ineligible(
        reason, str(message or reason), url if isinstance(url, str) else None
    )


def _read_bucket(bucket: Json) -> Bucket:
    amount = str(bucket.get("remainingAmount", ""))
    left, resets_at = bucket.get("remainingFraction"), bucket.get("resetTime")
    return Bucket(
        str(bucket.get("modelId", "")),
        left if isinstance(left, int | float) else None,
        int(amount) if amount.isdecimal() else None,
        resets_at if isinstance(resets_at, str) else None,
    )


def _project_id(value: Any) -> str | None:
    """Code Assist gives a project as its id, or as an object that holds it."""
    found = value.get("id") if isinstance(value, dict) else value
    return str(found) if found else None
