"""Long work as people follow it; benches and probes as they start them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

EVIL = '<img src=x onerror="window.hurt = 1">'
MODEL = "gemini-2.5-flash"


@pytest.fixture
def jobs(page: Page) -> Page:
    page.goto("/#/jobs")
    page.get_by_text("No jobs of late").wait_for()
    return page


def jobs_of(page: Page) -> Locator:
    return page.locator(
        "jobs-panel .table-scroll > .table > tbody > tr:not(.detail)"
    ).filter(has=page.locator(".job-name"))


def detail(page: Page) -> Locator:
    return page.locator("jobs-panel .job-detail")


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def start_bench(page: Page, requests: int = 12, concurrency: int = 3) -> None:
    page.locator(".panel-head").get_by_role("button", name="Run a bench").click()
    dialog = page.get_by_role("dialog", name="Run a bench")
    dialog.get_by_label("Model").select_option(MODEL)
    dialog.get_by_label("Requests").fill(str(requests))
    dialog.get_by_label("At the same time").fill(str(concurrency))
    button(dialog, "Run").click()


def test_a_bench_is_followed_live_to_its_report(jobs, api, google, shoot):
    google.speed(ttft_seconds=1)
    start_bench(jobs, requests=24)
    expect(jobs_of(jobs)).to_have_count(1)
    expect(jobs_of(jobs)).to_contain_text("running")
    seen = jobs_of(jobs).get_by_role("progressbar")
    expect(seen).not_to_have_attribute("aria-valuenow", re.compile("^(0|24)$"))
    google.speed(ttft_seconds=0.2)
    expect(jobs_of(jobs)).to_contain_text("done")
    expect(seen).to_have_attribute("aria-valuenow", "24")

    latency = detail(jobs).get_by_role("table", name="Latency")
    expect(latency.get_by_role("row")).to_have_text(
        [re.compile(rf"{name}\s+\d.* m?s\s*$") for name in ("p50", "p90", "p99")]
    )
    tokens = detail(jobs).get_by_role("table", name="Time to first token")
    expect(tokens.get_by_role("row")).to_have_count(3)
    shared = detail(jobs).get_by_role("table", name="Answers by project")
    expect(shared.get_by_role("row")).to_have_count(12)
    [job] = api.get("/api/jobs").json()["jobs"]
    assert jobs.url.endswith(job["id"])
    report = api.get(f"/api/jobs/{job['id']}").json()["results"][-1]
    assert report["succeeded"] == 24
    shoot(jobs, "bench")


def test_what_failed_in_a_bench_is_counted_by_code(jobs, google):
    google.script({"error": "daily_quota"}, times=None)
    start_bench(jobs, requests=3, concurrency=1)

    failures = detail(jobs).get_by_role("table", name="Failures")
    expect(failures.get_by_role("row").first).to_contain_text("insufficient_quota")
    expect(detail(jobs).locator(".figure.bad")).to_have_text("Failed3")


def test_a_bench_too_large_is_refused_beside_its_field(jobs, api, complaints):
    complaints.expect("400")
    jobs.evaluate("HTMLFormElement.prototype.reportValidity = () => true")
    start_bench(jobs, requests=201)

    dialog = jobs.get_by_role("dialog", name="Run a bench")
    expect(dialog.get_by_label("Requests")).to_have_attribute("aria-invalid", "true")
    expect(dialog).to_contain_text("200")
    assert api.get("/api/jobs").json()["jobs"] == []


def test_a_probe_takes_out_what_google_refuses(jobs, api, google, shoot):
    google.project("bob-01", iam_denied=True)
    button(jobs, "Probe projects").click()
    dialog = jobs.get_by_role("dialog", name="Probe projects")
    dialog.get_by_label("Only these projects").fill("alice-01\nbob-01")
    dialog.get_by_label("Take those out").check()
    button(dialog, "Probe").click()

    lines = detail(jobs).get_by_role("row")
    expect(lines).to_have_count(3)
    expect(lines.nth(1)).to_contain_text("bob-01")
    expect(lines.nth(1)).to_contain_text("taken out")
    expect(lines.nth(2)).to_contain_text("answered")
    shoot(jobs, "probe")
    listed = api.get("/api/projects", params={"status": "disabled"}).json()["projects"]
    assert [each["id"] for each in listed] == ["bob-01"]


def test_unknown_projects_are_named(jobs, complaints):
    complaints.expect("400")
    button(jobs, "Probe projects").click()
    dialog = jobs.get_by_role("dialog", name="Probe projects")
    dialog.get_by_label("Only these projects").fill("nobody-01")
    button(dialog, "Probe").click()

    expect(dialog).to_contain_text("There is no project 'nobody-01'.")


def test_jobs_started_elsewhere_show_at_once(jobs, api):
    api.post("/api/projects/test", json={})

    expect(jobs_of(jobs)).to_contain_text("Test of all projects")
    expect(jobs_of(jobs)).to_contain_text("done")
    button(jobs, "Test of all projects").click()
    expect(detail(jobs).get_by_role("row")).to_have_count(13)
    opened = button(jobs, "Test of all projects")
    expect(opened).not_to_have_attribute("aria-busy", "true")
    opened.click()
    expect(detail(jobs)).to_have_count(0)


def test_a_second_bench_shows_the_one_that_runs(jobs, api, google, complaints):
    complaints.expect("409")
    google.speed(ttft_seconds=1)
    body = {"model": MODEL, "requests": 10, "concurrency": 1}
    first = api.post("/api/bench", json=body).json()
    start_bench(jobs)

    expect(jobs).to_have_url(re.compile(first["id"]))
    expect(jobs_of(jobs)).to_have_count(1)
    google.speed(ttft_seconds=0)
    expect(jobs_of(jobs)).to_contain_text("done")


def test_why_a_job_failed_is_told(jobs, api, google):
    google.script({"error": "iam"}, method="enableService")
    api.post("/api/projects/alice-01/enable")

    expect(jobs_of(jobs)).to_contain_text("failed")
    button(jobs, "Enabling the API").click()
    expect(detail(jobs).get_by_role("alert")).to_contain_text("ermission")


def test_hostile_words_stay_text(page, api, google):
    said = {"status": 403, "body": {"error": {"code": 403, "message": EVIL}}}
    google.script(said, times=None, project="alice-01")
    api.post("/api/probe", json={"projectIds": ["alice-01"]})
    page.goto("/#/jobs")
    button(page, "Probe").click()

    expect(detail(page)).to_contain_text(EVIL)
    assert page.evaluate("window.hurt") is None


def test_what_fails_is_said_and_tried_again(page, complaints):
    complaints.expect("503")
    refusal = {"error": {"code": "store_unavailable", "message": "The store is away."}}
    page.route("**/api/jobs?*", lambda r: r.fulfill(status=503, json=refusal))
    page.goto("/#/jobs")
    expect(page.get_by_role("alert")).to_contain_text("The store is away.")

    page.unroute("**/api/jobs?*")
    button(page, "Try again").click()

    expect(page.get_by_text("No jobs of late")).to_be_visible()
