"""Code Assist: who may use it, for which project, and the way to its models."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response

from . import generate
from .admission import admit_to_project, refusal_of, validation_url
from .errors import named
from .exchange import answer, caller, json_body, meet_script, the_call, the_world
from .kinds import FREE_TIER, KINDS, STANDARD_TIER
from .world import COMPANION, Account

blueprint = Blueprint("code_assist", __name__)

_ONBOARDED = "google.internal.cloud.code.v1internal.OnboardUserResponse"
_WORDS = ("fluted", "lucid", "peta", "forward"), ("text", "bebop", "pager", "bonus")


@blueprint.post("/v1internal:<method>", endpoint="rpc")
def rpc(method: str) -> Response:
    """Any method of the service; Google's page for one there is not."""
    the_call().method = method
    if method in generate.METHODS:
        return generate.code_assist(method)
    if method not in _METHODS:
        raise named("not_found_html")
    account = _admitted()
    return answer(_METHODS[method](account, json_body()))


@blueprint.get("/v1internal:getCodeAssistGlobalUserSetting", endpoint="getSetting")
def get_setting() -> Response:
    """The one setting that is read by GET."""
    the_call().method = "getCodeAssistGlobalUserSetting"
    return answer(_global_setting(_admitted(), {}))


@blueprint.get("/v1internal/operations/<name>", endpoint="getOnboarding")
def operation(name: str) -> Response:
    """How an onboarding gets on."""
    _admitted()
    held = the_world().operations.get(f"operations/{name}")
    if not held:
        raise named("not_found")
    return answer(held.poll())


def _admitted() -> Account:
    account = caller()
    meet_script()
    if account.kind.blocks_all and account.kind.refusal:
        raise named(account.kind.refusal, account=account.email)
    return account


def _load(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    kind = account.kind
    has_tier = account.is_onboarded and not kind.is_free and not kind.refusal
    if not has_tier and (ineligible := _ineligible(account)):
        tiers = [STANDARD_TIER | {"isDefault": True}]
        return {"allowedTiers": tiers, "ineligibleTiers": [ineligible]}
    reply: dict[str, Any] = {"allowedTiers": _allowed_tiers(account)}
    if not account.is_onboarded:
        return reply
    reply |= {"currentTier": kind.tier, "gcpManaged": kind.is_free}
    project = _project_of(account, asked)
    if project:
        reply["cloudaicompanionProject"] = project
    if kind.paid_tier:
        reply["paidTier"] = kind.paid_tier
    reply["upgradeSubscriptionUri"] = _upgrade_uri(account)
    return reply


def _allowed_tiers(account: Account) -> list[dict[str, Any]]:
    if account.kind.is_free:
        return [FREE_TIER | {"isDefault": True}, STANDARD_TIER]
    return [STANDARD_TIER | {"isDefault": True}]


def _ineligible(account: Account) -> dict[str, str] | None:
    """Why the free tier is closed to this account, if it is."""
    given = account.kind.ineligible
    if account.kind.is_free and not the_world().options.consumer_access:
        given = given or KINDS["unlicensed"].ineligible
    if not given:
        return None
    reason, message = given
    shown = {
        "reasonCode": reason,
        "reasonMessage": message,
        "tierId": FREE_TIER["id"],
        "tierName": FREE_TIER["name"],
    }
    if reason == "VALIDATION_REQUIRED":
        shown |= _validation_links(account)
    return shown


def _validation_links(account: Account) -> dict[str, str]:
    return {
        "validationErrorMessage": "Verify your account to continue.",
        "validationUrl": validation_url(account),
        "validationUrlLinkText": "Verify your account",
        "validationLearnMoreUrl": "https://support.google.com/accounts?p=al_alert",
        "validationLearnMoreLinkText": "Learn more",
    }


def _project_of(account: Account, asked: dict[str, Any]) -> str:
    if account.kind.is_free:
        return _managed_project(account)
    asked_for = str(asked.get("cloudaicompanionProject") or "")
    own = the_world().projects.get(asked_for or next(iter(account.projects), ""))
    if own and the_world().options.project_numbers:
        return own.number
    return asked_for


def _managed_project(account: Account) -> str:
    """The project Google made for a free account; made on the first question."""
    if not account.managed_project:
        first, second = (secrets.choice(words) for words in _WORDS)
        project_id = f"{first}-{second}-{secrets.token_hex(3)[:5]}"
        the_world().add_project(project_id, account.email)
        account.managed_project = project_id
    return account.managed_project


def _upgrade_uri(account: Account) -> str:
    email = quote(account.email, safe="")
    return f"https://accounts.google.com/AccountChooser?Email={email}"


def _onboard(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    project = asked.get("cloudaicompanionProject", "")
    the_call().project = project
    allowed = [tier["id"] for tier in _load(account, {})["allowedTiers"]]
    if asked.get("tierId") not in allowed:
        is_tier = asked.get("tierId") in (FREE_TIER["id"], STANDARD_TIER["id"])
        raise named("precondition" if is_tier else "invalid_argument")
    is_free = asked.get("tierId") == FREE_TIER["id"]
    if is_free and (refusal := refusal_of(account)):
        raise refusal
    if is_free == bool(project):
        raise named("precondition")
    if project:
        admit_to_project(account, project, COMPANION)
    name = f"operations/onboard.{account.sub}"
    running = the_world().operations.get(name)
    if running and (account.is_onboarded or not running.outcome):
        return running.poll()
    finish = _onboarding(account, project)
    return the_world().start(name, finish).poll()


def _onboarding(account: Account, project: str) -> Callable[[], dict[str, Any]]:
    def finish() -> dict[str, Any]:
        account.is_onboarded = True
        given = the_world().projects[project or _managed_project(account)]
        is_number = the_world().options.project_numbers
        told = given.number if is_number and project else given.id
        shown = {"id": told, "name": given.id, "projectNumber": given.number}
        kind = f"type.googleapis.com/{_ONBOARDED}"
        return {"response": {"@type": kind, "cloudaicompanionProject": shown}}

    return finish


def _user_quota(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    the_call().project = str(asked.get("project", ""))
    if refusal := refusal_of(account):
        raise refusal
    buckets = the_world().quotas.buckets(account.email)
    if account.buckets_lie:
        buckets = [bucket | {"remainingFraction": 1.0} for bucket in buckets]
    return {"buckets": buckets}


def _experiments(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    flags = [{"flagId": 45740196, "boolValue": True}]
    return {"experimentIds": [45740196], "flags": flags}


def _admin_controls(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    return {"adminControlsApplicable": False}


def _global_setting(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    wanted = bool(asked.get("freeTierDataCollectionOptin", False))
    project = account.managed_project
    return {"cloudaicompanionProject": project, "freeTierDataCollectionOptin": wanted}


def _metrics(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    return {}


_METHODS: dict[str, Callable[[Account, dict[str, Any]], dict[str, Any]]] = {
    "loadCodeAssist": _load,
    "onboardUser": _onboard,
    "retrieveUserQuota": _user_quota,
    "listExperiments": _experiments,
    "fetchAdminControls": _admin_controls,
    "setCodeAssistGlobalUserSetting": _global_setting,
    "recordCodeAssistMetrics": _metrics,
}
