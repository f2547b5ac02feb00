"""The terminal: the same actions, typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def terminal(page) -> Page:
    page.goto("/#/commands")
    expect(line(page)).to_be_focused()
    return page


def line(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Command")


def output(page: Page) -> Locator:
    return page.locator(".terminal-entry").last


def hint(page: Page) -> Locator:
    return page.locator(".terminal-hint")


def enter(page: Page, text: str) -> Locator:
    line(page).fill(text)
    page.keyboard.press("Enter")
    expect(line(page)).to_be_editable()
    return output(page)


def test_help_names_every_command_and_says_how_one_goes(terminal, shoot):
    text = enter(terminal, "help").inner_text()
    for command in ("status", "projects", "keys create NAME", "bench MODEL", "audit"):
        assert command in text

    expect(enter(terminal, "help keys create")).to_contain_text("--rate-limit N")
    expect(enter(terminal, "help nonsense")).to_contain_text("no command")
    enter(terminal, "status")
    enter(terminal, "projects")
    shoot(terminal, "commands")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("status", "gemini-"),
        ("projects alice --status active", "alice-01"),
        ("project show bob-01", "bob@example.com"),
        ("accounts", "carol@example.com"),
        ("models", "gemini-2.5-pro"),
        ("keys", "test"),
        ("errors", "There are none"),
        ("jobs", "There are none"),
        ("config cache.ttlSeconds", "300"),
        ("audit", "session.began"),
        ("refresh alice@example.com", "1 renewed, 0 failed"),
        ("account sync bob@example.com", "bob-01"),
    ],
)
def test_what_there_is_can_be_read(terminal, typed, shown):
    expect(enter(terminal, typed)).to_contain_text(shown)


def test_what_is_typed_is_done(terminal, api, google):
    def project(name):
        found = api.get("/api/projects", params={"search": name}).json()["projects"]
        return found[0]

    enter(terminal, "project disable alice-02")
    assert project("alice-02")["enabled"] is False
    enter(terminal, "project enable alice-02")
    assert project("alice-02")["enabled"] is True
    expect(enter(terminal, "project test alice-02")).to_contain_text("answered in")
    expect(enter(terminal, "project reset alice-02")).to_contain_text("is over")
    enter(terminal, "account disable bob@example.com")
    accounts = api.get("/api/accounts").json()["accounts"]
    assert [each["email"] for each in accounts if not each["enabled"]] == [
        "bob@example.com"
    ]
    enter(terminal, "config set cache.ttlSeconds 9")
    assert api.get("/api/gswarm/config").json()["cache"]["ttlSeconds"] == 9


def test_a_key_that_is_made_works_and_one_that_is_revoked_does_not(
    terminal, api, gateway
):
    made = enter(
        terminal, 'keys create "my key" --scope monitor --scope chat --rate-limit=9'
    ).inner_text()
    gateway.key = made.splitlines()[-1]
    assert gateway.ask().ok
    [key] = [
        each
        for each in api.get("/api/api-keys").json()["apiKeys"]
        if each["name"] == "my key"
    ]
    assert (key["rateLimit"], key["scopes"]) == (9, ["monitor", "chat"])

    line(terminal).fill('keys revoke "my key"')
    terminal.keyboard.press("Enter")
    dialog = terminal.get_by_role("dialog", name='Revoke "my key"?')
    dialog.get_by_role("button", name="Cancel").click()
    expect(output(terminal)).to_contain_text("Nothing is changed.")
    line(terminal).fill('keys revoke "my key"')
    terminal.keyboard.press("Enter")
    dialog.get_by_role("button", name="Revoke").click()

    expect(output(terminal)).to_contain_text("is revoked")
    expect(line(terminal)).to_be_focused()
    keys = api.get("/api/api-keys").json()["apiKeys"]
    assert [each["active"] for each in keys if each["name"] == "my key"] == [False]


def test_a_job_is_followed_to_its_end(terminal, api):
    shown = enter(
        terminal, "bench gemini-2.5-flash --requests 4 --concurrency 2 --stream"
    )

    expect(shown).to_contain_text(re.compile("bench .*: done"))
    [job] = api.get("/api/jobs").json()["jobs"]
    assert (job["kind"], job["state"], job["total"]) == ("bench", "done", 4)
    tested = enter(terminal, "test all")
    expect(tested).to_contain_text("alice-01")


def test_a_question_is_answered(terminal):
    shown = enter(terminal, "ask how are you --model gemini-2.5-flash")

    expect(shown).to_contain_text(re.compile(r"gemini-2\.5-flash · \w+-\d+ · .* ms"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nonsense", 'There is no command "nonsense".'),
        ("project", "`project` needs another word: show, test, enable, disable"),
        ("project delete x", "`project` needs another word"),
        ("keys delete x", "Or with another word: keys create, keys revoke"),
        ("bench gemini-2.5-pro --requests abc", "--requests needs a whole number"),
        ("project test", "It goes like this: project test PROJECT"),
        ("keys create a --colour red", "knows no --colour"),
        ("keys create a --rate-limit", "--rate-limit needs a value"),
        ("keys create a --rate-limit many", "needs a whole number"),
        ("project show nobody-99", "There is no project"),
        ("config set cache.ttlSeconds 0", "cache.ttlSeconds: Must be"),
        ("job nonsense", "no job"),
    ],
)
def test_a_mistake_is_explained(terminal, complaints, typed, said):
    complaints.expect("40[04]")

    shown = enter(terminal, typed)

    expect(shown).to_have_class(re.compile("failed"))
    expect(shown).to_contain_text(said)


def test_tab_completes_commands_options_and_names(terminal):
    line(terminal).fill("proj")
    terminal.keyboard.press("Tab")
    expect(hint(terminal)).to_have_text("project   projects")
    expect(line(terminal)).to_have_value("project")
    line(terminal).fill("project te")
    terminal.keyboard.press("Tab")
    expect(line(terminal)).to_have_value("project test ")
    terminal.keyboard.type("carol-02")
    terminal.keyboard.press("Backspace")
    terminal.keyboard.press("Tab")
    expect(hint(terminal)).to_contain_text("carol-01   carol-02   carol-03")
    line(terminal).fill("keys create x --ra")
    terminal.keyboard.press("Tab")
    expect(line(terminal)).to_have_value("keys create x --rate-limit ")
    line(terminal).fill("bench gemini-2.5-pr")
    terminal.keyboard.press("Tab")
    expect(line(terminal)).to_have_value("bench gemini-2.5-pro ")


def test_the_line_is_no_trap_for_the_keyboard(terminal):
    terminal.keyboard.press("Tab")
    expect(line(terminal)).not_to_be_focused()
    terminal.keyboard.press("Shift+Tab")
    expect(line(terminal)).to_be_focused()
    line(terminal).fill("xyzzy")
    terminal.keyboard.press("Tab")
    expect(hint(terminal)).to_contain_text("Escape empties the line")
    terminal.keyboard.press("Escape")
    terminal.keyboard.press("Tab")
    expect(line(terminal)).not_to_be_focused()


def test_earlier_lines_come_back_also_after_a_reload(terminal):
    enter(terminal, "theme dark")
    enter(terminal, "help status")
    terminal.reload()
    expect(line(terminal)).to_be_focused()

    terminal.keyboard.type("half")
    for expected in ("help status", "theme dark", "theme dark"):
        terminal.keyboard.press("ArrowUp")
        expect(line(terminal)).to_have_value(expected)
    for expected in ("help status", "half"):
        terminal.keyboard.press("ArrowDown")
        expect(line(terminal)).to_have_value(expected)


def test_output_stays_text_and_stays_while_the_page_does(terminal, api):
    hostile = '<img src=x onerror="document.title=1"><script>1</script>'
    api.post("/api/api-keys", json={"name": hostile})
    expect(enter(terminal, "keys")).to_contain_text("<img src=x")
    assert terminal.locator(".terminal img, .terminal script").count() == 0

    terminal.goto("/#/overview")
    terminal.get_by_role("heading", name="Overview").wait_for()
    terminal.goto("/#/commands")
    expect(output(terminal)).to_contain_text("<img src=x")
    enter(terminal, "clear")
    expect(terminal.locator(".terminal-entry")).to_have_count(0)


def test_a_command_that_takes_long_can_be_stopped(terminal):
    terminal.route("**/api/gswarm/status", lambda each: None)
    line(terminal).fill("status")
    terminal.keyboard.press("Enter")
    expect(terminal.get_by_role("button", name="Stop")).to_be_visible()

    terminal.keyboard.press("Escape")

    expect(output(terminal)).to_contain_text("Stopped.")
    expect(line(terminal)).to_be_editable()
