"""The first panel: how things stand, what was asked, why it went where it went."""

from __future__ import annotations

import math
import random
import re
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from gswarm.errors import NotFound
from gswarm.gemini.reply import Usage
from gswarm.monitoring.request_log import RequestLog

FEED = "overview-feed"
MODEL = "gemini-2.5-flash"


def rows(page: Page):
    return page.locator(f"{FEED} tbody tr")


def open_overview(page: Page, query: str = "") -> None:
    page.goto(f"/#/overview{query}")
    page.reload()
    page.locator("overview-charts time-chart").first.wait_for()


def fail_over(gateway, google) -> None:
    """Whoever is asked first is at a limit; somebody else answers."""
    google.script({"error": "rate_limit"}, times=1)
    assert gateway.ask(model=MODEL).ok


# ---------------------------------------------------------------- first steps


def test_somebody_new_is_led_to_a_first_answer(empty_gateway, google, page, shoot):
    steps = page.get_by_role("region", name="To a first answer")
    current = steps.locator("[aria-current=step]")
    expect(current).to_contain_text("Add an account")
    expect(current.get_by_role("link", name="Add an account")).to_have_attribute(
        "href", "#/accounts"
    )
    shoot(page, "overview-first")

    empty_gateway.import_entries(google.accounts())
    expect(current).to_contain_text("Ask something")
    expect(current).to_contain_text(f"curl {empty_gateway.url}/v1/chat/completions")
    status = empty_gateway.get("/api/gswarm/status").json()
    expect(current).to_contain_text(f'"model": "{status["defaultModel"]}"')
    empty_gateway.ask()

    expect(steps).to_have_count(0)
    expect(rows(page)).to_have_count(1)


def test_without_a_key_the_next_step_is_to_make_one(gateway, page):
    key_id = gateway.sign_in().get("/api/api-keys").json()["apiKeys"][0]["id"]
    gateway.sign_in().delete(f"/api/api-keys/{key_id}")

    page.reload()

    current = page.locator(".first-steps [aria-current=step]")
    expect(current.get_by_role("link", name="Make a key")).to_have_attribute(
        "href", "#/keys"
    )


# ---------------------------------------------------------------- what is wrong


def wrong(page: Page):
    return page.get_by_role("region", name="What is wrong")


def revoke(gateway, google, *emails: str) -> None:
    for email in emails:
        google.account(email, revoked=True, expire_access=True)
    for _ in range(12):
        gateway.ask(model=MODEL)


def test_nothing_is_said_to_be_wrong_while_all_is_well(page, gateway, google):
    fail_over(gateway, google)
    rows(page).first.wait_for()

    expect(wrong(page)).to_have_count(0)


def test_an_account_google_turns_away_shows_why_and_what_to_press(
    page, gateway, google, shoot
):
    revoke(gateway, google, "alice@example.com")

    row = wrong(page).get_by_role("listitem").filter(has_text="alice@example.com")
    reason = gateway.account("alice@example.com").invalid_reason
    expect(row).to_contain_text(reason)
    expect(wrong(page).get_by_role("listitem")).to_have_count(1)
    shoot(page, "wrong-account")
    with page.expect_popup() as popup:
        row.get_by_role("button", name="Sign alice@example.com in again").click()
    popup.value.close()

    gateway.rooms.accounts.enable("alice@example.com", True)
    expect(wrong(page)).to_have_count(0)


def test_where_every_account_fails_none_is_asked_to_be_added(
    page, gateway, google, shoot
):
    emails = [f"{name}@example.com" for name in ("alice", "bob", "carol")]
    revoke(gateway, google, *emails)

    for email in emails:
        expect(wrong(page)).to_contain_text(f"{email} is unavailable")
    expect(wrong(page)).to_contain_text("failed within ten minutes")
    errors = wrong(page).get_by_role("link", name="See the errors")
    expect(errors).to_have_attribute("href", re.compile(r"#/errors\?type="))
    state = page.locator("status-bar .state")
    expect(state).to_have_attribute("title", re.compile("Google refuses 3 accounts"))
    expect(state).not_to_have_attribute("title", re.compile("add an account"))
    shoot(page, "wrong-all")


