"""The API keys panel: keys that work, limits that act."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

import pytest
from playwright.sync_api import Page, expect

from .conftest import wait_for_news

RAW = re.compile(r"sk-gswarm-[0-9a-f]{32}")


@pytest.fixture
def page(context, signed_in, complaints) -> Page:
    """A page that is nowhere yet."""
    return context.new_page()


@pytest.fixture
def keys(page) -> Page:
    """The page at this panel, its data there."""
    page.goto("/#/keys")
    page.locator("keys-panel :is(.table, .empty)").wait_for()
    wait_for_news(page)
    return page


TOLD = """button => ({
  told: new Promise(tell => new MutationObserver(() => tell(button.textContent))
    .observe(button, { childList: true, subtree: true })),
})"""
"""What a button says next: it does for a moment only."""


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has_text=name)


def known(api) -> dict[str, dict]:
    listed = api.get("/api/api-keys").json()["apiKeys"]
    return {each["name"]: each for each in listed}


def form(page: Page):
    page.get_by_role("button", name="Create key").first.click()
    return page.get_by_role("dialog", name="Create an API key")


def create(page: Page, name: str, **values: str) -> str:
    """Make a key by the form; answers the raw one."""
    dialog = form(page)
    dialog.get_by_label("Name").fill(name)
    for label, value in values.items():
        dialog.get_by_label(label.replace("_", " "), exact=True).fill(value)
    dialog.get_by_role("button", name="Create key").click()
    made = page.get_by_role("dialog", name=f"{name} is created")
    return made.locator("[data-raw]").inner_text()


def ask(gateway, key: str, model: str = "gemini-2.5-flash"):
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{gateway.url}/v1/chat/completions"
    return gateway.http.post(url, json=body, headers=headers)


def test_a_key_that_was_made_here_works(gateway, keys):
    key = create(keys, "laptop")

    assert RAW.fullmatch(key)
    assert ask(gateway, key).status_code == 200
    keys.get_by_role("button", name="Done").click()
    expect(row(keys, "laptop")).to_contain_text("active")
    expect(row(keys, "laptop")).to_contain_text(re.compile(r"just now|\d s ago"))


def run_first_snippet(page: Page) -> dict:
    """What the command that is offered for a new key answers."""
    command = page.get_by_role("dialog").locator("pre").first.text_content()
    words = [*shlex.split(command.replace("\\\n", "")), "--silent", "--noproxy", "*"]
    ran = subprocess.run(words, capture_output=True, check=True)
    return json.loads(ran.stdout)


def test_the_snippets_work_as_they_are(gateway, keys, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = create(keys, "laptop")
    dialog = keys.get_by_role("dialog", name="laptop is created")

    button = dialog.get_by_role("button", name="Copy key")
    words = button.evaluate_handle(TOLD)
    button.click()
    assert words.evaluate("it => it.told") == "Copied"
    assert keys.evaluate("navigator.clipboard.readText()") == key

    answer = run_first_snippet(keys)
    assert answer["choices"][0]["message"]["content"]
    python = dialog.locator("pre").nth(1).text_content()
    assert f'base_url="{gateway.url}/v1", api_key="{key}"' in python
    compile(python, "snippet", "exec")


def test_the_snippets_of_a_key_for_some_models_ask_one_of_those(gateway, keys):
    create(keys, "newer", Models="gpt-9\ngemini-3*")

    assert run_first_snippet(keys)["model"].startswith("gemini-3")


def test_an_alias_a_key_is_held_to_is_what_its_snippets_ask_for(gateway, keys):
    create(keys, "older", Models="gpt-4o")

    assert run_first_snippet(keys)["choices"]


def test_a_key_that_may_not_ask_is_offered_no_question(gateway, keys):
    dialog = form(keys)
    dialog.get_by_label("Name").fill("watcher")
    dialog.get_by_role("checkbox", name=re.compile("chat")).uncheck()
    dialog.get_by_role("checkbox", name=re.compile("monitor")).check()
    dialog.get_by_role("button", name="Create key").click()
    keys.locator("[data-raw]").wait_for()

    assert run_first_snippet(keys)["status"]


def test_the_limits_given_act(gateway, keys):
    key = create(
        keys,
        "limited",
        Requests_per_minute="2",
        Models="gemini-2.5-flash",
        Networks="127.0.0.0/8",
    )

    assert ask(gateway, key, "gemini-2.5-pro").status_code == 403
    # Two a minute, and a minute may begin between them.
    statuses = [ask(gateway, key).status_code for _ in range(5)]

    assert statuses.count(429) >= 1
    assert statuses[0] == 200


def test_every_setting_arrives(gateway, keys, api):
    dialog = form(keys)
    dialog.get_by_label("Name").fill("everything")
    dialog.get_by_label("Expires").fill("2099-01-02T03:04")
    dialog.get_by_role("checkbox", name=re.compile("monitor")).uncheck()
    dialog.get_by_role("checkbox", name=re.compile("admin")).check()
    dialog.get_by_label("Tokens per day").fill("1000")
    dialog.get_by_label("Requests at once").fill("0")
    dialog.get_by_label("Paths").fill("/v1/*\n\n/api/gswarm/generate")
    dialog.get_by_label("Answers tell which project").check()
    dialog.get_by_role("button", name="Create key").click()
    keys.get_by_role("button", name="Done").click()

    made = known(api)["everything"]
    assert made["scopes"] == ["chat", "admin"]
    assert made["expiresAt"].startswith("2099-01-0")
    assert (made["rateLimit"], made["tokensPerDay"]) == (None, 1000)
    assert made["maxConcurrent"] == 0
    assert made["allowedEndpoints"] == ["/v1/*", "/api/gswarm/generate"]
    assert made["maySeeProjects"] is True


def test_what_is_wrong_is_said_at_its_field(gateway, keys, complaints, api):
    complaints.expect("400")
    dialog = form(keys)
    dialog.get_by_label("Name").fill("wrong")
    dialog.get_by_label("Networks").fill("not a network")
    dialog.get_by_role("button", name="Create key").click()

    networks = dialog.get_by_label("Networks")
    expect(networks).to_have_attribute("aria-invalid", "true")
    expect(dialog).to_contain_text("neither an IP address nor a CIDR block")
    expect(dialog.get_by_label("Name")).to_have_value("wrong")
    assert "wrong" not in known(api)


def test_a_key_that_would_never_open_anything_is_not_made(
    gateway, keys, complaints, api
):
    complaints.expect("400")
    dialog = form(keys)
    dialog.get_by_label("Name").fill("late")
    dialog.get_by_label("Expires").fill("2020-01-02T03:04")
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog).to_contain_text("This time is past")
    expect(dialog.get_by_label("Expires")).to_be_focused()

    dialog.get_by_label("Expires").fill("")
    dialog.get_by_role("checkbox", name=re.compile("chat")).uncheck()
    dialog.get_by_role("button", name="Create key").click()

    expect(dialog).to_contain_text("Choose at least one scope.")
    assert "late" not in known(api)


def test_a_key_whose_time_is_over_can_be_changed_still(gateway, keys, api):
    gateway.new_key("over", expires_at=1_600_000_000)
    keys.reload()
    keys.get_by_role("button", name="Edit over").click()
    dialog = keys.get_by_role("dialog", name="Edit over")
    dialog.get_by_label("Name").fill("long over")
    dialog.get_by_role("button", name="Save").click()

    expect(row(keys, "long over")).to_contain_text("expired")


def test_a_key_is_changed(gateway, keys, api):
    create(keys, "laptop")
    keys.get_by_role("button", name="Done").click()
    keys.get_by_role("button", name="Edit laptop").click()
    dialog = keys.get_by_role("dialog", name="Edit laptop")

    dialog.get_by_label("Name").fill("desktop")
    dialog.get_by_label("Requests per minute").fill("5")
    dialog.get_by_role("button", name="Save").click()

    expect(row(keys, "desktop")).to_contain_text("5/min")
    assert known(api)["desktop"]["rateLimit"] == 5


def test_revoking_asks_and_acts(gateway, keys, api):
    key = create(keys, "laptop")
    keys.get_by_role("button", name="Done").click()
    keys.get_by_role("button", name="Revoke laptop").click()
    question = keys.get_by_role("dialog", name="Revoke laptop?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    keys.keyboard.press("Escape")
    revoke = keys.get_by_role("button", name="Revoke laptop")
    expect(revoke).to_be_focused()
    assert known(api)["laptop"]["active"]

    revoke.click()
    question.get_by_role("button", name="Revoke").click()

    expect(row(keys, "laptop")).to_have_count(0)
    assert not known(api)["laptop"]["active"]
    gateway.wait_for_pulses(1.2)
    assert ask(gateway, key).status_code == 401
    keys.get_by_label("Show revoked keys").check()
    expect(row(keys, "laptop")).to_contain_text("revoked")


def test_without_a_key_the_next_step_is_offered(gateway, keys, api):
    for key in known(api).values():
        api.delete(f"/api/api-keys/{key['id']}")
    keys.reload()

    expect(keys.get_by_text("No API key yet")).to_be_visible()
    create(keys, "first")


def test_counts_follow_without_touching_a_form(gateway, keys):
    dialog = form(keys)
    dialog.get_by_label("Name").fill("half typed")
    gateway.ask()

    expect(row(keys, "test").locator(".numeric").first).to_have_text("1")
    expect(dialog.get_by_label("Name")).to_have_value("half typed")


def test_hostile_names_stay_text(gateway, keys):
    create(keys, "<b>bold</b>")
    keys.get_by_role("button", name="Done").click()

    expect(row(keys, "<b>bold</b>")).to_be_visible()
    assert keys.locator("keys-panel b").count() == 0


def test_it_fits_every_screen(gateway, keys, shoot):
    create(keys, "a laptop with a long name", Requests_per_minute="60")
    shoot(keys, "keys-made")
    keys.get_by_role("button", name="Done").click()
    shoot(keys, "keys")
    form(keys)
    shoot(keys, "keys-form")
    keys.keyboard.press("Escape")

    for width in (360, 768):
        keys.set_viewport_size({"width": width, "height": 800})
        assert keys.evaluate("document.documentElement.scrollWidth") == width
