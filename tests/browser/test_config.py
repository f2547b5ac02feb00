"""The settings, as an operator sees and changes them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

PATH = "/api/gswarm/config"


@pytest.fixture
def config(page) -> Page:
    page.goto("/#/config")
    expect(page.get_by_label("Default model")).to_be_visible()
    return page


def saved(api) -> dict:
    return api.get(PATH).json()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def status(page: Page) -> Locator:
    return page.locator("config-panel [data-state]")


def place(page: Page, path: str) -> Locator:
    return page.locator(f'config-panel [data-field="{path}"]')


def control(page: Page, path: str) -> Locator:
    return place(page, path).locator("input, select, textarea").first


def leaves(value, path=""):
    """The paths of the config, tables and lists as one."""
    for name, inner in value.items():
        here = f"{path}.{name}".lstrip(".")
        if isinstance(inner, dict) and name not in ("limits", "aliases", "fallbacks"):
            yield from leaves(inner, here)
        else:
            yield here


def test_every_field_of_the_api_has_its_place(config, api, shoot):
    paths = set(leaves(saved(api))) - {"version"}

    shown = config.locator("config-panel [data-field]").evaluate_all(
        "all => all.map(each => each.dataset.field)"
    )
    assert set(shown) == paths
    assert all(
        config.locator("config-panel .field-about").evaluate_all(
            "all => all.filter(p => !p.closest('li')).map(p => p.innerText.trim())"
        )
    )
    expect(status(config)).to_have_text("Version 0, saved")
    expect(place(config, "cooldown.maxMs")).to_contain_text("ms 1 h")
    shoot(config, "config")


NUMBERS = {
    "generation.temperature": 0.5,
    "generation.maxTokens": 1000,
    "generation.topP": 0.9,
    "generation.topK": 40,
    "rateLimit.requestsPerMinute": 600,
    "rateLimit.burstLimit": 50,
    "rateLimit.tokensPerDay": 1_000_000,
    "rateLimit.maxConcurrent": 8,
    "cooldown.initialMs": 1_000,
    "cooldown.maxMs": 90_000,
    "cooldown.multiplier": 3,
    "cooldown.consecutiveErrorThreshold": 5,
    "cooldown.authMs": 5_000,
    "quotaManagement.warningThreshold": 0.5,
    "cache.ttlSeconds": 60,
    "responses.storeSeconds": 3_600,
}


def test_every_field_can_be_changed(config, api):
    for path, value in NUMBERS.items():
        control(config, path).fill(str(value))
    control(config, "generation.thinkingLevel").select_option("low")
    control(config, "cache.mode").select_option("all")
    control(config, "systemPrompts.default").fill("Be brief.\n<b>Always</b>.")
    control(config, "models.default").fill("gemini-2.5-flash")
    for path in (
        "generation.includeThoughts",
        "googleSearch.enabled",
        "quotaManagement.trackingEnabled",
    ):
        control(config, path).click()
    add_row(config, "models.aliases", "house", "gemini-2.5-pro")
    add_row(config, "models.fallbacks", "gemini-2.5-pro", "gemini-2.5-flash")
    add_row(config, "quotaManagement.limits", "gemini-2.5-pro", "5", "")
    place(config, "models.hidden").get_by_label("gemini-2.5-flash-lite").check()
    expect(status(config)).to_have_text("27 unsaved changes")
    save(config)

    expect(status(config)).to_have_text("Version 1, saved")
    now = saved(api)
    for path, value in NUMBERS.items():
        group, name = path.split(".")
        assert now[group][name] == value, path
    assert now["generation"]["thinkingLevel"] == "low"
    assert now["generation"]["includeThoughts"] is False
    assert now["googleSearch"]["enabled"] is True
    assert now["systemPrompts"]["default"] == "Be brief.\n<b>Always</b>."
    assert now["models"]["default"] == "gemini-2.5-flash"
    assert now["models"]["aliases"]["house"] == "gemini-2.5-pro"
    assert now["models"]["aliases"]["gpt-4o"], "the others stay"
    assert now["models"]["fallbacks"] == {"gemini-2.5-pro": ["gemini-2.5-flash"]}
    assert now["models"]["hidden"] == ["gemini-2.5-flash-lite"]
    limits = now["quotaManagement"]["limits"]["gemini-2.5-pro"]
    assert limits["perMinutePerProject"] == 5
    assert now["quotaManagement"]["trackingEnabled"] is False
    assert now["cache"]["mode"] == "all"
    config.reload()
    expect(status(config)).to_have_text("Version 1, saved")
    expect(control(config, "generation.temperature")).to_have_value("0.5")


def add_row(page: Page, path: str, *cells: str) -> Locator:
    place(page, path).get_by_role("button", name=re.compile("^Add")).click()
    row = place(page, path).locator("[data-rows] > li").last
    for i, text in enumerate(cells):
        row.locator("input").nth(i).fill(text)
    return row


def test_a_value_that_is_left_open_again_is_nobodys(config, api):
    control(config, "generation.temperature").fill("1")
    save(config)
    expect(status(config)).to_have_text("Version 1, saved")
    expect(place(config, "generation.temperature")).not_to_contain_text("left to")

    control(config, "generation.temperature").fill("")
    save(config)

    expect(status(config)).to_have_text("Version 2, saved")
    assert saved(api)["generation"]["temperature"] is None
    expect(place(config, "generation.temperature")).to_contain_text("left to the model")


def test_what_is_wrong_stands_at_its_field(config, api, complaints, shoot):
    complaints.expect("400")
    control(config, "generation.temperature").fill("9")
    control(config, "cooldown.initialMs").fill("0.5")
    row = add_row(config, "models.aliases", "house", "nobody-knows-it")
    add_row(config, "models.fallbacks", "gemini-2.5-pro", "gemini-2.5-flash, what")
    save(config)

    temperature = place(config, "generation.temperature")
    expect(temperature).to_contain_text("less than or equal to 2")
    expect(temperature.locator("input")).to_have_attribute("aria-invalid", "true")
    expect(temperature.locator("input")).to_be_focused()
    expect(place(config, "cooldown.initialMs")).to_contain_text("Not a valid integer")
    expect(row).to_contain_text("'nobody-knows-it' is not the name of a model.")
    expect(place(config, "models.fallbacks").locator("li")).to_contain_text("'what'")
    assert saved(api)["version"] == 0
    shoot(config, "config-refused")

    control(config, "cooldown.initialMs").fill("9000000")
    temperature.locator("input").fill("1")
    row.get_by_role("button", name="Remove").click()
    place(config, "models.fallbacks").get_by_role("button", name="Remove").click()
    save(config)
    expect(place(config, "cooldown.maxMs")).to_contain_text("Must not be less than")
    expect(temperature.locator("[data-error]")).to_be_empty()


def test_two_rows_of_one_name_are_not_sent(config, api):
    add_row(config, "models.aliases", "gpt-4o", "gemini-2.5-pro")
    save(config)

    message = "document.activeElement.validationMessage"
    assert "already" in config.evaluate(message)
    assert saved(api)["version"] == 0


def test_rows_are_removed_by_keyboard_and_focus_stays_near(config, api):
    rows = place(config, "models.aliases").locator("[data-rows] > li")
    count = rows.count()
    assert count > 2
    gone = rows.first.get_attribute("data-key")
    rows.first.get_by_role("button").focus()

    config.keyboard.press("Enter")

    expect(rows).to_have_count(count - 1)
    expect(rows.first.get_by_role("button")).to_be_focused()
    save(config)
    expect(status(config)).to_have_text("Version 1, saved")
    assert saved(api)["models"]["aliases"][gone] is None


def test_an_alias_is_changed_without_touching_the_others(config, api, complaints):
    complaints.expect("409")
    built_in = saved(api)["models"]["aliases"]
    row = add_row(config, "models.aliases", "house", "gemini-2.5-pro")
    save(config)
    expect(status(config)).to_have_text("Version 1, saved")
    theirs = {"models": {"aliases": {"barn": "gemini-2.5-flash"}}}
    api.post(PATH, json={"version": 1, **theirs})

    row = alias(config, "house")
    row.get_by_role("button", name="Remove").click()
    alias(config, "gpt-4o").locator("input").last.fill("gemini-2.5-pro")
    save(config)
    dialog = config.get_by_role("dialog", name=re.compile("Somebody else"))
    dialog.get_by_role("button", name="Save what is chosen").click()

    expect(status(config)).to_have_text("Version 3, saved")
    mine = {"barn": "gemini-2.5-flash", "gpt-4o": "gemini-2.5-pro"}
    assert saved(api)["models"]["aliases"] == built_in | mine

    alias(config, "gpt-4o").get_by_role("button", name="Remove").click()
    save(config)
    expect(status(config)).to_have_text("Version 4, saved")
    expect(alias(config, "gpt-4o").locator("input").last).to_have_value("")
    alias(config, "gpt-4o").get_by_role("button", name="Remove").click()
    save(config)
    expect(status(config)).to_have_text("Version 5, saved")
    assert saved(api)["models"]["aliases"]["gpt-4o"] == built_in["gpt-4o"]


def alias(page: Page, name: str) -> Locator:
    return place(page, "models.aliases").locator(f'li[data-key="{name}"]')


# ---------------------------------------------------------------- unsaved changes


def test_leaving_with_unsaved_changes_asks_first(config, api):
    control(config, "cache.ttlSeconds").fill("7")

    config.get_by_role("link", name="Overview").click()
    dialog = config.get_by_role("dialog", name="Leave without saving?")
    expect(dialog).to_contain_text("Kept for")
    dialog.get_by_role("button", name="Cancel").click()
    assert config.url.endswith("#/config")
    expect(control(config, "cache.ttlSeconds")).to_have_value("7")

    config.get_by_role("link", name="Overview").click()
    dialog.get_by_role("button", name="Leave").click()
    expect(config.get_by_role("heading", name="Overview")).to_be_visible()
    assert saved(api)["version"] == 0


def test_going_back_and_staying_leaves_the_history_as_it_was(page):
    for panel in ("Errors", "Configuration"):
        page.get_by_role("link", name=panel).click()
        page.get_by_role("heading", name=panel).wait_for()
    ttl = control(page, "cache.ttlSeconds")
    ttl.fill("7")

    page.go_back()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile("#/config$"))
    expect(ttl).to_have_value("7")
    page.go_back()
    dialog.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.go_forward()
    page.go_forward()
    expect(page.get_by_role("heading", name="Configuration")).to_be_visible()


def test_leaving_without_changes_asks_nothing(config):
    control(config, "cache.ttlSeconds").fill("7")
    control(config, "cache.ttlSeconds").fill("300")
    expect(status(config)).to_have_text("Version 0, saved")

    config.get_by_role("link", name="Overview").click()

    expect(config.get_by_role("heading", name="Overview")).to_be_visible()


def test_changes_can_be_discarded(config, api):
    control(config, "cache.ttlSeconds").fill("7")
    add_row(config, "models.aliases", "house", "gemini-2.5-pro")

    config.get_by_role("button", name="Discard").click()
    dialog = config.get_by_role("dialog", name="Discard 2 unsaved changes?")
    dialog.get_by_role("button", name="Discard").click()

    expect(status(config)).to_have_text("Version 0, saved")
    expect(control(config, "cache.ttlSeconds")).to_have_value("300")
    expect(place(config, "models.aliases")).not_to_contain_text("house")


def test_a_refresh_takes_in_what_others_changed_but_nothing_typed(config, api):
    api.post(PATH, json={"version": 0, "cache": {"ttlSeconds": 11}})
    config.evaluate("document.querySelector('config-panel').refresh()")
    expect(control(config, "cache.ttlSeconds")).to_have_value("11")
    expect(status(config)).to_have_text("Version 1, saved")

    control(config, "cache.ttlSeconds").fill("12")
    api.post(PATH, json={"version": 1, "cache": {"ttlSeconds": 13}})
    config.evaluate("document.querySelector('config-panel').refresh()")
    expect(control(config, "cache.ttlSeconds")).to_have_value("12")


# ---------------------------------------------------------------- two at once


def test_of_two_changes_both_are_shown_and_one_is_chosen(
    config, api, complaints, shoot
):
    complaints.expect("409")
    control(config, "cache.ttlSeconds").fill("7")
    control(config, "systemPrompts.default").fill("Mine.")
    theirs = {"default": "<script>Theirs</script>"}
    changes = {"cache": {"ttlSeconds": 11, "mode": "all"}, "systemPrompts": theirs}
    api.post(PATH, json={"version": 0, **changes})
    save(config)

    dialog = config.get_by_role("dialog", name="Somebody else has changed")
    expect(dialog).to_contain_text("They also changed: Which answers are kept.")
    prompt = dialog.locator('[data-field="systemPrompts.default"]')
    expect(prompt).to_contain_text("<script>Theirs</script>")
    shoot(config, "config-conflict")
    prompt.get_by_label("Theirs").check()
    dialog.get_by_role("button", name="Save what is chosen").click()

    expect(status(config)).to_have_text("Version 2, saved")
    now = saved(api)
    assert now["cache"] == {"mode": "all", "ttlSeconds": 7}
    assert now["systemPrompts"] == theirs


def test_a_conflict_that_is_left_open_keeps_what_was_typed(config, api, complaints):
    complaints.expect("409")
    control(config, "cache.ttlSeconds").fill("7")
    api.post(PATH, json={"version": 0, "cache": {"ttlSeconds": 11}})
    save(config)
    config.get_by_role("dialog", name="Somebody else").wait_for()

    config.keyboard.press("Escape")

    expect(control(config, "cache.ttlSeconds")).to_have_value("7")
    expect(status(config)).to_have_text("1 unsaved change")
    assert saved(api)["cache"]["ttlSeconds"] == 11


def test_a_config_that_cannot_be_read_says_so(page, complaints):
    complaints.expect("503")
    body = '{"error": {"code": "store_unavailable", "message": "The store is away."}}'
    page.route(f"**{PATH}", lambda each: each.fulfill(status=503, body=body), times=1)
    page.goto("/#/config")

    expect(page.get_by_role("alert")).to_contain_text("The store is away.")
    expect(page.get_by_role("heading", name="Configuration")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(control(page, "models.default")).to_be_visible()
