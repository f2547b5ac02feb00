"""Work that takes longer than a request: made, watched, and going on after a kill."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gswarm.routing.pool import Reservation
from tests.contract.asking import FLASH
from tests.gateway_process import Gateway, start_gateway, wait_for

ALICE = "alice@example.com"
UNARY = "generateContent"
SHOWN = {
    *("id", "kind", "target", "state", "done", "total", "results", "who"),
    *("createdAt", "startedAt", "finishedAt"),
}


@pytest.fixture
def admin(gateway):
    return gateway.sign_in()


def start(admin, path, **body):
    answer = admin.post(f"/api/{path}", json=body)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["Location"] == f"/api/jobs/{job['id']}"
    return job


def show(admin, job):
    answer = admin.get(f"/api/jobs/{job['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(admin, job, seconds=15.0):
    def look():
        shown = show(admin, job)
        return shown["state"] not in ("queued", "running") and shown

    return wait_for(look, seconds, lambda: show(admin, job))


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def enabled(gateway):
    return {each.id for each in gateway.rooms.projects.all() if each.enabled}


def audited(admin):
    entries = admin.get("/api/audit?limit=20").json()["entries"]
    return {entry["what"]: entry for entry in entries}


# -------------------------------------------------------------------- making


def create(admin, google, **body):
    google.options(operation_polls=1)
    return ended(admin, start(admin, "projects/create", account=ALICE, **body))


def test_a_made_project_serves_at_once(gateway, google, admin):
    job = create(admin, google, projectId="brand-new-01", name="Brand new")

    assert job.keys() == SHOWN
    assert (job["kind"], job["target"], job["who"]) == (
        "project-create",
        ALICE,
        "admin",
    )
    assert (job["state"], job["done"], job["total"]) == ("done", 3, 3)
    assert job["results"] == [{"id": "brand-new-01", "account": ALICE, "ok": True}]
    [row] = admin.get("/api/projects?search=brand-new").json()["projects"]
    assert (row["name"], row["account"], row["status"]) == (
        "Brand new",
        ALICE,
        "active",
    )
    assert row["apiEnabled"]
    assert isinstance(gateway.rooms.pool.take(FLASH), Reservation)
    assert admin.post("/api/projects/brand-new-01/test").json()["ok"]
    entry = audited(admin)["project-create.started"]
    assert (entry["target"], entry["details"]) == (ALICE, {"job": job["id"]})


def test_a_project_without_a_name_gets_one(google, admin):
    [made] = create(admin, google)["results"]

    assert made["id"].startswith("gswarm-")


def test_googles_refusal_of_one_more_project_is_told_in_its_own_words(
    gateway, google, admin
):
    google.options(project_limit=4)

    job = create(admin, google, projectId="one-too-many")

    assert job["state"] == "failed"
    assert job["error"] == (
        "The caller has exceeded its allotted project quota. Request a quota increase "
        "at https://support.google.com/code/contact/project_quota_increase"
    )
    assert gateway.rooms.projects.find("one-too-many") is None
    assert len(enabled(gateway)) == 12
    assert gateway.store.keys("*one-too-many*") == []


def test_a_project_whose_api_stays_disabled_is_not_in_the_pool(gateway, google, admin):
    google.script({"error": "iam"}, method="enableService")

    job = create(admin, google, projectId="half-made-01")

    assert job["state"] == "failed"
    assert job["error"].startswith(
        "Google made half-made-01, but did not enable its API: "
    )
    assert gateway.rooms.projects.find("half-made-01") is None
    assert gateway.store.keys("*half-made*") == []


def test_an_id_that_is_taken_is_told_in_googles_words(google, admin):
    job = create(admin, google, projectId="bob-01-taken")
    assert job["state"] == "done"

    job = create(admin, google, projectId="bob-01-taken")
    assert (job["state"], job["error"]) == (
        "failed",
        "Requested entity already exists",
    )


def test_terms_that_were_not_accepted_are_told(google, admin):
    google.account(ALICE, accepts_terms=False)

    assert "Terms of Service" in create(admin, google)["error"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "account"),
        ({"account": ALICE, "projectId": "Capital-01"}, "projectId"),
        ({"account": ALICE, "projectId": "short"}, "projectId"),
        ({"account": ALICE, "projectId": "a" * 31}, "projectId"),
        ({"account": ALICE, "projectId": "newline-01\n"}, "projectId"),
        ({"account": ALICE, "name": "x"}, "name"),
        ({"account": ALICE, "parent": "folders/1"}, "parent"),
    ],
)
def test_a_wish_for_a_project_that_makes_no_sense_is_refused(admin, body, field):
    answer = admin.post("/api/projects/create", json=body)

    assert error_of(answer) == (400, "validation")
    assert field in answer.json()["error"]["details"]


def test_only_a_usable_google_account_makes_projects(gateway, google, admin):
    def asked(account):
        return error_of(admin.post("/api/projects/create", json={"account": account}))

    gateway.import_entries(google.api_keys()[:1])
    google.account("bob@example.com", revoked=True)
    bob = [each for each in google.accounts() if each["email"] == "bob@example.com"]
    gateway.import_entries(bob)

    assert asked("nobody@example.com") == (404, "not_found")
    assert asked("studio-01") == (409, "not_a_google_account")
    assert asked("bob@example.com") == (409, "account_refused")


def test_a_disabled_api_is_enabled_and_the_project_serves_again(gateway, google, admin):
    google.project("alice-01", api_enabled=False)
    gateway.rooms.enrolment.rediscover(
        ALICE, gateway.rooms.discovery, gateway.rooms.credentials
    )
    google.options(operation_polls=0)
    gateway.rooms.projects.enable("alice-01", False)

    job = ended(admin, start(admin, "projects/alice-01/enable"))

    assert (job["state"], job["target"], job["done"]) == ("done", "alice-01", 2)
    assert "alice-01" in enabled(gateway)
    assert admin.post("/api/projects/alice-01/test").json()["ok"]


# -------------------------------------------------------------------- trying


def test_all_are_tried_with_a_result_for_each(google, admin):
    google.project("bob-02", iam_denied=True)
    google.script({"error": "rate_limit"}, project="carol-01", method=UNARY)

    job = ended(admin, start(admin, "projects/test"))

    assert (job["state"], job["done"], job["total"]) == ("done", 12, 12)
    results = {result["id"]: result for result in job["results"]}
    assert len(results) == 12
    refused = {name for name, result in results.items() if not result["ok"]}
    assert refused == {"bob-02", "carol-01"}
    assert results["bob-02"]["status"] == 403
    assert "Permission" in results["bob-02"]["message"]
    assert results["alice-01"].keys() == {"id", "ok", "latencyMs"}
    rows = admin.get("/api/projects").json()["projects"]
    assert {row["status"] for row in rows} == {"active"}


def test_a_probe_takes_out_what_google_refuses_and_only_that(gateway, google, admin):
    google.project("bob-02", iam_denied=True)
    google.script({"error": "rate_limit"}, project="bob-01", method=UNARY)
    google.script({"error": "internal"}, project="bob-03", method=UNARY)
    ids = ["bob-01", "bob-02", "bob-03", "bob-04"]

    job = ended(admin, start(admin, "probe", projectIds=ids, disableFailing=True))

    assert {result["id"] for result in job["results"]} == set(ids)
    disabled = [result["id"] for result in job["results"] if result.get("disabled")]
    assert disabled == ["bob-02"]
    assert {"bob-01", "bob-02", "bob-03", "bob-04"} - enabled(gateway) == {"bob-02"}
    entry = audited(admin)["project.disabled"]
    assert (entry["who"], entry["target"]) == ("admin", "bob-02")
    assert google.counts(method=UNARY) == 4


def test_trials_count_against_the_quotas_unless_they_are_refused(
    gateway, google, admin, configure
):
    model = gateway.settings.model
    limits = {model: {"perMinutePerProject": 1, "perDayPerAccount": 4}}
    configure(quotaManagement={"limits": limits})
    google.script({"error": "rate_limit"}, project="bob-01", method=UNARY)
    google.account(ALICE, expire_access=True)

    ended(admin, start(admin, "projects/test"))

    used = {use.account: use.used for use in gateway.rooms.quotas.uses()}
    assert used == {ALICE: 4, "bob@example.com": 3, "carol@example.com": 4}
    google.forget_calls()
    assert gateway.ask(model=model).status_code == 200
    assert gateway.ask(model=model).status_code == 429
    assert [call["project"] for call in google.calls(brief=True)] == ["bob-01"]


def test_a_probe_of_a_stranger_is_refused(admin):
    body = {"projectIds": ["alice-01", "nobody-01"]}
    answer = admin.post("/api/probe", json=body)

    assert error_of(answer) == (400, "validation")
    assert "nobody-01" in answer.json()["error"]["details"]["projectIds"][0]


# ------------------------------------------------------------------ one of a kind


def test_of_each_kind_one_runs_at_a_time(google, admin):
    stall = {"stall": {"before": "headers", "seconds": 5}}
    google.script(stall, times=1, method=UNARY)
    job = start(admin, "projects/test")

    answers = [admin.post("/api/projects/test", json={}) for _ in range(4)]
    probe = start(admin, "probe", projectIds=["alice-01"])

    assert {error_of(answer) for answer in answers} == {(409, "job_running")}
    told = answers[0].json()["error"]["details"]["job"]
    assert (told["id"], told["kind"]) == (job["id"], "project-test")
    assert ended(admin, job)["state"] == ended(admin, probe)["state"] == "done"
    ended(admin, start(admin, "projects/test"))


def test_jobs_are_listed_the_newest_first(admin):
    first = ended(admin, start(admin, "probe", projectIds=["alice-01"]))
    second = ended(admin, start(admin, "probe", projectIds=["alice-02"]))

    listed = admin.get("/api/jobs").json()
    assert listed["total"] == 2
    assert [job["id"] for job in listed["jobs"]] == [second["id"], first["id"]]
    assert "results" not in listed["jobs"][0]
    assert len(admin.get("/api/jobs?limit=1").json()["jobs"]) == 1


def test_progress_is_told_to_who_is_signed_in(admin):
    with admin.get("/api/gswarm/status/stream", stream=True, timeout=20) as stream:
        lines = stream.iter_lines(chunk_size=1)
        next(lines)
        job = start(admin, "probe", projectIds=["alice-01"])
        heard = next(line for line in lines if b'"done"' in line or b"job" in line)
        assert heard
        data = next(line for line in lines if job["id"].encode() in line)
    assert b"probe" in data


# --------------------------------------------------------------------- bench


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_bench_asks_through_the_pool_and_reports(gateway, google, admin, is_stream):
    google.script(
        {"error": "invalid_argument"}, times=2, method="streamGenerateContent"
    )
    body = {"model": "gpt-4o", "requests": 20, "concurrency": 5, "stream": is_stream}

    job = ended(admin, start(admin, "bench", **body))

    assert (job["state"], job["done"], job["total"]) == ("done", 20, 20)
    [report] = job["results"]
    assert (report["sent"], report["succeeded"]) == (20, 18)
    assert sum(report["failed"].values()) == 2
    assert sum(report["projects"].values()) == 18
    assert set(report["projects"]) <= enabled(gateway)
    latency = report["latencyMs"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"]
    assert (report["firstTokenMs"] is not None) == is_stream
    assert report["tokensPerSecond"] > 0
    by_key = admin.get("/api/gswarm/metrics").json()["by_key"]
    assert by_key["bench"]["total"] == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": ""},
        {"model": "gpt-9"},
        {"requests": 201},
        {"requests": 0},
        {"requests": "5"},
        {"concurrency": 21},
        {"stream": "yes"},
        {"rpm": 60},
    ],
)
def test_a_bench_beyond_bounds_is_refused(admin, wrong):
    body = {"model": FLASH, "requests": 1, "concurrency": 1} | wrong
    answer = admin.post("/api/bench", json=body)

    assert error_of(answer) == (400, "validation")
    assert next(iter(wrong)) in answer.json()["error"]["details"]


# ------------------------------------------------------------------ refusals

STARTS = [
    "/api/projects/create",
    "/api/projects/test",
    "/api/projects/alice-01/enable",
    "/api/probe",
    "/api/bench",
]


@pytest.mark.parametrize("path", STARTS)
def test_jobs_start_for_who_is_signed_in_only(gateway, admin, path):
    assert error_of(gateway.post(path, {})) == (401, "not_signed_in")

    admin.headers.pop("X-CSRF-Token")
    assert error_of(admin.post(path, json={})) == (403, "wrong_csrf_token")


def test_jobs_are_seen_by_who_is_signed_in_only(gateway, admin):
    assert error_of(gateway.get("/api/jobs")) == (401, "not_signed_in")
    assert error_of(gateway.get("/api/jobs/x")) == (401, "not_signed_in")
    assert error_of(admin.get("/api/jobs/x")) == (404, "not_found")
    assert error_of(admin.get("/api/jobs?limit=0")) == (400, "validation")
    assert error_of(admin.post("/api/jobs")) == (405, "method_not_allowed")


# ----------------------------------------------------------------- surviving


@pytest.fixture(scope="module")
def own_gateway(simulator) -> Iterator[Gateway]:
    """One whose workers may be killed."""
    with start_gateway(simulator, workers=2, accounts=False) as running:
        yield running


def test_a_job_outlives_its_killed_worker(own_gateway, google):
    own_gateway.begin_anew(google.accounts())
    admin = own_gateway.sign_in()
    google.speed(ttft_seconds=0.5)
    google.options(operation_polls=0)
    testing = start(admin, "projects/test")
    making = start(admin, "projects/create", account=ALICE, projectId="outlives-01")
    bench = start(admin, "bench", model=FLASH, requests=100, concurrency=2)
    wait_for(lambda: show(admin, testing)["done"] >= 1)

    own_gateway.kill9_workers()
    killed_at = time.monotonic()
    own_gateway.wait_until_ready()

    tested = ended(admin, testing, 20)
    assert (tested["state"], tested["done"], tested["total"]) == ("done", 12, 12)
    assert len({result["id"] for result in tested["results"]}) == 12
    assert ended(admin, making, 20)["state"] == "done"
    assert "outlives-01" in enabled(own_gateway)
    lost = ended(admin, bench, 15)
    assert lost["state"] == "lost"
    assert lost["error"]
    assert time.monotonic() - killed_at < 25
    google.speed()
    assert ended(admin, start(admin, "projects/test"))["state"] == "done"
