"""One Chromium and one gateway for all of these tests, a fresh person for each.

    def test_a_key_is_made(page, api):
        page.goto("/#/keys")
        ...
        assert api.get("/api/api-keys").json()["keys"]

Whatever the console complains of fails the test, unless it has said that it expects it:
``complaints.expect("401")``. Screenshots go to the folder ``$SCREENSHOTS``, if given.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    WebError,
    expect,
    sync_playwright,
)

from tests.dashboard import Dashboard
from tests.gateway_process import Gateway, start_gateway
from tests.simulator_process import Simulator, start_simulator

HERE = Path(__file__).parent
CHROMIUMS = ("chromium-headless-shell", "chromium", "google-chrome")
"""The programs that will do; the first takes half of the second's CPU time."""
WIDE = {"width": 1440, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 8_000
OAUTH = {
    "GOOGLE_CLIENT_ID": "sim-client.apps.example",
    "GOOGLE_CLIENT_SECRET": "sim-client-secret",
    "GSWARM_ADMIN_EMAILS": "carol@example.com",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these tests need a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


# ------------------------------------------------------------ processes
# Playwright keeps an event loop running, which must end before other tests use theirs:
# hence the scope.


@pytest.fixture(scope="package")
def simulator() -> Iterator[Simulator]:
    with start_simulator() as running:
        yield running


@pytest.fixture(scope="package")
def running_gateway(simulator: Simulator) -> Iterator[Gateway]:
    with start_gateway(simulator, workers=1, env=OAUTH) as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not found:
        complain = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        complain("There is no Chromium; Debian has it as `chromium-headless-shell`.")
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


# ------------------------------------------------------------ the other side


@pytest.fixture
def google(simulator: Simulator) -> Simulator:
    """Three accounts of four projects each."""
    simulator.reset(accounts=3, projects=4)
    return simulator


@pytest.fixture
def gateway(running_gateway: Gateway, google: Simulator) -> Gateway:
    """Knows this Google's accounts and one key, and nothing else."""
    running_gateway.begin_anew(google.accounts())
    return running_gateway


@pytest.fixture
def empty_gateway(running_gateway: Gateway, google: Simulator) -> Gateway:
    """Knows no account; use it in place of ``gateway``, before ``page``."""
    running_gateway.begin_anew([])
    return running_gateway


@pytest.fixture
def api(running_gateway: Gateway, home: str) -> Dashboard:
    """The same person's other hand: what was done in the browser shows here."""
    return running_gateway.sign_in()


# ------------------------------------------------------------ this side


def wait_for_news(page: Page) -> None:
    """Let it hear what happens from now on: it has been told how the whole stands."""
    page.locator("status-bar .state").wait_for()


def still(page: Page) -> None:
    """Wait until it is drawn as it now should be, and nothing in it moves any more."""
    page.evaluate(
        """async () => {
      const frame = () => new Promise(requestAnimationFrame);
      await frame();
      await frame();
      const ending = document.getAnimations().filter(
        each => each.effect.getComputedTiming().iterations !== Infinity);
      await Promise.allSettled(ending.map(each => each.finished));
    }"""
    )


class Complaints:
    """What the console complained of, and what of that was to be expected."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Let complaints pass that have this in their text or address."""
        self._expected.append(pattern)

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._found.append(f"{message.text} ({message.location.get('url')})")

    def note_error(self, error: WebError) -> None:
        self._found.append(error.error.stack or error.error.message)

    @property
    def unexpected(self) -> list[str]:
        """Nothing, if all is well."""
        return [
            each
            for each in self._found
            if not any(re.search(pattern, each) for pattern in self._expected)
        ]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    kept = Complaints()
    yield kept
    assert kept.unexpected == []


@pytest.fixture
def home(request: pytest.FixtureRequest) -> str:
    """The address of the gateway this test has asked for."""
    name = "gateway"
    if "empty_gateway" in request.fixturenames:
        name = "empty_gateway"
    url: str = request.getfixturevalue(name).url
    return url


@pytest.fixture
def context(
    chromium: Browser, home: str, complaints: Complaints
) -> Iterator[BrowserContext]:
    """Somebody's browser, signed in nowhere."""
    made = chromium.new_context(base_url=home, viewport=WIDE)
    made.set_default_timeout(TIMEOUT_MS)
    made.on("console", complaints.note)
    made.on("weberror", complaints.note_error)
    yield made
    made.close()


@pytest.fixture
def stranger(context: BrowserContext) -> Page:
    """A page at the sign-in."""
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="Sign in", exact=True).wait_for()
    return page


@pytest.fixture
def page(
    context: BrowserContext, running_gateway: Gateway, signed_in: Dashboard
) -> Page:
    """A page of somebody who is signed in, at the first panel."""
    page = context.new_page()
    page.goto("/")
    page.locator("main h1").wait_for()
    wait_for_news(page)
    return page


@pytest.fixture
def signed_in(context: BrowserContext, running_gateway: Gateway) -> Dashboard:
    """Whose session the browser has."""
    person = running_gateway.sign_in()
    cookies = [
        {"name": cookie.name, "value": cookie.value or "", "url": running_gateway.url}
        for cookie in person.cookies
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return person


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """``shoot(page, "keys")``: pictures at three widths, light and dark."""
    folder = os.environ.get("SCREENSHOTS")

    def picture(page: Page, name: str) -> None:
        if not folder:
            return
        before = page.viewport_size
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (1440, 768, 360):
                page.set_viewport_size({"width": width, "height": 900})
                still(page)
                page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before or WIDE)

    return picture
