"""What requests add up to, and what can be taken away."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from gswarm.monitoring.request_log import RequestLog

from .test_overview import MODEL, seed_traffic

PRO = "gemini-2.5-pro"


@pytest.fixture
def asked(gateway):
    """Three requests that were answered, and one that was not."""
    for model in (MODEL, MODEL, PRO):
        gateway.ask(model=model)
    gateway.ask(model=MODEL, temperature="hot")


def open_metrics(page: Page, query: str = "") -> None:
    page.goto(f"/#/metrics{query}")
    page.locator("metrics-trends time-chart").wait_for()


def wider_than_the_panel(page: Page) -> list[str]:
    """What makes the panel scroll sideways."""
    return page.evaluate(
        """() => {
          const main = document.getElementById("main");
          if (main.scrollWidth <= main.clientWidth) return [];
          const right = main.getBoundingClientRect().left + main.clientWidth;
          return [...main.querySelectorAll("*")]
            .filter((each) => each.getBoundingClientRect().right > right)
            .map((each) => `${each.localName}.${each.className}`);
        }"""
    )


def figure(page: Page, title: str):
    return page.locator(f"metrics-panel .figure:has(dt:text-is('{title}')) dd")


def parts(page: Page, title: str):
    return page.get_by_role("region", name=f"By {title}").locator("tbody tr")


def test_requests_are_added_up_as_the_api_does(asked, page, api):
    open_metrics(page)
    found = api.get("/api/gswarm/metrics").json()

    expect(figure(page, "Requests")).to_have_text(str(found["total_requests"]))
    expect(figure(page, "Failed")).to_have_text("25 %")
    expect(parts(page, "Model")).to_have_count(2)
    expect(parts(page, "Model").first).to_contain_text(MODEL)
    expect(page.get_by_role("region", name="Why requests failed")).to_contain_text(
        "invalid"
    )


@pytest.mark.parametrize(
    ("button", "title", "name"),
    [
        ("Account", "Account", "alice@example.com"),
        ("API key", "API key", "test"),
        ("Path", "Path", "/v1/chat/completions"),
    ],
)
def test_they_are_told_apart_in_other_ways(asked, page, button, title, name):
    open_metrics(page)

    page.get_by_role("button", name=button, exact=True).click()

    expect(parts(page, title).filter(has_text=name)).to_have_count(1)
    assert "by=" in page.url


def test_rows_are_sorted_by_a_head(asked, page):
    open_metrics(page)
    head = page.get_by_role("columnheader", name="Model").first

    head.get_by_role("button").click()

    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(parts(page, "Model").first).to_contain_text(MODEL)
    head.get_by_role("button").click()
    expect(parts(page, "Model").first).to_contain_text(PRO)


def test_a_model_is_chosen_and_let_go_again(asked, page):
    open_metrics(page)
    choice = page.get_by_role("combobox", name="All models")

    choice.select_option(PRO)
    expect(figure(page, "Requests")).to_have_text("1")
    assert f"model={PRO}" in page.url
    page.reload()
    expect(figure(page, "Requests")).to_have_text("1")
    expect(choice).to_have_value(PRO)
    choice.select_option("")

    expect(figure(page, "Requests")).to_have_text("4")


def test_days_without_requests_say_so(asked, page):
    open_metrics(page)
    earliest = page.get_by_label("From (UTC)").get_attribute("min")

    page.get_by_label("To (UTC)").fill(earliest)
    expect(page.locator("metrics-panel .empty")).to_contain_text("No such requests")
    page.get_by_role("button", name="Show everything").click()

    expect(figure(page, "Requests")).to_have_text("4")


def test_days_in_the_wrong_order_are_refused_in_the_apis_words(asked, page, complaints):
    complaints.expect("400")
    open_metrics(page)

    page.get_by_label("To (UTC)").fill(
        page.get_by_label("From (UTC)").get_attribute("min")
    )
    page.get_by_label("From (UTC)").fill(datetime.now(UTC).strftime("%Y-%m-%d"))

    expect(page.get_by_role("alert")).to_contain_text("Before startDate.")


def test_a_new_request_counts_without_a_reload(asked, page, gateway):
    open_metrics(page)
    expect(figure(page, "Requests")).to_have_text("4")

    gateway.ask(model=MODEL)

    expect(figure(page, "Requests")).to_have_text("5")


def test_metrics_are_taken_away_in_three_forms(asked, page):
    open_metrics(page)

    def taken(name: str) -> bytes:
        with page.expect_download() as started:
            page.get_by_role("link", name=name, exact=True).click()
        return started.value.path().read_bytes()

    assert json.loads(taken("JSON"))["metrics"]["total_requests"] == 4
    assert len(taken("CSV").splitlines()) == 5
    with zipfile.ZipFile(io.BytesIO(taken("ZIP"))) as archive:
        assert set(archive.namelist()) == {"README.txt", "metrics.json", "requests.csv"}


def test_the_days_chosen_are_those_taken_away(asked, page):
    open_metrics(page)

    page.get_by_label("From (UTC)").fill(
        page.get_by_label("From (UTC)").get_attribute("max")
    )

    expect(page.get_by_role("link", name="CSV", exact=True)).to_have_attribute(
        "href", re.compile(r"format=csv&startDate=\d{4}-\d\d-\d\d$")
    )


def serve(gateway, days_ago: int, seconds: float) -> None:
    """A request of that day took so long; written by the ledger itself."""
    instant = time.time() - days_ago * 86_400
    ledger = RequestLog(gateway.store, clock=lambda: instant)
    entry = ledger.open(f"req_{days_ago}", "/v1/chat/completions", "POST")
    entry.started -= seconds
    with gateway.store.pipeline(transaction=False) as pipe:
        ledger.close(pipe, entry)
        pipe.execute()


def test_one_day_with_requests_goes_nowhere(gateway, page):
    serve(gateway, 0, 1)
    open_metrics(page)

    told = page.locator("metrics-trends .trend")
    expect(told).to_have_text("0.1 a day on average, 1 at most")


def test_a_latency_is_averaged_over_the_days_that_have_one(gateway, page):
    for days_ago, seconds in ((4, 2.0), (0, 4.0)):
        serve(gateway, days_ago, seconds)
    open_metrics(page, "?metric=latency")

    told = page.locator("metrics-trends .trend")
    expect(told).to_contain_text("Rising")
    expect(told).to_contain_text("3 s on average, 4 s at most; today +")


def test_trends_say_in_words_which_way_it_goes(asked, gateway, page, api):
    serve(gateway, 2, 1)
    open_metrics(page)
    trends = page.locator("metrics-trends")
    expect(trends).to_contain_text("Rising")

    trends.get_by_role("button", name="Tokens").click()
    trends.get_by_role("button", name="30 days").click()

    plot = trends.get_by_role("slider", name="Tokens, by day")
    expect(plot).to_have_attribute("aria-valuemax", "30")
    query = {"metric": "tokens", "days": 30}
    peak = api.get("/api/gswarm/metrics/trends", params=query).json()["peak"]
    expect(trends).to_contain_text(f"{peak:.0f} at most")


def test_quotas_say_what_is_used_and_left(gateway, page, api):
    shown = api.get("/api/gswarm/config").json()
    limits = {MODEL: {"perDayPerAccount": 100}}
    change = {"version": shown["version"], "quotaManagement": {"limits": limits}}
    api.post("/api/gswarm/config", json=change).raise_for_status()
    gateway.wait_for_pulses()
    gateway.ask(model=MODEL)
    open_metrics(page)

    row = page.get_by_role("region", name="Quotas", exact=True).locator("tbody tr")

    expect(row.first).to_contain_text("1 of 100")
    expect(row.first).to_contain_text("99")


def test_with_nothing_asked_it_leads_to_the_playground(page):
    open_metrics(page)

    link = page.locator("metrics-panel .empty").get_by_role("link")
    expect(link).to_have_attribute("href", "#/playground")


def test_what_fails_says_so_and_is_tried_again(asked, page, complaints):
    complaints.expect("503")
    refusal = {"error": {"code": "store_unavailable", "message": "It is <away>."}}
    page.route("**/api/gswarm/metrics", lambda r: r.fulfill(status=503, json=refusal))
    open_metrics(page)
    expect(page.get_by_role("alert")).to_contain_text("It is <away>.")

    page.unroute("**/api/gswarm/metrics")
    page.get_by_role("button", name="Try again").click()

    expect(figure(page, "Requests")).to_have_text("4")


@pytest.mark.parametrize("width", [360, 768])
def test_it_fits_narrow_screens(asked, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    open_metrics(page)
    expect(figure(page, "Requests")).to_have_text("4")

    assert wider_than_the_panel(page) == []


def test_it_looks_right(asked, page, gateway, shoot):
    seed_traffic(gateway)
    open_metrics(page)
    shoot(page, "metrics")
    page.locator("#main").evaluate("(main) => main.scrollTo(0, 520)")
    shoot(page, "metrics-low")
