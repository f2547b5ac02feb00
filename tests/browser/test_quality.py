"""What holds for every panel, whatever is in it: a new one is in by being in the table
of ``main.js``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.dashboard import PASSWORD
from tests.gateway_process import Gateway, wait_for

from .conftest import Complaints, still

MAIN = Path(__file__).parents[2] / "frontend" / "main.js"
PANELS = dict(re.findall(r'\{ id: "(\w+)", .*?key: "(\w)"', MAIN.read_text()))
HOSTILE = '<img src=x onerror="window.hacked=1"><b>bold</b>'
LONG = "an-extremely-long-name-without-any-space-" * 2
STORE_DOWN = {
    "error": {
        "code": "store_unavailable",
        "message": "The gateway's store does not answer.",
    }
}
AXE_RULES = {"resultTypes": ["violations"], "preload": False}
CONTRAST_ONLY = AXE_RULES | {"runOnly": ["color-contrast"]}


# ---------------------------------------------------------------- worlds


@pytest.fixture
def full(page, gateway, google, api) -> Page:
    """Something of everything, some of it hostile, some of it long."""
    for name in (HOSTILE[:90], LONG):
        assert api.post("/api/api-keys", json={"name": name}).ok
    changes = {
        "models": {"aliases": {HOSTILE: "gemini-2.5-pro", LONG: "gemini-2.5-pro"}},
        "systemPrompts": {"default": HOSTILE + LONG},
    }
    assert api.post("/api/gswarm/config", json={"version": 0, **changes}).ok
    google.script({"error": "iam"}, project="alice-01")
    google.script({"error": "daily_quota"}, project="bob-01")
    for _ in range(8):
        gateway.ask("Hello", model="gemini-2.5-flash")
    bench = {"model": "gemini-2.5-flash", "requests": 4, "concurrency": 2}
    assert api.post("/api/bench", json=bench).ok
    wait_for(lambda: api.get("/api/jobs").json()["jobs"][0]["state"] == "done")
    return page


@pytest.fixture
def empty(empty_gateway, page, running_gateway) -> Page:
    running_gateway.store.delete("gswarm:api-keys")
    return page


@pytest.fixture
def failing(page, complaints) -> Page:
    """Its store is away, as far as the panels can tell."""
    complaints.expect("503")
    body = json.dumps(STORE_DOWN)
    page.route(
        re.compile(r"/api/(?!admin/|gswarm/status/stream)"),
        lambda each: each.fulfill(status=503, body=body),
    )
    return page


def visit(page: Page, panel: str) -> None:
    page.evaluate("panel => { location.hash = `#/${panel}` }", panel)
    page.locator(f"main > {panel}-panel h1").wait_for()
    expect(page.locator("main .skeleton")).to_have_count(0)
    still(page)


def each_panel(page: Page) -> Iterator[str]:
    for panel in PANELS:
        visit(page, panel)
        yield panel


# ---------------------------------------------------------------- for everybody


def test_axe_finds_nothing_serious_where_there_is_much(full, complaints):
    assert axe_finds(full, complaints) == {}


def test_axe_finds_nothing_serious_where_there_is_nothing(empty, complaints):
    assert axe_finds(empty, complaints) == {}


def test_axe_finds_nothing_serious_where_all_fails(failing, complaints):
    assert axe_finds(failing, complaints) == {}


def axe_finds(page: Page, complaints: Complaints) -> dict[str, list[str]]:
    """What is serious or worse, by panel; in the dark, as to colours alone."""
    complaints.expect("Applying inline style")  # axe's own
    page.emulate_media(reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    for panel in each_panel(page):
        for scheme, rules in (("light", AXE_RULES), ("dark", CONTRAST_ONLY)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            still(page)
            for each in Axe().run(page, options=rules).response["violations"]:
                if each["impact"] in ("serious", "critical"):
                    places = [
                        node["html"][:90] + node["failureSummary"][-220:]
                        for node in each["nodes"][:4]
                    ]
                    found[f"{panel}, {scheme}, {each['id']}"] = places
    return found


def test_no_panel_makes_the_page_scroll_sideways(full):
    wide = "main.scrollWidth - main.clientWidth"
    page_wide = "document.documentElement.scrollWidth - innerWidth"

    found = {}
    for panel in each_panel(full):
        for width in (360, 768, 1440):
            full.set_viewport_size({"width": width, "height": 800})
            excess = max(full.evaluate(wide), full.evaluate(page_wide))
            if excess > 0:
                found[panel, width] = excess
    assert found == {}


def test_hostile_text_stays_text(full):
    for _ in each_panel(full):
        assert full.locator("img[src=x], main b:text-is('bold')").count() == 0
    assert full.evaluate("window.hacked") is None


TAB_STOPS = """() => [...document.querySelectorAll(
  'main :is(a[href], button, input, select, textarea, summary, [tabindex="0"])')]
  .filter(each => !each.disabled && each.checkVisibility() && each.tabIndex >= 0)
  .filter(each => each.type !== 'radio' || each.checked)"""
DESCRIBE = """each => each.outerHTML.slice(0, 140)"""


def test_everything_is_reached_by_keyboard_and_shows_its_focus(full):
    found = {}
    for panel, key in PANELS.items():
        full.evaluate("document.activeElement.blur()")
        full.keyboard.type(f"g{key}")
        full.locator(f"main > {panel}-panel h1").wait_for()
        expect(full.locator("main .skeleton")).to_have_count(0)
        still(full)
        if missed := walk(full):
            found[panel] = missed
    assert found == {}


def walk(page: Page) -> list[str]:
    """Tab through the panel; what was not reached, or shows no focus."""
    page.evaluate(
        f"""() => {{
      window.missed = new Set(({TAB_STOPS})());
      window.dull = new Set();
      window.bright = new Set();
      document.querySelector('main').focus();
    }}"""
    )
    count = page.evaluate("missed.size")
    dates = page.locator("main input[type=date]").count()
    for _ in range(count + 8 + 4 * dates):
        page.keyboard.press("Tab")
        page.evaluate(
            """() => {
          const here = document.activeElement;
          missed.delete(here);
          if (!here.closest('main') || here.localName === 'main') return;
          const around = [here, here.parentElement, here.closest('form') ?? here];
          const ringed = each => {
            const looks = [null, '::after'].map(part => getComputedStyle(each, part));
            return looks.some(look =>
              look.outlineStyle !== 'none' || look.boxShadow !== 'none');
          };
          if (around.some(ringed)) bright.add(here);
          else dull.add(here);
        }"""
        )
    script = f"""[...missed, ...dull.difference(bright)]
      .filter(each => each.isConnected).map({DESCRIBE})"""
    shown: list[str] = page.evaluate(script)
    return shown


def test_reduced_motion_is_respected(full):
    full.emulate_media(reduced_motion="reduce")
    moving = """() => document.getAnimations().filter(each => {
      const { duration, iterations } = each.effect.getComputedTiming();
      return duration > 10 || iterations === Infinity;
    }).length"""

    for panel in each_panel(full):
        assert full.evaluate(moving) == 0, panel


# ---------------------------------------------------------------- in hard times


def test_every_panel_says_that_the_store_is_away(failing):
    for panel in each_panel(failing):
        if panel == "commands":  # asks for nothing by itself
            type_command(failing, "status")
        told = failing.locator("main :is([role=alert], [role=log])")
        expect(told.filter(has_text="does not answer").first, panel).to_be_visible()


def type_command(page: Page, line: str) -> None:
    page.get_by_label("Command", exact=True).fill(line)
    page.keyboard.press("Enter")


SHOWN = """() => {
  const main = document.querySelector('main');
  const fields = [...main.querySelectorAll('input, select, textarea')];
  const time = /just now|now|(in )?\\d[\\d.,:]*( \\w+ ago| s\\b| min\\b| h\\b)*/g;
  return main.innerText.replaceAll(time, '#').split('\\n')
    .concat(fields.map(each => each.value));
}"""
ASK_AGAIN = """() => {
  window.kept = document.querySelector('main').firstElementChild;
  window.answered = kept.refresh();
}"""
IS_KEPT = """async () => {
  await answered;
  return kept === document.querySelector('main').firstElementChild;
}"""


def test_every_panel_outlives_its_session(full, gateway, complaints):
    complaints.expect("401")
    full.reload()
    full.locator("main h1").wait_for()
    for panel in each_panel(full):
        shown = set(full.evaluate(SHOWN))
        end_all_sessions(gateway)
        full.evaluate(ASK_AGAIN)
        if panel == "commands":
            type_command(full, "keys")
        sign_in_again(full, panel)

        assert full.evaluate(IS_KEPT), panel
        if panel == "commands":
            expect(full.get_by_role("log")).to_contain_text(LONG[:30])
        assert shown - set(full.evaluate(SHOWN)) == set(), panel
        assert full.locator("main :is(.skeleton, .alert)").count() == 0, panel


def end_all_sessions(gateway: Gateway) -> None:
    names = list(gateway.store.scan_iter("gswarm:session*"))
    assert names
    gateway.store.delete(*names)


def sign_in_again(page: Page, panel: str) -> None:
    over = page.get_by_role("dialog", name="GSwarm")
    expect(over, panel).to_contain_text("Your session has ended")
    over.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(over, panel).to_be_hidden()


SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver(list => {
    for (const { value, hadRecentInput } of list.getEntries()) {
      if (!hadRecentInput) shifts += value;
    }
  }).observe({ type: 'layout-shift' });
}"""


def test_what_comes_moves_nothing_that_is_there(full):
    full.evaluate(SHIFTS)
    found = {}
    for panel in each_panel(full):
        still(full)
        shifted = full.evaluate("shifts")
        full.evaluate("window.shifts = 0")
        if shifted > 0.1:
            found[panel] = round(shifted, 3)
    assert found == {}