def test_a_model_that_nobody_can_be_asked_for_shows_why_and_until_when(
    page, gateway, google, api, shoot
):
    google.script({"error": "iam"}, times=None, account="bob@example.com")
    google.script({"error": "daily_quota"}, times=None, account="alice@example.com")
    google.script({"error": "daily_quota"}, times=None, account="carol@example.com")
    for _ in range(6):
        gateway.ask(model=MODEL)

    row = wrong(page).get_by_role("listitem").filter(has_text=f"{MODEL} is unavailable")
    expect(row).to_contain_text("8 are out of quota")
    expect(row).to_contain_text("4 are refused by Google")
    expect(row).to_contain_text(re.compile(r"Next available in \d"))
    expect(row.get_by_role("link")).to_have_attribute(
        "href", "#/projects?sort=cooldownUntil"
    )
    refused = wrong(page).get_by_role("listitem").filter(has_text="Google refuses 4")
    expect(refused.get_by_role("link")).to_have_attribute(
        "href", "#/projects?status=error"
    )
    shoot(page, "wrong-model")


def test_where_google_fails_it_says_so(page, gateway, google):
    google.script({"error": "internal"}, times=None)
    for _ in range(6):
        gateway.ask(model=MODEL)

    row = wrong(page).get_by_role("listitem").filter(has_text=f"{MODEL} is unavailable")
    expect(row).to_contain_text("12 projects are in cooldown after failures at Google.")


def test_accounts_that_are_switched_off_are_said_to_be(page, gateway):
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)

    expect(wrong(page)).to_contain_text("Every account is switched off")
    expect(page.locator("status-bar")).to_contain_text("12 off")
    expect(page.locator("status-bar")).not_to_contain_text("failing")


# ---------------------------------------------------------------- models


def test_each_model_says_how_it_stands_and_when_it_is_free(page, gateway, google):
    models = page.get_by_role("region", name="Models").locator("tbody tr")
    expect(models.first).to_contain_text("default")
    google.script({"error": "daily_quota"}, times=None)
    gateway.ask(model=MODEL)

    row = models.filter(has_text=MODEL).first
    expect(row.locator("[data-label='State'] .badge")).to_have_text(
        re.compile("quota exhausted|degraded capacity|frozen")
    )
    available = row.locator("[data-label='Next available']")
    expect(available).to_have_text(re.compile(r"in \d"))


@pytest.mark.parametrize(("days", "told"), [(-3, "ended"), (20, "ends"), (90, None)])
def test_a_model_says_when_it_is_about_to_end(page, api, days, told):
    status = api.get("/api/gswarm/status").json()
    day = datetime.now(UTC) + timedelta(days=days)
    status["models"][status["defaultModel"]]["retiresOn"] = f"{day:%Y-%m-%d}"

    shown = page.evaluate(
        "status => String(document.querySelector('overview-models').render(status))",
        status,
    )

    words = f"{told} {day.day} {day:%b %Y}"
    assert (words in shown) if told else (" end" not in shown)


# ---------------------------------------------------------------- the feed


def test_requests_show_as_they_finish(page, gateway):
    expect(page.locator(FEED)).to_contain_text("No request yet")

    gateway.ask(model=MODEL)
    expect(rows(page)).to_have_count(1)
    gateway.ask(model=MODEL, temperature="hot")

    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("invalid")
    expect(rows(page).last).to_contain_text("answered")
    expect(rows(page).last).to_contain_text(MODEL)


def test_a_list_that_was_read_before_takes_no_request_away(page, gateway):
    expect(page.locator(FEED)).to_contain_text("No request yet")
    gateway.ask(model=MODEL)
    expect(rows(page)).to_have_count(1)

    def finish_one_more_meanwhile(route):
        read_before = route.fetch()
        gateway.ask(model=MODEL, temperature="hot")
        expect(rows(page)).to_have_count(2)
        route.fulfill(response=read_before)

    page.route("**/api/gswarm/requests?*", finish_one_more_meanwhile, times=1)
    page.evaluate("document.querySelector('overview-feed').refresh()")

    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("invalid")


