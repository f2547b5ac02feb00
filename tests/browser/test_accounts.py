"""The accounts panel: how accounts come in, how they stand, how they go."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard import Dashboard, sign_in

from .conftest import wait_for_news

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"


@pytest.fixture
def home(request) -> str:
    """Google sends people back to the gateway's own name: the page must have it."""
    asked = "empty_gateway" in request.fixturenames
    gateway = request.getfixturevalue("empty_gateway" if asked else "gateway")
    return gateway.settings.global_url


@pytest.fixture
def signed_in(context, home) -> Dashboard:
    person = sign_in(home)
    context.add_cookies(
        [
            {"name": each.name, "value": each.value, "url": home}
            for each in person.cookies
        ]
    )
    return person


@pytest.fixture
def page(context, signed_in, complaints) -> Page:
    """A page that is nowhere yet."""
    complaints.expect("favicon.ico")  # of the consent page
    return context.new_page()


@pytest.fixture
def accounts(page) -> Page:
    """The page at this panel, its data there."""
    page.goto("/#/accounts")
    page.locator("accounts-panel :is(.table, .empty)").wait_for()
    return page


def row(page: Page, email: str):
    return page.get_by_role("row").filter(has_text=email)


def known(api) -> dict[str, dict]:
    rows = api.get("/api/accounts").json()["accounts"]
    return {each["email"]: each for each in rows}


def add(page: Page, way: str):
    """The dialog, open at one of its ways."""
    page.get_by_role("button", name="Add account").first.click()
    dialog = page.get_by_role("dialog", name="Add an account")
    summary = dialog.get_by_text(way, exact=True)
    if summary.locator("..").get_attribute("open") != "":
        summary.click()
    return dialog


def at_google(page: Page, press, account: str, decision: str = "Allow") -> None:
    """Press what opens the window, and answer there."""
    with page.expect_popup() as opening:
        press()
    window = opening.value
    window.get_by_label(account).check()
    with window.expect_event("close"):
        window.get_by_role("button", name=decision).click()


def sign_in_at_google(page: Page, account: str, decision: str = "Allow") -> None:
    dialog = add(page, "Sign in with Google")
    press = dialog.get_by_role("button", name="Continue with Google").click
    at_google(page, press, account, decision)


def drop(target, text: str) -> None:
    """Drop a file with this text on it."""
    made = target.page.evaluate_handle(
        """text => {
            const dropped = new DataTransfer();
            dropped.items.add(new File([text], "accounts.json"));
            return dropped;
        }""",
        text,
    )
    target.dispatch_event("drop", {"dataTransfer": made})


# ---------------------------------------------------------------- by Google


def test_a_new_user_links_an_account_and_sees_it_at_once(empty_gateway, accounts, api):
    expect(accounts.get_by_text("No account yet")).to_be_visible()

    sign_in_at_google(accounts, ALICE)

    expect(accounts.get_by_role("status").last).to_contain_text("is linked")
    expect(row(accounts, ALICE)).to_contain_text("active")
    expect(row(accounts, ALICE)).to_contain_text("4")
    assert known(api)[ALICE]["projects"] == 4
    assert empty_gateway.ask().status_code == 200


def test_denying_at_google_changes_nothing_and_says_so(
    empty_gateway, accounts, api, complaints
):
    complaints.expect("403")

    sign_in_at_google(accounts, ALICE, "Deny")

    expect(accounts.get_by_role("alert")).to_contain_text("Access was not granted")
    expect(accounts.get_by_text("No account yet")).to_be_visible()
    assert known(api) == {}


def test_signing_in_again_mends_an_account(gateway, google, accounts, api):
    google.account(BOB, revoked=True)
    api.post("/api/refresh-tokens", json={"email": BOB})
    expect(row(accounts, BOB)).to_contain_text("invalid")
    expect(row(accounts, BOB).locator(".reason")).not_to_be_empty()
    google.account(BOB, revoked=False)

    again = row(accounts, BOB).get_by_role("button", name="Sign in again")
    at_google(accounts, again.click, BOB)

    expect(row(accounts, BOB)).to_contain_text("active")
    assert not known(api)[BOB]["isInvalid"]


def test_the_address_can_be_pasted_where_google_cannot_come_back(
    empty_gateway, google, accounts, api, signed_in
):
    dialog = add(accounts, "Sign in with Google")
    dialog.get_by_text("Google cannot send you back").click()
    link = dialog.get_by_role("link", name=re.compile("in another tab"))
    way = signed_in.get(link.get_attribute("href"), allow_redirects=False)
    address = dialog.get_by_label("Paste the address")
    finish = dialog.get_by_role("button", name="Finish linking")

    address.fill(google.consent(way.headers["Location"], ALICE))
    finish.click()

    expect(dialog.locator("[data-outcomes]")).to_contain_text(ALICE)
    assert known(api)[ALICE]["status"] == "active"


