"""What went wrong, as people see it: at once, found again, and forgotten."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from gswarm.store.incidents import Incident, Incidents

ALICE = "alice@example.com"
EVIL = '<img src=x onerror="window.hurt = 1">'
PATH = "/api/dashboard/errors"
TODAY = "new Date().toLocaleDateString('sv')"
"""As a date control has it."""


@pytest.fixture
def errors(page: Page) -> Page:
    page.goto("/#/errors")
    page.get_by_text("Nothing went wrong").wait_for()
    return page


def lines(page: Page) -> Locator:
    return page.locator("errors-panel tbody tr")


def keep(gateway, count: int = 1, **fields) -> None:
    """So many things have gone wrong, one after another."""
    given = {
        "type": "rate_limit",
        "message": "Resource has been exhausted.",
        "request_id": "req_1",
        "model": "gemini-2.5-flash",
        "account": ALICE,
        "project_id": "alice-01",
        "status": 429,
    }
    for number in range(count):
        numbered = {"message": f"Failure {number}"} if count > 1 else {}
        with gateway.store.pipeline() as pipe:
            kept = Incident(**given | numbered | fields)
            Incidents(gateway.store).queue(pipe, kept)
            pipe.execute()


def test_an_error_shows_at_once_with_googles_words_and_the_way_out(
    errors, gateway, google, shoot
):
    google.script({"error": "validation"}, account=ALICE)
    google.script({"error": "rate_limit"}, account="bob@example.com")
    for _ in range(3):
        gateway.ask()

    refused = lines(errors).filter(has_text="auth")
    expect(refused).to_contain_text("Verify your account")
    expect(refused).to_contain_text("answered by another")
    link = refused.get_by_role("link", name="Mend it at Google")
    expect(link).to_have_attribute("href", re.compile("^https://"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(lines(errors).filter(has_text="rate limit")).to_have_count(1)
    shoot(errors, "errors")


def test_what_can_be_mended_here_leads_there(errors, gateway, google):
    google.project("alice-01", api_enabled=False)
    google.account("bob@example.com", revoked=True, expire_access=True)
    for _ in range(12):
        gateway.ask()

    unused = lines(errors).filter(has_text="has not been used")
    enable = unused.get_by_role("link", name="Enable API").first
    expect(enable).to_have_attribute("href", "#/projects?search=alice-01")
    gone = lines(errors).filter(has_text="not logged in").first
    gone.get_by_role("link", name="Sign in again").click()

    search = errors.get_by_role("searchbox", name="Search accounts")
    expect(search).to_have_value("bob@example.com")


def test_a_request_nobody_could_answer_is_marked_as_failed(errors, gateway, google):
    google.script({"error": "daily_quota"}, times=None)
    gateway.ask(model="gemini-2.5-flash")

    expect(lines(errors).filter(has_text="failed").first).to_be_visible()
    expect(lines(errors).filter(has_text="answered by another")).to_have_count(0)


def test_errors_are_found_by_type_account_project_and_day(page, gateway):
    keep(gateway)
    keep(gateway, type="auth", status=403, project_id="bob-01", account="bob@x.org")
    page.goto("/#/errors")
    expect(lines(page)).to_have_count(2)

    page.get_by_label("Type").select_option("auth")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("bob-01")
    page.get_by_label("Account").select_option(ALICE)
    expect(page.get_by_text("No error is like that")).to_be_visible()
    page.get_by_role("button", name="Show all errors").click()
    expect(lines(page)).to_have_count(2)

    page.get_by_label("Project").fill("alice-01")
    page.get_by_label("Project").press("Enter")
    expect(lines(page)).to_have_count(1)
    page.get_by_label("From").fill(page.evaluate(TODAY))
    expect(lines(page)).to_have_count(1)
    page.get_by_label("From").fill("2001-01-01")
    page.get_by_label("To").fill("2001-01-02")
    expect(page.get_by_text("No error is like that")).to_be_visible()
    page.reload()
    expect(page.get_by_label("To")).to_have_value("2001-01-02")


def test_filters_follow_the_address(page, gateway):
    keep(gateway)
    keep(gateway, type="auth")
    page.goto("/#/errors?type=auth&project=alice-01")
    expect(lines(page)).to_have_count(1)

    page.get_by_role("link", name="Errors").click()

    expect(lines(page)).to_have_count(2)
    expect(page.get_by_label("Type")).to_have_value("")
    expect(page.get_by_label("Project")).to_have_value("")


def test_a_day_is_meant_as_it_is_where_the_reader_is(page, gateway, context):
    keep(gateway)
    clock = context.new_cdp_session(page)
    kiribati = {"timezoneId": "Pacific/Kiritimati"}  # 14 hours ahead of UTC
    clock.send("Emulation.setTimezoneOverride", kiribati)

    with page.expect_request(lambda each: "startDate" in each.url) as asking:
        page.goto("/#/errors?startDate=2026-02-03&endDate=2026-02-04")

    asked = parse_qs(urlsplit(asking.value.url).query)
    assert asked["startDate"] == ["2026-02-02T10:00:00.000Z"]
    assert asked["endDate"] == ["2026-02-04T09:59:59.999Z"]
    expect(page.get_by_label("From")).to_have_value("2026-02-03")


def test_days_in_the_wrong_order_are_refused_in_the_apis_words(errors, complaints):
    complaints.expect("400")
    errors.get_by_label("From").fill("2026-02-02")
    errors.get_by_label("To").fill("2026-01-01")

    expect(errors.get_by_role("alert")).to_contain_text("Before startDate.")


def test_older_errors_come_on_demand_and_stay(page, gateway):
    keep(gateway, 70)
    page.goto("/#/errors")
    expect(lines(page)).to_have_count(50)
    expect(lines(page).first).to_contain_text("Failure 69")

    page.get_by_role("button", name="Show older errors").click()
    expect(lines(page)).to_have_count(70)
    expect(page.get_by_role("button", name="Show older errors")).to_have_count(0)

    page.mouse.move(0, 0)
    keep(gateway, message="One more.")
    gateway.ask()
    expect(lines(page)).to_have_count(71)
    expect(lines(page).first).to_contain_text("One more.")
    expect(lines(page).last).to_contain_text("Failure 0")


@pytest.mark.parametrize("by", ["pointer", "focus"])
def test_no_row_moves_away_from_a_pointer_or_a_focus(page, gateway, by):
    keep(gateway, 3)
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto("/#/errors")
    expect(lines(page)).to_have_count(3)
    first = lines(page).first
    if by == "pointer":
        first.hover()
    else:
        page.get_by_label("To").focus()
        page.keyboard.press("Tab")  # to the list that may be scrolled
        first.get_by_role("link").focus()
    before = first.bounding_box()

    keep(gateway, 2)
    gateway.ask()

    told = page.get_by_text("2 new, shown when you leave the list")
    expect(told).to_be_visible()
    expect(lines(page)).to_have_count(3)
    assert first.bounding_box() == before
    page.mouse.move(0, 0)
    page.get_by_label("Type").focus()
    expect(lines(page)).to_have_count(5)
    expect(told).to_have_count(0)


def test_all_errors_are_cleared_if_one_is_sure(page, gateway, api):
    keep(gateway, 3)
    page.goto("/#/errors")
    expect(lines(page)).to_have_count(3)

    page.get_by_role("button", name="Clear…").click()
    dialog = page.get_by_role("dialog", name="Clear all errors?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Clear…")).to_be_focused()
    assert len(api.get(PATH).json()["errors"]) == 3
    page.get_by_role("button", name="Clear…").click()
    dialog.get_by_role("button", name="Clear", exact=True).click()

    expect(page.get_by_text("3 errors cleared.")).to_be_visible()
    expect(page.get_by_text("Nothing went wrong")).to_be_visible()
    assert api.get(PATH).json()["errors"] == []


def test_only_what_is_shown_is_cleared(page, gateway, api):
    keep(gateway)
    keep(gateway, type="auth")
    page.goto("/#/errors?type=auth")
    expect(lines(page)).to_have_count(1)

    page.get_by_role("button", name="Clear…").click()
    dialog = page.get_by_role("dialog", name="Clear the errors that are shown?")
    dialog.get_by_role("button", name="Clear", exact=True).click()

    expect(page.get_by_text("1 error cleared.")).to_be_visible()
    assert [each["type"] for each in api.get(PATH).json()["errors"]] == ["rate_limit"]


def test_hostile_words_and_links_stay_harmless(page, gateway):
    keep(gateway, message=EVIL, type=EVIL, action_url="javascript:window.hurt=1")
    page.goto("/#/errors")

    expect(lines(page)).to_contain_text(EVIL)
    link = page.get_by_role("link", name="Mend it at Google")
    expect(link).to_have_attribute("href", "#")
    assert page.evaluate("window.hurt") is None


def test_what_fails_is_said_and_tried_again(page, complaints):
    complaints.expect("503")
    refusal = {"error": {"code": "store_unavailable", "message": "The store is away."}}
    page.route(f"**{PATH}*", lambda r: r.fulfill(status=503, json=refusal))
    page.goto("/#/errors")
    expect(page.get_by_role("alert")).to_contain_text("The store is away.")

    page.unroute(f"**{PATH}*")
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Nothing went wrong")).to_be_visible()


@pytest.mark.parametrize("width", [360, 768, 1000, 1280])
def test_the_list_fits_its_place(page, gateway, width):
    keep(gateway, type="quota_exhausted", recovered=True)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/#/errors")
    expect(lines(page)).to_have_count(1)

    scroller = page.get_by_role("region", name="Errors")
    assert scroller.evaluate("it => it.scrollWidth <= it.clientWidth")


@pytest.mark.parametrize("width", [360, 768])
def test_it_never_scrolls_the_page_sideways(page, gateway, width):
    keep(gateway, message="A very long explanation of Google's. " * 20)
    page.goto("/#/errors")
    page.set_viewport_size({"width": width, "height": 800})
    expect(lines(page)).to_have_count(1)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    main = "document.getElementById('main')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