def test_what_is_told_late_of_a_request_moves_no_row(page, gateway, api):
    for temperature in (0, "hot"):
        gateway.ask(model=MODEL, temperature=temperature)
    expect(rows(page)).to_have_count(2)
    newest, oldest = api.get("/api/gswarm/requests").json()["requests"]

    page.evaluate(
        """async told => {
          const live = await import("/static/lib/live.js");
          live.tell("request", told);
        }""",
        oldest,
    )
    gateway.ask(model=MODEL)

    expect(rows(page)).to_have_count(3)
    shown = rows(page).evaluate_all("rows => rows.map(row => row.dataset.key)")
    assert shown[1:] == [newest["id"], oldest["id"]]


def test_rows_wait_while_somebody_points_at_them(page, gateway):
    gateway.ask(model=MODEL)
    # What is above the rows moves no more.
    expect(page.get_by_role("region", name="To a first answer")).to_have_count(0)
    rows(page).first.hover()

    gateway.ask(model=MODEL)

    expect(page.locator(FEED)).to_contain_text("1 new")
    expect(rows(page)).to_have_count(1)
    page.mouse.move(5, 5)
    expect(rows(page)).to_have_count(2)


def test_a_row_tells_why(page, gateway, google, api, shoot):
    fail_over(gateway, google)
    rows(page).first.wait_for()
    button = rows(page).first.get_by_role("button")
    [made] = api.get("/api/gswarm/requests").json()["requests"]
    first, second = api.get(f"/api/gswarm/requests/{made['id']}").json()["route"][
        "attempts"
    ]

    button.focus()
    page.keyboard.press("Enter")

    why = page.get_by_role("dialog", name="Why this answer")
    attempts = why.locator(".attempts > li")
    expect(attempts).to_have_count(2)
    expect(attempts.first).to_contain_text(first["project_id"])
    expect(attempts.first).to_contain_text("rate limit")
    expect(attempts.last).to_contain_text(second["project_id"])
    expect(attempts.last).to_contain_text("1 at a rate limit")
    expect(attempts.last).to_contain_text(f"{second['health']:.2f}")
    expect(attempts.last).to_contain_text("0.2 \u00d7 (1 \u2212")
    shoot(page, "why")
    page.keyboard.press("Escape")
    expect(why).to_have_count(0)
    expect(button).to_be_focused()


def test_why_says_when_nobody_was_left(page, gateway, google):
    google.script({"error": "daily_quota"}, times=None)
    assert not gateway.ask(model=MODEL).ok

    rows(page).first.get_by_role("button").click()

    why = page.get_by_role("dialog", name="Why this answer")
    expect(why).to_contain_text("Then nobody was left")


def test_a_request_nobody_knows_is_said_to_be(page, complaints):
    complaints.expect("404")

    page.evaluate(
        "import('/static/panels/request-detail.js').then((m) => m.showRequest('req_1'))"
    )

    why = page.get_by_role("dialog", name="Why this answer")
    expect(why.get_by_role("alert")).to_contain_text("There is no record")


# ---------------------------------------------------------------- charts


def test_charts_are_split_and_reach_back_as_chosen(page, gateway):
    for model in (MODEL, MODEL, "gemini-2.5-pro"):
        gateway.ask(model=model)
    open_overview(page)

    page.get_by_role("button", name="30 days").click()
    page.get_by_role("button", name="By model").click()

    requests = page.locator("time-chart").first
    expect(requests.locator(".chart-keys")).to_contain_text("gemini-2.5-pro")
    expect(requests.get_by_role("slider")).to_have_attribute("aria-valuemax", "30")
    assert "range=30d" in page.url and "by=model" in page.url
    page.reload()
    expect(page.get_by_role("button", name="By model")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_what_no_account_took_is_a_part_of_its_own(page, gateway):
    gateway.ask(model=MODEL)
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)
    gateway.ask(model=MODEL)
    open_overview(page, "?by=account")

    requests = page.locator("time-chart").first
    expect(requests.locator(".chart-value")).to_have_text("2")
    expect(requests.locator(".chart-keys")).to_contain_text("no account")
    requests.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(requests.locator(".reading")).to_contain_text("no account1")


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("key", ["Home", "End"])
def test_a_reading_keeps_its_names_whole_and_stays_in_its_plot(
    page, gateway, width, key, shoot
):
    gateway.ask(model=MODEL)
    page.set_viewport_size({"width": width, "height": 900})
    open_overview(page, "?by=account&range=30d")
    plot = page.get_by_role("slider", name="Requests, by day")
    plot.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(key)

    box = plot.locator(".reading > div").bounding_box()
    around = plot.bounding_box()
    name = plot.locator(".reading dt span").first.bounding_box()
    assert name["height"] < 24
    assert box["x"] >= around["x"] - 1
    assert box["x"] + box["width"] <= around["x"] + around["width"] + 1
    if width == 1440:
        shoot(page, f"reading-{key}")


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("days", ["7d", "14d", "30d"])
def test_the_times_below_a_chart_keep_apart(page, gateway, width, days):
    page.set_viewport_size({"width": width, "height": 900})
    open_overview(page, f"?range={days}")

    places = page.evaluate(
        """[...document.querySelector(".plot-times").children].map(
             each => [each.getBoundingClientRect().left,
                      each.getBoundingClientRect().right])"""
    )
    assert len(places) > 2
    for (_, end), (begin, _) in pairwise(places):
        assert begin - end >= 4