def test_a_pasted_address_that_is_of_no_use_is_refused_in_words(
    empty_gateway, accounts, complaints
):
    complaints.expect("400")
    dialog = add(accounts, "Sign in with Google")
    dialog.get_by_text("Google cannot send you back").click()

    dialog.get_by_label("Paste the address").fill("http://localhost/?code=x")
    dialog.get_by_role("button", name="Finish linking").click()

    expect(dialog.get_by_role("alert")).to_contain_text("was never begun here")


@pytest.fixture
def no_client(page, signed_in) -> None:
    """Nobody has given this gateway an OAuth client."""
    facts = signed_in.get("/api/admin/session").json() | {"canLink": False}
    page.route("**/api/admin/session", lambda route: route.fulfill(json=facts))


def test_without_an_oauth_client_the_way_to_one_is_told(no_client, page, signed_in):
    page.goto("/#/accounts")

    dialog = add(page, "Sign in with Google")

    expect(dialog).to_contain_text("no OAuth client yet")
    expect(dialog).to_contain_text(f"{signed_in.home}/api/auth/callback")
    expect(dialog.get_by_role("button", name="Continue with Google")).to_have_count(0)


def test_without_an_oauth_client_signing_in_again_tells_the_way_to_one(
    gateway, google, no_client, accounts, api
):
    google.account(BOB, revoked=True)
    api.post("/api/refresh-tokens", json={"email": BOB})

    row(accounts, BOB).get_by_role("button", name="Sign in again").click()

    dialog = accounts.get_by_role("dialog", name="Add an account")
    expect(dialog).to_contain_text("no OAuth client yet")
    assert len(accounts.context.pages) == 1


# ---------------------------------------------------------------- by file and key


def test_a_dropped_file_brings_its_accounts_in(empty_gateway, google, accounts, api):
    entries = google.accounts()
    entries[1]["refresh_token"] = "not-one-of-google"
    content = json.dumps(entries)
    dialog = add(accounts, "Import from a file")

    drop(dialog.locator(".drop"), content)
    expect(dialog.get_by_label("Or paste its content")).to_have_value(content)
    dialog.get_by_role("button", name="Import").click()

    results = dialog.locator("[data-outcomes] li")
    expect(results).to_have_count(3)
    expect(results.nth(0)).to_contain_text("ready")
    expect(results.nth(1)).to_contain_text("problem")
    accounts.keyboard.press("Escape")
    expect(row(accounts, CAROL)).to_contain_text("active")
    assert known(api)[ALICE]["status"] == "active"


def test_the_gemini_clis_file_can_be_chosen(empty_gateway, google, accounts, api):
    [entry, *_] = google.accounts()
    kept = ("refresh_token", "client_id", "client_secret")
    content = json.dumps({name: entry[name] for name in kept if name in entry})
    file = {"name": "oauth_creds.json", "mimeType": "application/json"}
    dialog = add(accounts, "Import from a file")

    dialog.locator("[data-file]").set_input_files({**file, "buffer": content.encode()})
    expect(dialog.get_by_label("Or paste its content")).to_have_value(content)
    dialog.get_by_role("button", name="Import").click()

    expect(dialog.locator("[data-outcomes]")).to_contain_text(ALICE)
    assert known(api)[ALICE]["status"] == "active"


def test_what_is_no_json_is_refused_at_its_field(empty_gateway, accounts):
    dialog = add(accounts, "Import from a file")
    dialog.get_by_label("Or paste its content").fill("not json")
    dialog.get_by_role("button", name="Import").click()

    content = dialog.get_by_label("Or paste its content")
    expect(content).to_have_attribute("aria-invalid", "true")
    expect(content).to_be_focused()
    expect(dialog).to_contain_text("This is not JSON")


def test_an_import_is_refused_in_the_apis_words(empty_gateway, accounts, complaints):
    complaints.expect("400")
    dialog = add(accounts, "Import from a file")
    dialog.get_by_label("Or paste its content").fill('[{"email": "a@b.c"}]')
    dialog.get_by_role("button", name="Import").click()

    expect(dialog.get_by_role("alert")).to_have_text(
        "[0].refresh_token: it is missing."
    )


def test_a_gemini_key_comes_in_by_a_form(empty_gateway, google, accounts, api):
    entry = google.add_api_key("studio")
    dialog = add(accounts, "Gemini API key")
    dialog.get_by_label("Name").fill("studio")
    dialog.get_by_label("API key", exact=True).fill(entry["api_key"])
    dialog.get_by_role("button", name="Add key").click()

    expect(row(accounts, "studio")).to_contain_text("Gemini API key")
    assert known(api)["studio"]["status"] == "active"


