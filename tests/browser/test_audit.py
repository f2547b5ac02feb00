"""Who changed what, as the dashboard shows it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from gswarm.store.audit import Audit


@pytest.fixture
def audit(running_gateway) -> Audit:
    return Audit(running_gateway.store)


def open_audit(page: Page) -> None:
    page.goto("/#/audit")
    page.get_by_role("heading", name="Audit").wait_for()


def rows(page: Page):
    return page.locator("audit-panel tbody tr")


def test_a_change_shows_with_who_made_it_and_from_where(page, api, shoot):
    key = api.post("/api/api-keys", json={"name": "from the other hand"}).json()
    open_audit(page)

    row = rows(page).filter(has_text="api key · created").first
    expect(row).to_contain_text("admin")
    expect(row).to_contain_text(key["id"])
    expect(row).to_contain_text("127.0.0.1")
    row.locator("summary").click()
    expect(row.locator("pre")).to_contain_text("from the other hand")
    shoot(page, "audit")


def test_older_entries_come_page_by_page_and_stay(page, audit):
    for i in range(120):
        audit.write("cli", "project.toggled", f"project-{i:03}")
    open_audit(page)
    expect(rows(page)).to_have_count(50)
    expect(rows(page).first).to_contain_text("project-119")

    page.get_by_role("button", name="Show older").click()
    expect(rows(page)).to_have_count(100)
    audit.write("cli", "project.toggled", "the-newest-one")
    page.get_by_role("button", name="Refresh").click()
    expect(rows(page).first).to_contain_text("the-newest-one")
    expect(rows(page)).to_have_count(101)
    page.get_by_role("button", name="Show older").click()

    expect(page.get_by_text("all there are")).to_be_visible()
    shown = rows(page).locator(".audit-target").all_inner_texts()
    assert len(shown) == len(rows(page).all())
    assert [each for each in shown if each.startswith("project-")] == [
        f"project-{i:03}" for i in reversed(range(120))
    ]


def test_hostile_entries_stay_text(page, audit):
    hostile = '<img src=x onerror="document.title=1">' + "long" * 60
    audit.write(hostile, hostile, hostile, hostile, {hostile: hostile})
    open_audit(page)

    expect(rows(page).first).to_contain_text("<img src=x")
    assert page.locator("audit-panel img").count() == 0
    assert page.evaluate("main.scrollWidth <= main.clientWidth")


def test_a_log_that_cannot_be_read_says_so_and_can_be_tried_again(page, complaints):
    complaints.expect("503")
    body = '{"error": {"code": "store_unavailable", "message": "The store is away."}}'
    page.route(
        "**/api/audit?*", lambda each: each.fulfill(status=503, body=body), times=1
    )
    open_audit(page)

    expect(page.get_by_role("alert")).to_contain_text("The store is away.")
    page.get_by_role("button", name="Try again").click()
    expect(rows(page).first).to_contain_text(re.compile("session"))


def test_an_empty_log_says_what_will_stand_there(page, running_gateway):
    running_gateway.store.delete("gswarm:audit")
    open_audit(page)

    expect(page.get_by_text("Nothing has been changed yet")).to_be_visible()