def test_a_chart_is_walked_with_the_keys_and_read_as_a_table(page, gateway):
    gateway.ask(model=MODEL)
    open_overview(page)
    plot = page.get_by_role("slider", name="Requests, by hour")

    plot.focus()
    page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuetext", re.compile("answered 1, failed 0"))
    page.keyboard.press("Home")
    expect(plot).to_have_attribute("aria-valuetext", re.compile("answered 0"))
    page.get_by_role("button", name="Requests as a table").click()

    first = page.get_by_role("region", name="Requests by hour").locator("tbody tr")
    expect(first.first).to_contain_text("1")


def test_a_refresh_keeps_what_is_shown_in_a_chart(page, gateway):
    gateway.ask(model=MODEL)
    open_overview(page)
    page.get_by_role("button", name="Tokens as a table").click()

    page.evaluate("document.querySelector('overview-charts').refresh()")

    expect(page.get_by_role("button", name="Tokens as a table")).to_have_attribute(
        "aria-pressed", "true"
    )


# ---------------------------------------------------------------- hostile, narrow


def test_hostile_names_stay_text(page, gateway):
    evil = "<img src=x onerror=window.hurt=1>"
    gateway.key = gateway.new_key(evil)
    gateway.ask(model=MODEL)

    expect(rows(page).first).to_contain_text(evil)
    assert page.evaluate("window.hurt") is None


@pytest.mark.parametrize("width", [360, 768])
def test_it_fits_narrow_screens(page, gateway, width):
    gateway.ask(model=MODEL)
    page.set_viewport_size({"width": width, "height": 800})
    open_overview(page)
    rows(page).first.wait_for()

    main = "document.getElementById('main')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


def test_it_looks_right(page, gateway, google, api, shoot):
    seed_traffic(gateway)
    fail_over(gateway, google)
    google.script({"error": "daily_quota"}, times=3)
    for _ in range(3):
        gateway.ask(model="gemini-2.5-pro", stream=True).close()
    gateway.ask(model=MODEL, temperature="hot")
    open_overview(page)
    rows(page).first.wait_for()
    shoot(page, "overview")
    page.locator("#main").evaluate("(main) => main.scrollTo(0, 420)")
    shoot(page, "overview-low")
    open_overview(page, "?by=model&range=14d")
    page.locator("time-chart").first.hover(position={"x": 300, "y": 180})
    shoot(page, "overview-split")


def seed_traffic(gateway, days: int = 14) -> None:
    """Some weeks of made-up requests, written by the ledger itself."""
    chance = random.Random(7)
    models = (MODEL, MODEL, "gemini-2.5-pro", "gemini-3.5-flash")
    with gateway.store.pipeline(transaction=False) as pipe:
        for hours in range(0, days * 24, 3):
            instant = time.time() - hours * 3600 - 60
            ledger = RequestLog(gateway.store, clock=lambda instant=instant: instant)
            busy = 2 + int(4 * (1 + math.sin(hours / 24 * math.tau)))
            for n in range(busy):
                entry = ledger.open(f"req_{hours}_{n}", "/v1/chat/completions", "POST")
                entry.started -= chance.lognormvariate(0, 0.6)
                entry.key, entry.model = "cursor", chance.choice(models)
                usage = Usage(prompt=chance.randint(50, 4000), completion=300)
                error = NotFound("Gone.") if chance.random() < 0.06 else None
                ledger.close(pipe, entry, usage=usage, error=error)
        pipe.execute()