def test_an_export_comes_back_with_its_passphrase(gateway, accounts, api, complaints):
    complaints.expect("400")
    accounts.get_by_role("button", name="Export").click()
    dialog = accounts.get_by_role("dialog", name="Export all accounts")
    dialog.get_by_label("Passphrase").fill("short")
    dialog.get_by_role("button", name="Export").click()
    expect(dialog.get_by_label("Passphrase")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Passphrase").fill("long enough")
    with accounts.expect_download() as saving:
        dialog.get_by_role("button", name="Export").click()
    sealed = saving.value.path().read_text()
    assert "refresh_token" not in sealed
    for email in (ALICE, BOB, CAROL):
        api.post("/api/auth/logout", json={"email": email})
    expect(accounts.get_by_text("No account yet")).to_be_visible()

    dialog = add(accounts, "Import from a file")
    dialog.get_by_label("Or paste its content").fill(sealed)
    dialog.get_by_label("Passphrase of the export").fill("wrong")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog).to_contain_text("The passphrase is wrong")
    dialog.get_by_label("Passphrase of the export").fill("long enough")
    dialog.get_by_role("button", name="Import").click()

    expect(dialog.locator("[data-outcomes] li")).to_have_count(3)
    assert set(known(api)) == {ALICE, BOB, CAROL}


# ---------------------------------------------------------------- one account


def test_the_switch_takes_an_account_out_of_rotation(gateway, accounts, api):
    switch = accounts.get_by_role("switch", name=f"{ALICE} in rotation")
    switch.click()

    expect(row(accounts, ALICE)).to_contain_text("disabled")
    expect(switch).not_to_be_checked()
    assert known(api)[ALICE]["enabled"] is False

    expect(switch).not_to_have_attribute("aria-busy", "true")
    switch.click()
    expect(row(accounts, ALICE)).to_contain_text("active")
    assert known(api)[ALICE]["enabled"] is True


def test_projects_are_discovered_again(gateway, google, accounts, api):
    google.project("alice-09", owner=ALICE)
    accounts.get_by_role("button", name=f"Manage {ALICE}").click()
    dialog = accounts.get_by_role("dialog", name=ALICE)

    dialog.get_by_role("button", name="Sync from Google").click()

    expect(dialog.locator("[data-told]")).to_have_text("5 projects; new: alice-09.")
    expect(row(accounts, ALICE)).to_contain_text("5")
    assert "alice-09" in known(api)[ALICE]["projectIds"]


def test_a_token_is_refreshed(gateway, google, accounts):
    google.forget_calls()
    accounts.get_by_role("button", name=f"Manage {ALICE}").click()
    dialog = accounts.get_by_role("dialog", name=ALICE)

    dialog.get_by_role("button", name="Refresh token").click()

    expect(dialog.get_by_role("status").first).to_have_text("The token is fresh.")
    assert google.calls(method="token")


def test_what_fails_is_not_told_as_what_went_well(
    gateway, google, accounts, complaints
):
    complaints.expect("401|40[039]|50[0-9]")
    google.account(BOB, revoked=True)
    accounts.get_by_role("button", name=f"Manage {BOB}").click()
    dialog = accounts.get_by_role("dialog", name=BOB)
    told = dialog.locator("[data-told]")

    dialog.get_by_role("button", name="Refresh token").click()
    expect(told).to_contain_text("invalid_grant")
    expect(told).to_have_attribute("data-tone", "bad")

    dialog.get_by_role("button", name="Sync from Google").click()
    expect(accounts.get_by_role("alert")).to_be_visible()
    expect(told).to_be_empty()


def test_logging_out_asks_and_revokes(gateway, google, accounts, api):
    accounts.get_by_role("button", name=f"Manage {ALICE}").click()
    accounts.get_by_role("dialog", name=ALICE).get_by_text("Remove account…").click()
    question = accounts.get_by_role("dialog", name=f"Remove {ALICE}?")
    question.get_by_label("Revoke the grant").check()

    question.get_by_role("button", name="Remove account").click()

    expect(accounts.locator("#toasts")).to_contain_text("its grant revoked")
    expect(row(accounts, ALICE)).to_have_count(0)
    assert ALICE not in known(api)


# ---------------------------------------------------------------- the list


