"""Projects and their services, listed, created and enabled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.simulator.client import Client
from tests.simulator_process import Simulator

SERVICE = "services/cloudaicompanion.googleapis.com"


def polled(client: Client, operation: dict[str, Any], version: str = "v1") -> Any:
    """Poll an operation to its end; (polls that said "not yet", the end)."""
    for pending in range(10):
        reply = client.get(f"/{version}/{operation['name']}").json()
        if reply.get("done"):
            return pending, reply
    raise AssertionError("the operation never ended")


def test_projects_are_listed_page_by_page(google: Simulator, alice: Client) -> None:
    google.add_account("alice@example.com", projects=5)
    alice = Client(google, alice.http, google.accounts()[0])
    google.project("alice-03", state="DELETE_REQUESTED")
    asked = {"filter": "lifecycleState:ACTIVE", "pageSize": 3}

    first = alice.get("/v1/projects", **asked).json()
    second = alice.get("/v1/projects", **asked, pageToken=first["nextPageToken"]).json()

    ids = [p["projectId"] for p in first["projects"] + second["projects"]]
    assert ids == ["alice-01", "alice-02", "alice-04", "alice-05"]
    assert "nextPageToken" not in second


def test_an_account_without_projects_gets_an_empty_object(
    google: Simulator, alice: Client
) -> None:
    entry = google.add_account("new@example.com", projects=0)

    client = Client(google, alice.http, entry)

    assert client.get("/v1/projects").json() == {}


def test_version_3_tells_the_same(alice: Client) -> None:
    found = alice.get("/v3/projects:search", query="state:ACTIVE").json()["projects"]

    assert [p["projectId"] for p in found] == ["alice-01", "alice-02"]
    assert found[0]["name"].startswith("projects/")
    assert found[0]["state"] == "ACTIVE"


def test_a_foreign_project_cannot_be_seen(alice: Client) -> None:
    assert alice.get("/v1/projects/bob-01").status_code == 403
    assert alice.get(f"/v1/projects/bob-01/{SERVICE}").status_code == 403


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_a_project_is_created_in_its_time(alice: Client, version: str) -> None:
    asked = {"projectId": "brand-new-1", "name": "New"}

    operation = alice.post(f"/{version}/projects", asked).json()
    pending, end = polled(alice, operation, version)

    assert pending == 2
    assert end["response"]["projectId"] == "brand-new-1"
    listed = alice.get("/v1/projects").json()["projects"]
    assert "brand-new-1" in [p["projectId"] for p in listed]
    state = alice.get(f"/v1/projects/brand-new-1/{SERVICE}").json()["state"]
    assert state == "DISABLED"


def test_an_id_that_is_taken_or_malformed_is_refused(alice: Client) -> None:
    taken = alice.post("/v1/projects", {"projectId": "bob-01"})
    malformed = alice.post("/v1/projects", {"projectId": "No"})

    assert (taken.status_code, taken.json()["error"]["status"]) == (
        409,
        "ALREADY_EXISTS",
    )
    assert malformed.status_code == 400


def test_the_project_quota_is_told_by_the_operation(
    google: Simulator, alice: Client
) -> None:
    google.options(project_limit=2)

    operation = alice.post("/v1/projects", {"projectId": "one-too-many"}).json()
    _, end = polled(alice, operation)

    assert end["error"]["code"] == 8
    assert "exceeded its allotted project quota" in end["error"]["message"]


def test_terms_must_be_accepted_before_creating(
    google: Simulator, alice: Client
) -> None:
    google.account("alice@example.com", accepts_terms=False)

    refused = alice.post("/v1/projects", {"projectId": "brand-new-2"})

    assert refused.status_code == 403
    assert "must accept Terms of Service" in refused.json()["error"]["message"]


def test_an_api_is_enabled_and_works_once_the_news_has_spread(
    google: Simulator, alice: Client
) -> None:
    google.options(propagation_seconds=120)
    google.project("alice-01", api_enabled=False)
    assert alice.generate().status_code == 403

    operation = alice.post(f"/v1/projects/alice-01/{SERVICE}:enable", {}).json()
    _, end = polled(alice, operation)

    assert end["response"]["service"]["state"] == "ENABLED"
    early = alice.generate()
    assert early.json()["error"]["details"][0]["reason"] == "SERVICE_DISABLED"
    google.clock(advance=121)
    alice = Client(google, alice.http, alice.entry)
    assert alice.generate().status_code == 200


def test_enabling_twice_is_done_at_once(alice: Client) -> None:
    again = alice.post(f"/v1/projects/alice-01/{SERVICE}:enable", {}).json()

    assert again["done"] is True
    assert alice.get(f"/v1/{again['name']}").json()["done"] is True


def test_services_are_enabled_in_batches_of_at_most_twenty(
    google: Simulator, alice: Client
) -> None:
    google.project("alice-02", api_enabled=False)
    path = "/v1/projects/alice-02/services:batchEnable"
    service = SERVICE.removeprefix("services/")

    _, end = polled(alice, alice.post(path, {"serviceIds": [service]}).json())

    assert end["response"]["services"][0]["state"] == "ENABLED"
    assert alice.post(path, {"serviceIds": [service] * 21}).status_code == 400


def test_cloud_calls_are_logged_and_can_be_scripted(
    google: Simulator, alice: Client
) -> None:
    google.script({"error": "internal"}, method="listProjects")

    assert alice.get("/v1/projects").status_code == 500
    assert alice.get("/v1/projects").status_code == 200
    calls = google.calls(method="listProjects")
    assert [call["status"] for call in calls] == [500, 200]
    assert calls[0]["account"] == "alice@example.com"
