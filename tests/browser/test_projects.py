"""The projects: their ranking, found page by page, and what is done to them."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from gswarm.store.projects import Project

ALICE = "alice@example.com"
MODEL = "gemini-2.5-flash"
EVIL = '<img src=x onerror="window.hurt = 1">'
JUST_USED = re.compile(r"just now|\d s ago")


@pytest.fixture
def projects(page: Page) -> Page:
    page.goto("/#/projects")
    page.locator("projects-panel .project-name").first.wait_for()
    return page


def row(page: Page, project: str) -> Locator:
    return page.locator(f"projects-panel tr[data-key='{project}']")


def rows(page: Page) -> Locator:
    return page.locator("projects-panel .project-name strong")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def of(api, project: str):
    listed = api.get("/api/projects", params={"search": project}).json()
    return listed["projects"][0]


def choose(page: Page, name: str, value: str) -> None:
    page.get_by_label(name, exact=True).select_option(value)


# ---------------------------------------------------------------- looking


def test_every_project_is_ranked_by_its_health(projects, gateway, shoot):
    expect(rows(projects)).to_have_count(12)
    bar = row(projects, "alice-01").get_by_role("img")
    expect(bar).to_have_accessible_name(re.compile("Health 1.00 = Success rate 1.00"))
    projects.mouse.move(0, 0)

    gateway.ask(model=MODEL)

    expect(row(projects, "alice-01")).to_contain_text(JUST_USED)
    expect(bar).not_to_have_accessible_name(re.compile("Health 1.00"))
    expect(rows(projects).last).to_have_text("alice-01")
    shoot(projects, "projects")


def test_a_rest_begins_and_ends_before_ones_eyes(projects, gateway, google, api):
    google.script({"error": "rate_limit", "reset_after": "6s"}, project="alice-01")
    mine = row(projects, "alice-01")
    expect(mine).to_contain_text("Active")

    gateway.ask(model=MODEL)

    expect(mine).to_contain_text("Cooling")
    expect(mine).to_contain_text("rate limit")
    expect(mine).to_contain_text(re.compile(r"in 0:0\d"))
    projects.evaluate("document.querySelector('tr[data-key=alice-01]').mine = true")
    expect(mine).to_contain_text("Active", timeout=10_000)
    assert projects.evaluate("document.querySelector('tr[data-key=alice-01]').mine")


def test_a_project_tells_why_each_of_its_models_rests(projects, gateway, google, shoot):
    google.script({"error": "daily_quota"}, project="alice-01")
    gateway.ask(model=MODEL)
    button(projects, "alice-01").click()

    models = projects.get_by_role("region", name="Models of alice-01")
    expect(models).to_contain_text(MODEL)
    expect(models).to_contain_text("quota exhausted")
    expect(models).to_contain_text(re.compile(r"in \d+( h|:\d\d)"))
    shoot(projects, "project-detail")
    expect(button(projects, "alice-01")).to_have_attribute("aria-expanded", "true")
    button(projects, "alice-01").click()
    expect(models).to_have_count(0)


def test_projects_are_found_by_words_account_and_state(projects, api):
    api.post("/api/projects/bob-02/toggle", json={"enabled": False})

    projects.keyboard.press("/")
    projects.keyboard.type("bob")
    expect(rows(projects)).to_have_count(4)
    choose(projects, "State", "disabled")
    expect(rows(projects)).to_have_text(["bob-02"])
    expect(row(projects, "bob-02")).to_contain_text("Off")
    choose(projects, "Account", ALICE)
    expect(projects.get_by_text("No project is like that")).to_be_visible()
    assert "account=alice" in projects.url

    button(projects, "Show all projects").click()
    expect(rows(projects)).to_have_count(12)


def test_filters_are_kept_by_the_address(page):
    page.goto(f"/#/projects?account={ALICE}&sort=id&direction=desc&search=alice-0")

    expect(rows(page)).to_have_text(["alice-04", "alice-03", "alice-02", "alice-01"])
    expect(page.get_by_label("Account", exact=True)).to_have_value(ALICE)
    expect(page.get_by_label("Search projects")).to_have_value("alice-0")


def test_heads_sort_either_way(projects):
    button(projects, "Project").click()
    expect(rows(projects).first).to_have_text("alice-01")
    head = projects.get_by_role("columnheader", name="Project")
    expect(head).to_have_attribute("aria-sort", "ascending")

    button(projects, "Project").press("Enter")
    expect(rows(projects).first).to_have_text("carol-04")
    expect(button(projects, "Project")).to_be_focused()


def test_filters_follow_the_address(page, gateway):
    page.goto("/#/projects?search=carol&status=active")
    expect(page.locator("tbody tr")).to_have_count(4)

    page.get_by_role("link", name="Projects").click()

    expect(page.locator("tbody tr")).to_have_count(12)
    expect(page.get_by_label("Search projects")).to_have_value("")
    expect(page.get_by_label("State")).to_have_value("")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_label("Search projects")).to_have_value("carol")


def test_a_search_being_typed_outlives_what_happens(projects, gateway):
    search = projects.get_by_label("Search projects")
    search.press_sequentially("alice")
    expect(rows(projects)).to_have_count(4)
    gateway.ask(model=MODEL)

    expect(row(projects, "alice-01")).to_contain_text(JUST_USED)
    search.press_sequentially("-02")

    expect(search).to_have_value("alice-02")
    expect(rows(projects)).to_have_count(1)


# ---------------------------------------------------------------- many, odd, none


def test_a_thousand_projects_are_as_quick_as_ten(page, gateway):
    many = [Project(f"mass-{n:04}", ALICE, name=f"Mass {n}") for n in range(988)]
    gateway.rooms.projects.add(many)
    page.goto("/#/projects")

    expect(page.get_by_text(re.compile("^1.50 of 1,000$"))).to_be_visible()
    expect(rows(page)).to_have_count(50)
    started = time.monotonic()
    button(page, "Project").click()
    button(page, "Next").click()
    expect(rows(page).first).to_have_text("mass-0038")
    page.get_by_label("Search projects").fill("mass-0987")
    expect(rows(page)).to_have_text(["mass-0987"])
    assert time.monotonic() - started < 5


def test_hostile_names_stay_text(page, gateway, shoot):
    hostile = Project("hostile-01", ALICE, name=EVIL + "x" * 300)
    gateway.rooms.projects.add([hostile])
    page.goto("/#/projects?search=hostile")

    expect(row(page, "hostile-01")).to_contain_text(EVIL)
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("document.documentElement.scrollWidth") == 1440


def test_without_projects_it_says_what_to_do(empty_gateway, page):
    page.goto("/#/projects")

    expect(page.get_by_text("No projects yet")).to_be_visible()
    expect(page.get_by_role("link", name="Add an account")).to_be_visible()


def test_what_fails_is_said_and_tried_again(page, complaints):
    complaints.expect("503")
    refusal = {"error": {"code": "store_unavailable", "message": "The store is away."}}
    page.route("**/api/projects?*", lambda r: r.fulfill(status=503, json=refusal))
    page.goto("/#/projects")
    expect(page.get_by_role("alert")).to_contain_text("The store is away.")

    page.unroute("**/api/projects?*")
    button(page, "Try again").click()

    expect(rows(page)).to_have_count(12)


@pytest.mark.parametrize("width", [360, 768])
def test_it_never_scrolls_the_page_sideways(projects, width):
    projects.set_viewport_size({"width": width, "height": 800})

    assert projects.evaluate("document.documentElement.scrollWidth") == width
    main = "document.getElementById('main')"
    assert projects.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


# ---------------------------------------------------------------- doing


def test_a_project_is_taken_out_and_put_back(projects, api):
    switch = projects.get_by_role("switch", name="alice-01 in rotation")
    switch.click()
    expect(projects.get_by_text("alice-01 is out of rotation.")).to_be_visible()
    expect(row(projects, "alice-01")).to_contain_text("Off")
    assert of(api, "alice-01")["enabled"] is False
    expect(switch).not_to_have_attribute("aria-busy", "true")

    switch.press("Space")

    expect(projects.get_by_text("alice-01 is in rotation.")).to_be_visible()
    assert of(api, "alice-01")["enabled"] is True


def test_what_could_not_be_switched_stays_as_it_is(projects, complaints):
    complaints.expect("503")
    refusal = {"error": {"code": "store_unavailable", "message": "The store is away."}}
    projects.route("**/toggle", lambda r: r.fulfill(status=503, json=refusal))
    switch = projects.get_by_role("switch", name="alice-01 in rotation")

    switch.click()

    expect(projects.get_by_role("alert")).to_contain_text("The store is away.")
    expect(switch).to_be_checked()


def test_a_cooldown_is_ended_by_hand(projects, gateway, google, api):
    google.script({"error": "daily_quota"}, project="alice-01")
    gateway.ask(model=MODEL)

    button(projects, "Reset alice-01").click()

    expect(projects.get_by_text("The cooldown of alice-01 is over.")).to_be_visible()
    expect(row(projects, "alice-01")).to_contain_text("Active")
    assert of(api, "alice-01")["cooldownUntil"] is None


def test_one_project_is_tested(projects, google):
    button(projects, "Test alice-01").click()
    expect(projects.get_by_text("alice-01 answered.")).to_be_visible()
    assert google.calls(project="alice-01", method="generateContent")

    google.project("bob-01", iam_denied=True)
    button(projects, "Test bob-01").click()

    expect(row(projects, "bob-01:detail")).to_contain_text("Refused (403)")
    expect(row(projects, "bob-01:detail")).to_contain_text("ermission")


def test_all_are_tested_and_what_failed_is_listed(projects, google, shoot):
    google.project("bob-01", api_enabled=False)
    button(projects, "Test all").click()

    card = projects.get_by_role("article")
    expect(card).to_contain_text("done")
    expect(card).to_contain_text("11 answered, 1 did not")
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "12")
    expect(card.get_by_role("row")).to_have_count(2)
    expect(card).to_contain_text("bob-01")
    expect(card.get_by_role("link", name="Mend it")).to_be_visible()
    shoot(projects, "projects-tested")
    button(projects, "Dismiss Test of all projects").click()
    expect(card).to_have_count(0)


def test_an_api_is_enabled_at_google(page, api, google, gateway):
    google.project("alice-02", api_enabled=False)
    api.get("/api/projects", params={"refresh": "true"})
    page.goto("/#/projects?search=alice-02")
    expect(row(page, "alice-02")).to_contain_text("API not enabled")

    button(page, "Enable API alice-02").click()

    expect(page.get_by_role("article")).to_contain_text("can serve requests now")
    expect(row(page, "alice-02")).to_contain_text("Active")
    assert of(api, "alice-02")["apiEnabled"] is True


def test_what_google_refuses_says_why_and_offers_the_way_out(
    projects, api, google, gateway, shoot
):
    google.project("alice-01", api_enabled=False)
    google.project("bob-01", iam_denied=True)
    for _ in range(12):
        gateway.ask(model=MODEL)

    refused = row(projects, "alice-01").locator(".refusal")
    expect(refused).to_contain_text("has not been used in project alice-01")
    expect(row(projects, "bob-01").locator(".refusal")).to_contain_text("ermission")
    expect(button(projects, "Enable API bob-01")).to_have_count(0)
    button(projects, "alice-01").click()
    detail = row(projects, "alice-01:detail")
    expect(detail).to_contain_text("Google refuses it.")
    place = projects.get_by_role("region", name="Projects")
    assert place.evaluate("it => it.scrollWidth <= it.clientWidth")
    expect(detail.get_by_role("link", name="Mend it")).to_be_visible()
    shoot(projects, "projects-refused")

    button(projects, "Enable API alice-01").first.click()

    expect(row(projects, "alice-01")).to_contain_text("Active")
    expect(refused).to_have_count(0)
    assert of(api, "alice-01")["status"] == "active"


def test_a_project_is_made(projects, api, google, complaints, shoot):
    complaints.expect("400")
    google.options(operation_polls=0)
    button(projects, "New project").click()
    dialog = projects.get_by_role("dialog", name="New project")
    shoot(projects, "project-new")
    dialog.get_by_label("Google account").select_option("bob@example.com")
    dialog.get_by_label("Project ID").fill("Not Allowed")
    button(projects, "Create").click()
    wrong = dialog.locator("[data-field=projectId] [data-error]")
    expect(wrong).to_contain_text("6 to 30 lower-case letters")
    dialog.get_by_label("Project ID").fill("bobs-newest-01")
    button(projects, "Create").click()

    expect(dialog).to_have_count(0)
    expect(projects.get_by_role("article")).to_contain_text("bobs-newest-01 can serve")
    expect(row(projects, "bobs-newest-01")).to_contain_text("Active")
    assert of(api, "bobs-newest-01")["account"] == "bob@example.com"


def test_googles_refusal_to_make_one_is_told_in_its_words(projects, google):
    google.options(project_limit=0)
    button(projects, "New project").click()
    button(projects, "Create").click()

    card = projects.get_by_role("article")
    expect(card).to_contain_text("failed")
    expect(card).to_contain_text("exceeded its allotted project quota")


@pytest.mark.parametrize("width", [768, 1200, 1280, 1330])
def test_what_can_be_done_is_in_sight(projects, width):
    projects.set_viewport_size({"width": width, "height": 800})

    place = projects.get_by_role("region", name="Projects").bounding_box()
    test = projects.get_by_role("button", name="Test alice-01").bounding_box()
    assert test["x"] + test["width"] < place["x"] + place["width"]