def test_the_list_is_searched_and_sorted(gateway, accounts):
    accounts.get_by_role("searchbox").fill("bob-0")
    expect(accounts.locator("tbody tr")).to_have_count(1)
    expect(row(accounts, BOB)).to_be_visible()
    accounts.get_by_role("searchbox").fill("nobody")
    expect(accounts.get_by_text("Nothing found")).to_be_visible()
    accounts.get_by_role("searchbox").fill("")

    accounts.get_by_role("button", name="Account", exact=True).click()

    expect(accounts.locator("tbody tr").first).to_contain_text(CAROL)
    expect(accounts).to_have_url(re.compile("direction=desc"))


def test_the_search_follows_the_address(gateway, accounts):
    accounts.get_by_role("searchbox").fill("bob-0")
    expect(accounts.locator("tbody tr")).to_have_count(1)

    accounts.get_by_role("link", name="Accounts").click()

    expect(accounts.locator("tbody tr")).to_have_count(3)
    expect(accounts.get_by_role("searchbox")).to_have_value("")


def test_hostile_names_stay_text(gateway, accounts, api):
    api.post(
        "/api/accounts/import",
        json={"email": "<img/src=x>@b.c", "refresh_token": "<b>no</b>"},
    )
    accounts.reload()
    accounts.locator(".table").wait_for()

    assert accounts.locator("accounts-panel img").count() == 0


def test_failing_says_what_and_tries_again(gateway, page, complaints):
    complaints.expect("503")
    refusal = {"error": {"code": "store_unavailable", "message": "It is away."}}
    page.route("**/api/accounts?*", lambda r: r.fulfill(status=503, json=refusal))
    page.route("**/api/accounts", lambda r: r.fulfill(status=503, json=refusal))
    page.goto("/#/commands")
    wait_for_news(page)  # the first would have the panel try again by itself
    page.goto("/#/accounts")
    expect(page.get_by_role("alert")).to_contain_text("It is away.")

    page.unroute("**/api/accounts")
    page.unroute("**/api/accounts?*")
    page.get_by_role("button", name="Try again").click()

    expect(row(page, ALICE)).to_be_visible()


def test_it_fits_every_screen(gateway, google, accounts, api, shoot):
    google.account(BOB, revoked=True)
    api.post("/api/refresh-tokens", json={"email": BOB})
    api.post(f"/api/accounts/{CAROL}/toggle", json={"enabled": False})
    expect(row(accounts, BOB)).to_contain_text("invalid")
    shoot(accounts, "accounts")
    add(accounts, "Sign in with Google")
    shoot(accounts, "accounts-add")
    accounts.keyboard.press("Escape")
    accounts.get_by_role("button", name=f"Manage {ALICE}").click()
    shoot(accounts, "accounts-manage")
    accounts.keyboard.press("Escape")

    for width in (360, 768):
        accounts.set_viewport_size({"width": width, "height": 800})
        assert accounts.evaluate("document.documentElement.scrollWidth") == width


# --------------------------------------------------------- a project to begin with


def onboarded_with(google) -> list[str]:
    return [call["project"] for call in google.calls(method="onboardUser")]


def test_a_project_can_be_named_for_an_account_that_needs_one(accounts, api, google):
    google.options(operation_polls=0)
    google.add_account("dora@example.com", kind="not_onboarded", projects=3)
    dialog = add(accounts, "Sign in with Google")
    dialog.get_by_text("A Standard or Enterprise licence").click()
    dialog.get_by_label("Project to begin with").fill("dora-02")

    press = dialog.get_by_role("button", name="Continue with Google").click
    at_google(accounts, press, "dora@example.com")

    expect(row(accounts, "dora@example.com")).to_contain_text("active")
    assert onboarded_with(google) == ["dora-02"]


def test_an_account_that_waits_for_a_project_is_given_one(accounts, api, google, shoot):
    google.options(operation_polls=0)
    entry = google.add_account("dora@example.com", kind="not_onboarded", projects=3)
    for number in (1, 2, 3):
        google.project(f"dora-0{number}", api_enabled=False)
    api.post("/api/accounts/import", json=entry | {"projects": None})
    google.project("dora-03", api_enabled=True)
    accounts.reload()
    waiting = row(accounts, "dora@example.com")
    expect(waiting).to_contain_text("needs one of the account's own projects")

    waiting.get_by_role("button", name="Choose a project").click()
    dialog = accounts.get_by_role("dialog", name="A project for dora@example.com")
    dialog.get_by_label("Project").fill("dora-01")
    dialog.get_by_role("button", name="Use this project").click()
    expect(dialog.get_by_role("alert")).to_contain_text("disabled")
    shoot(accounts, "account-project")
    dialog.get_by_label("Project").fill("dora-03")
    dialog.get_by_role("button", name="Use this project").click()

    expect(dialog).to_have_count(0)
    expect(waiting).to_contain_text("active")
    assert not known(api)["dora@example.com"]["isInvalid"]
