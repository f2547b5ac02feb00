"""Code Assist's own methods, and whom it lets to its models."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.contract.simulator.client import Client
from tests.simulator_process import Simulator

METADATA = {"ideType": "IDE_UNSPECIFIED", "pluginType": "GEMINI"}


def rpc(client: Client, method: str, **body: Any) -> requests.Response:
    return client.post(f"/v1internal:{method}", body)


def client_of(google: Simulator, http: requests.Session, kind: str) -> Client:
    return Client(google, http, google.add_account("alice@example.com", kind=kind))


def reason_of(reply: requests.Response) -> str:
    reason: str = reply.json()["error"]["details"][0]["reason"]
    return reason


def test_a_standard_account_has_its_tier_and_names_its_own_project(
    alice: Client,
) -> None:
    loaded = rpc(alice, "loadCodeAssist", cloudaicompanionProject="alice-01").json()

    assert loaded["currentTier"]["id"] == "standard-tier"
    assert loaded["cloudaicompanionProject"] == "alice-01"


def test_a_free_account_has_a_project_google_made(
    google: Simulator, http: requests.Session
) -> None:
    client = client_of(google, http, "free")

    first = rpc(client, "loadCodeAssist", metadata=METADATA).json()
    second = rpc(client, "loadCodeAssist", metadata=METADATA).json()

    project = first["cloudaicompanionProject"]
    assert first["gcpManaged"] is True
    assert second["cloudaicompanionProject"] == project
    assert client.generate(project=project).status_code == 200


@pytest.mark.parametrize(
    ("kind", "reason", "status", "refusal"),
    [
        ("unlicensed", "UNSUPPORTED_CLIENT", 403, "SUBSCRIPTION_REQUIRED"),
        ("workspace", "DASHER_USER", 403, "SUBSCRIPTION_REQUIRED"),
        ("validation", "VALIDATION_REQUIRED", 403, "VALIDATION_REQUIRED"),
        ("location", "UNSUPPORTED_LOCATION", 400, None),
    ],
)
def test_an_ineligible_account_is_told_why_and_refused(
    google: Simulator,
    http: requests.Session,
    kind: str,
    reason: str,
    status: int,
    refusal: str | None,
) -> None:
    client = client_of(google, http, kind)

    loaded = rpc(client, "loadCodeAssist").json()
    refused = client.generate()

    assert "currentTier" not in loaded
    assert loaded["ineligibleTiers"][0]["reasonCode"] == reason
    assert refused.status_code == status
    assert refusal is None or reason_of(refused) == refusal


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("suspended", "TOS_VIOLATION"), ("vpc", "SECURITY_POLICY_VIOLATED")],
)
def test_a_blocked_account_is_refused_everything(
    google: Simulator, http: requests.Session, kind: str, reason: str
) -> None:
    client = client_of(google, http, kind)

    for reply in (rpc(client, "loadCodeAssist"), client.generate()):
        assert reply.status_code == 403
        assert reason_of(reply) == reason


def test_a_person_can_verify_an_account_at_the_link(
    google: Simulator, http: requests.Session
) -> None:
    client = client_of(google, http, "validation")
    url = rpc(client, "loadCodeAssist").json()["ineligibleTiers"][0]["validationUrl"]

    assert "alice@example.com" in http.get(url, timeout=5).text
    http.post(url, data={"account": "alice@example.com"}, timeout=5)

    assert client.generate().status_code == 200


def test_consumer_access_can_be_switched_off(
    google: Simulator, http: requests.Session
) -> None:
    client = client_of(google, http, "free")
    project = rpc(client, "loadCodeAssist").json()["cloudaicompanionProject"]
    google.options(consumer_access=False)

    loaded = rpc(client, "loadCodeAssist").json()

    assert loaded["ineligibleTiers"][0]["reasonCode"] == "UNSUPPORTED_CLIENT"
    assert reason_of(client.generate(project=project)) == "SUBSCRIPTION_REQUIRED"


def test_onboarding_takes_a_few_polls(
    google: Simulator, http: requests.Session
) -> None:
    client = client_of(google, http, "not_onboarded")
    assert "currentTier" not in rpc(client, "loadCodeAssist").json()
    asked = {"tierId": "standard-tier", "cloudaicompanionProject": "alice-01"}

    operation = rpc(client, "onboardUser", **asked).json()
    polls = [client.get(f"/v1internal/{operation['name']}").json() for _ in range(3)]

    assert [poll.get("done", False) for poll in [operation, *polls]] == [
        False,
        False,
        True,
        True,
    ]
    assert polls[-1]["response"]["cloudaicompanionProject"]["id"] == "alice-01"
    assert rpc(client, "loadCodeAssist").json()["currentTier"]["id"] == "standard-tier"


def test_onboarding_may_be_asked_for_again_and_again(
    google: Simulator, http: requests.Session
) -> None:
    client = client_of(google, http, "not_onboarded_free")

    polls = [rpc(client, "onboardUser", tierId="free-tier").json() for _ in range(3)]

    assert len({poll["name"] for poll in polls}) == 1
    assert polls[-1]["done"] is True
    project = polls[-1]["response"]["cloudaicompanionProject"]["id"]
    assert client.generate(project=project).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"tierId": "free-tier", "cloudaicompanionProject": "alice-01"},
        {"tierId": "standard-tier"},
    ],
)
def test_onboarding_needs_a_project_just_where_the_tier_does(
    alice: Client, asked: dict[str, str]
) -> None:
    refused = rpc(alice, "onboardUser", **asked)

    assert refused.status_code == 400
    assert refused.json()["error"]["status"] == "FAILED_PRECONDITION"


def test_an_account_that_never_onboarded_is_refused(
    google: Simulator, http: requests.Session
) -> None:
    assert client_of(google, http, "not_onboarded").generate().status_code == 403


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"api_enabled": False}, "SERVICE_DISABLED"),
        ({"iam_denied": True}, "IAM_PERMISSION_DENIED"),
    ],
)
def test_a_project_can_be_unusable(
    google: Simulator, alice: Client, change: dict[str, bool], reason: str
) -> None:
    google.project("alice-01", **change)

    assert reason_of(alice.generate()) == reason
    assert alice.generate(project="alice-02").status_code == 200


def test_another_accounts_project_is_denied(alice: Client) -> None:
    assert reason_of(alice.generate(project="bob-01")) == "IAM_PERMISSION_DENIED"


def test_a_model_can_be_missing_from_one_project(
    google: Simulator, alice: Client
) -> None:
    google.project("alice-01", models_missing=["gemini-2.5-pro"])

    assert alice.generate(model="gemini-2.5-pro").status_code == 404
    assert alice.generate(model="gemini-2.5-flash").status_code == 200


def test_the_quota_project_header_is_refused(alice: Client) -> None:
    alice.headers["x-goog-user-project"] = "alice-01"

    refused = alice.generate()

    assert refused.status_code == 403
    service = refused.json()["error"]["details"][0]["metadata"]["service"]
    assert service == "cloudcode-pa.googleapis.com"


def test_errors_of_the_streaming_method_are_arrays(alice: Client) -> None:
    assert isinstance(alice.stream(project="bob-01").json(), list)
    assert isinstance(alice.generate(project="bob-01").json(), dict)


def test_an_unknown_method_is_googles_page(alice: Client) -> None:
    lost = rpc(alice, "embedContent")

    assert lost.status_code == 404
    assert lost.headers["Content-Type"].startswith("text/html")
    assert alice.get("/v1internal:generateContent").status_code in (404, 405)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({}, "CREDENTIALS_MISSING"),
        ({"Authorization": "Bearer nonsense"}, "ACCESS_TOKEN_EXPIRED"),
    ],
)
def test_a_call_without_a_good_token_is_unauthenticated(
    alice: Client, header: dict[str, str], reason: str
) -> None:
    alice.headers = header

    refused = alice.generate()

    assert refused.status_code == 401
    assert reason_of(refused) == reason
    assert "invalid_token" in refused.headers["WWW-Authenticate"]


def test_quota_buckets_follow_the_limits_unless_they_lie(
    google: Simulator, alice: Client
) -> None:
    model = "gemini-2.5-flash"
    limit = {"per": "account", "window": "day", "models": [model], "limit": 4}
    google.quota(limits=[limit | {"reset": "fixed"}])
    alice.generate().raise_for_status()

    def fraction() -> float:
        buckets = rpc(alice, "retrieveUserQuota", project="alice-01").json()["buckets"]
        shown: dict[str, float] = {
            b["modelId"]: b["remainingFraction"] for b in buckets
        }
        return shown[model]

    assert fraction() == 0.75
    google.account("alice@example.com", buckets_lie=True)
    assert fraction() == 1.0


@pytest.mark.parametrize(
    ("method", "field"),
    [
        ("listExperiments", "flags"),
        ("fetchAdminControls", "adminControlsApplicable"),
        ("setCodeAssistGlobalUserSetting", "freeTierDataCollectionOptin"),
    ],
)
def test_small_methods_answer(alice: Client, method: str, field: str) -> None:
    assert field in rpc(alice, method).json()


def test_tokens_are_counted_by_their_own_envelope(alice: Client) -> None:
    contents = [{"role": "user", "parts": [{"text": "x" * 40}]}]
    asked = {"model": "models/gemini-2.5-flash", "contents": contents}

    counted = rpc(alice, "countTokens", request=asked)
    refused = rpc(alice, "countTokens", model="gemini-2.5-flash", request=asked)

    assert counted.json() == {"totalTokens": 10}
    assert refused.status_code == 400
