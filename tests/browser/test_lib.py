"""What the panels stand on: markup, live news, dialogs, forms, words for numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

LIST = """
  const { html, render } = await import("/static/lib/html.js");
  const place = document.createElement("div");
  document.getElementById("main").append(place);
  place.id = "place";
  const rows = (names) => render(place, html`<ul>${names.map((name) =>
    html`<li data-key="${name}"><button>${name}</button></li>`)}</ul>`);
"""


def run(page, body: str):
    return page.evaluate(f"async () => {{ {body} }}")


# ---------------------------------------------------------------- render


def test_rows_stay_themselves_and_keep_the_focus(page):
    found = run(
        page,
        LIST
        + """
        rows(["a", "b", "c", "d"]);
        const before = Object.fromEntries([...place.querySelectorAll("li")]
          .map((row) => [row.dataset.key, row]));
        before.c.firstChild.focus();
        rows(["d", "e", "c", "a"]);
        const after = [...place.querySelectorAll("li")];
        return {
          order: after.map((row) => row.dataset.key).join(""),
          same: after.filter((row) => before[row.dataset.key] === row).length,
          focus: document.activeElement.textContent,
        };
        """,
    )

    assert found == {"order": "deca", "same": 3, "focus": "c"}


def test_keys_that_come_twice_lose_nobody(page):
    run(page, LIST + 'rows(["a", "a", "b"]); rows(["b", "a", "a"]);')
    found = page.locator("#place li").all_inner_texts()

    assert found == ["b", "a", "a"]


def test_what_somebody_does_survives_a_refresh(page):
    found = run(
        page,
        """
        const { html, render } = await import("/static/lib/html.js");
        const place = document.createElement("div");
        document.getElementById("main").append(place);
        const write = (n) => render(place, html`<p>${n}</p>
          <details data-key="d"><summary>More</summary>${n}</details>
          <form><input name="typed"><input type="checkbox" name="box"></form>`);
        write(1);
        place.querySelector("details").open = true;
        const [typed, box] = place.querySelectorAll("input");
        typed.focus();
        typed.value = "half a wo";
        typed.setSelectionRange(2, 4);
        box.checked = true;
        write(2);
        const details = place.querySelector("details");
        return [place.querySelector("p").textContent, details.open, typed.isConnected,
          typed.value, typed.selectionStart, box.checked,
          document.activeElement === typed];
        """,
    )

    assert found == ["2", True, True, "half a wo", 2, True, True]


def test_a_switch_outside_a_form_shows_what_the_data_says(page):
    found = run(
        page,
        """
        const { flag, html, render } = await import("/static/lib/html.js");
        const place = document.createElement("div");
        const write = (isOn) => render(place,
          html`<input type="checkbox" ${flag("checked", isOn)}>`);
        write(true);
        const box = place.firstChild;
        box.click();
        write(true);
        const refused = box.checked;
        write(false);
        return [refused, box.checked, box === place.firstChild];
        """,
    )

    assert found == [True, False, True]


def test_a_share_becomes_a_custom_property(page):
    share = "place.querySelector('i').style.getPropertyValue('--share')"
    found = run(
        page,
        f"""
        const {{ html, render }} = await import("/static/lib/html.js");
        const place = document.createElement("div");
        const write = (n) => render(place,
          html`<p><i data-vars="share: ${{n}}"></i></p>`);
        write(0.4);
        const first = {share};
        write(0.6);
        return [first, {share}];
        """,
    )

    assert found == ["0.4", "0.6"]


# ---------------------------------------------------------------- live and session


def hide(page, hidden: bool) -> None:
    page.evaluate(
        """(hidden) => {
          const now = { value: hidden, configurable: true };
          Object.defineProperty(document, "hidden", now);
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_page_nobody_looks_at_lets_go_of_the_stream(context, signed_in):
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    connection = page.locator("[data-connection]")
    expect(connection).to_have_attribute("data-connection", "open")

    hide(page, True)
    page.clock.fast_forward(31_000)
    expect(connection).to_have_attribute("data-connection", "paused")
    hide(page, False)

    expect(connection).to_have_attribute("data-connection", "open")


def test_a_session_at_its_end_leads_to_sign_in(context, signed_in):
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    page.locator("main h1").wait_for()

    page.clock.fast_forward("24:01:00")

    expect(page.get_by_role("dialog")).to_contain_text("Your session has ended")


# ---------------------------------------------------------------- dialogs and forms


def open_form(page) -> None:
    run(
        page,
        """
        const { fill } = await import("/static/lib/dialog.js");
        const { field } = await import("/static/lib/forms.js");
        const { html } = await import("/static/lib/html.js");
        const { ApiError } = await import("/static/lib/api.js");
        const details = { name: ["Too short."], other: ["Is odd."] };
        window.sent = [];
        fill({ title: "New", action: "Create",
          fields: html`${field({ name: "name", label: "Name" })}
            ${field({ name: "limit", label: "Limit", type: "number", value: 5 })}`,
          submit: async (values) => {
            window.sent.push(values);
            if (window.sent.length < 2) throw new ApiError("Not so.", { details });
            return values;
          } }).then((result) => (window.result = result));
        """,
    )


def test_a_form_says_at_its_fields_what_is_wrong_and_stays(page):
    page.get_by_role("button", name="Help").focus()
    open_form(page)
    form = page.get_by_role("dialog", name="New")
    name = form.get_by_label("Name")
    expect(name).to_be_focused()

    name.fill("x")
    page.keyboard.press("Enter")
    expect(form).to_contain_text("Too short.")
    expect(form.get_by_role("alert")).to_contain_text("other: Is odd.")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    form.get_by_role("button", name="Create").click()

    expect(form).to_have_count(0)
    page.wait_for_function("window.result")
    assert page.evaluate("window.result") == {"name": "x", "limit": 5}
    expect(page.get_by_role("button", name="Help")).to_be_focused()


def test_a_form_that_is_left_answers_nothing(page):
    open_form(page)
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_function("window.result === null")
    assert page.evaluate("window.sent") == []


def test_a_question_has_the_safe_answer_first(page):
    run(
        page,
        """
        const { ask } = await import("/static/lib/dialog.js");
        ask({ title: "Revoke?", text: "For good.", action: "Revoke", danger: true })
          .then((answer) => (window.answer = answer));
        """,
    )
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.get_by_role("button", name="Revoke").click()

    page.wait_for_function("window.answer === true")


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("number(12345)", "12,345"),
        ("number(null)", "\N{EN DASH}"),
        ("compact(9999)", "9,999"),
        ("compact(12345)", "12.3K"),
        ("percent(0.034)", "3.4 %"),
        ("duration(840.4)", "840 ms"),
        ("duration(1234)", "1.2 s"),
        ("duration(200000)", "3 min 20 s"),
        ("seconds(0)", "0 s"),
        ("seconds(187200)", "2 d 4 h"),
        ("bytes(1500000)", "1.5 MB"),
        ("plural(1, 'key')", "1 key"),
        ("plural(2, 'key')", "2 keys"),
        ("words('quota_exhausted')", "quota exhausted"),
    ],
)
def test_numbers_are_written_for_people(page_once, expression, words):
    page_once.evaluate("import('/static/lib/format.js').then((it) => (window.it = it))")
    assert page_once.evaluate(f"it.{expression}") == words


@pytest.fixture(scope="module")
def page_once(chromium, running_gateway):
    """A page that nothing happens on."""
    page = chromium.new_page(base_url=running_gateway.url)
    page.goto("/docs")
    yield page
    page.close()


def test_instants_tick_without_being_asked_for(context, signed_in):
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    page.locator("main h1").wait_for()
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    run(
        page,
        """
        const { html, render } = await import("/static/lib/html.js");
        const { ago, until } = await import("/static/lib/time.js");
        const place = document.createElement("div");
        place.id = "place";
        document.getElementById("main").append(place);
        render(place, html`${ago(Date.now() - 60_000)}, ${until(Date.now() + 65_000)}`);
        """,
    )
    place = page.locator("#place")
    assert place.inner_text() == "1 min ago, in 1:05"

    page.clock.run_for(62_000)

    assert re.fullmatch(r"2 min ago, in 0:0[34]", place.inner_text())
