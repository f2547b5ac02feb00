"""The playground: a model is asked, and how its answer came about is shown."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess

import pytest
from playwright.sync_api import Page, expect

from tests.gateway_process import wait_for

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQ"
    "DwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
WEATHER = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]
GENERATE = "streamGenerateContent"


@pytest.fixture
def page(context, signed_in, complaints) -> Page:
    """A page that is nowhere yet."""
    return context.new_page()


@pytest.fixture
def playground(page, google) -> Page:
    """The page at this panel, its models there."""
    google.speed(ttft_seconds=0, chunk_seconds=0)
    page.goto("/#/playground")
    page.get_by_label("Model").wait_for()
    return page


def send(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def answer(page: Page):
    return page.locator(".turn.assistant").last


def words(page: Page):
    return answer(page).locator("[data-text]")


def fact(page: Page, name: str):
    return answer(page).locator(f"[data-fact='{name}'] dd")


def wait_until_done(page: Page) -> None:
    expect(fact(page, "Total")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def asked(google) -> dict:
    """What the newest call asked of Google."""
    request = google.calls(method=GENERATE)[-1]["request"]
    return request.get("request", request)


def test_an_answer_tells_how_it_came_about(playground, api):
    send(playground, "[[say:Hello there]]")

    expect(words(playground)).to_have_text("Hello there")
    wait_until_done(playground)
    [record] = api.get("/api/gswarm/requests").json()["requests"]
    assert record["key_name"] == "playground"
    expect(fact(playground, "Project")).to_have_text(record["project_id"])
    expect(fact(playground, "Attempts")).to_have_text("1")
    expect(fact(playground, "Cache")).to_have_text(re.compile("miss|bypass"))
    expect(fact(playground, "Tokens")).to_contain_text(f"{record['prompt_tokens']} in")
    expect(fact(playground, "First token")).to_be_visible()
    expect(playground.get_by_label("Message")).to_be_focused()


def test_tokens_show_as_they_come_and_can_be_stopped(playground, google):
    google.speed(chunk_seconds=0.3, chunk_chars=8)
    send(playground, "[[words:200]]")
    expect(words(playground)).not_to_be_empty()
    early = words(playground).inner_text()
    expect(answer(playground)).to_contain_text("Streaming")
    expect(words(playground)).not_to_have_text(early)

    playground.get_by_role("button", name="Stop").click()

    expect(answer(playground)).to_contain_text("Stopped.")
    expect(playground.get_by_role("button", name="Stop")).to_be_hidden()
    wait_for(lambda: google.open_calls() == 0)


def test_the_whole_conversation_is_sent(playground, google):
    playground.get_by_label("System prompt").fill("Be brief.")
    playground.get_by_label("Temperature").fill("0.5")
    playground.get_by_label("Thinking").select_option("low")
    send(playground, "[[say:First]]")
    wait_until_done(playground)
    send(playground, "And now?")
    expect(playground.locator(".turn")).to_have_count(4)
    wait_until_done(playground)

    request = asked(google)
    said = [(turn["role"], turn["parts"][-1]["text"]) for turn in request["contents"]]
    assert said == [
        ("user", "[[say:First]]"),
        ("model", "First"),
        ("user", "And now?"),
    ]
    assert request["systemInstruction"]["parts"][0]["text"] == "Be brief."
    assert request["generationConfig"]["temperature"] == 0.5


def test_reasoning_is_there_to_be_opened(playground):
    playground.get_by_label("Thinking").select_option("high")
    send(playground, "[[words:20]]")
    wait_until_done(playground)

    thoughts = answer(playground).locator("[data-thoughts]")
    expect(thoughts).to_be_hidden()
    answer(playground).get_by_text("Reasoning", exact=True).click()
    expect(thoughts).not_to_be_empty()


def test_a_function_is_called_and_answered(playground, google):
    playground.get_by_label("Functions").fill(json.dumps(WEATHER))
    send(playground, "What is the weather in Paris?")
    result = playground.get_by_label("What it answers")
    expect(result).to_be_visible()
    expect(answer(playground)).to_contain_text("weather")

    result.fill('{"sky": "clear"}')
    playground.get_by_role("button", name="Send").click()

    expect(playground.locator(".turn.assistant")).to_have_count(2)
    wait_until_done(playground)
    contents = asked(google)["contents"]
    assert "functionCall" in json.dumps(contents[-2])
    assert "clear" in json.dumps(contents[-1])


def test_a_setting_that_is_no_json_is_refused_before_anything_is_sent(
    playground, google
):
    google.forget_calls()
    playground.get_by_label("Functions").fill("[not json")
    send(playground, "Hello")

    expect(playground.get_by_label("Functions")).to_have_attribute(
        "aria-invalid", "true"
    )
    expect(playground.get_by_label("Message")).to_have_value("Hello")
    assert google.calls(method=GENERATE) == []


def test_an_answer_follows_a_schema(playground, google):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    playground.get_by_label("JSON schema").fill(json.dumps(schema))
    send(playground, "A number, please.")
    wait_until_done(playground)

    json.loads(words(playground).inner_text())
    assert asked(google)["generationConfig"]["responseMimeType"] == "application/json"


def test_an_image_goes_along_with_a_preview(playground, google):
    file = {"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL}
    playground.locator("[data-images]").set_input_files([file, file])
    expect(playground.locator(".thumb")).to_have_count(2)
    playground.get_by_role("button", name="Remove dot.png").last.click()
    expect(playground.locator(".thumb")).to_have_count(1)
    assert playground.locator("canvas[data-broken]").count() == 0

    send(playground, "What is this?")
    wait_until_done(playground)

    expect(playground.locator(".thumb")).to_have_count(0)
    expect(playground.locator(".turn.user canvas")).to_have_count(1)
    parts = asked(google)["contents"][-1]["parts"]
    [image] = [part["inlineData"] for part in parts if "inlineData" in part]
    assert image == {"mimeType": "image/png", "data": base64.b64encode(PIXEL).decode()}


def test_a_refusal_is_shown_in_the_apis_words_and_asked_again(
    playground, google, complaints
):
    complaints.expect("429|400|50[0-9]")
    google.script({"error": "invalid_argument"}, times=1)
    send(playground, "[[say:Fine]]")
    alert = answer(playground).get_by_role("alert")
    expect(alert).to_contain_text("400")

    alert.get_by_role("button", name="Try again").click()

    expect(words(playground)).to_have_text("Fine")
    expect(playground.locator(".turn")).to_have_count(2)


def test_what_is_yet_to_be_learnt_of_an_answer_holds_nothing_up(
    playground, google, complaints
):
    complaints.expect("400")
    playground.route("**/api/gswarm/requests/*", lambda route: None)
    google.script({"error": "invalid_argument"}, times=1)
    send(playground, "[[say:Fine]]")

    answer(playground).get_by_role("button", name="Try again").click()
    expect(words(playground)).to_have_text("Fine")
    wait_until_done(playground)
    send(playground, "[[say:Second]]")

    expect(words(playground)).to_have_text("Second")
    expect(playground.locator(".turn")).to_have_count(4)


def test_a_stream_that_breaks_says_so_and_keeps_what_came(playground, google):
    google.speed(chunk_chars=8)
    error = {"after": 3, "how": "event", "error": "internal"}
    google.script({"midstream_error": error}, times=None)
    send(playground, "[[words:60]]")

    expect(answer(playground).get_by_role("alert")).not_to_be_empty()
    expect(words(playground)).not_to_be_empty()
    google.clear_scripts()


def test_several_attempts_are_counted(playground, google):
    google.script({"error": "rate_limit"}, times=2)
    send(playground, "[[say:Third]]")

    expect(words(playground)).to_have_text("Third")
    expect(fact(playground, "Attempts")).to_have_text("3")


def test_the_cache_is_told_and_can_be_passed_by(playground):
    playground.get_by_label("Temperature").fill("0")
    for expected in ("miss", "hit"):
        send(playground, "[[say:Kept]]")
        wait_until_done(playground)
        expect(fact(playground, "Cache")).to_have_text(expected)
        playground.get_by_role("button", name="New conversation").click()

    playground.get_by_label("Do not answer from the cache").check()
    send(playground, "[[say:Kept]]")
    wait_until_done(playground)

    expect(fact(playground, "Cache")).to_have_text("bypass")


def run_copied_command(page: Page, key: str) -> str:
    """What the command answers that "Copy as curl" has put on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#toasts")).to_contain_text("copied")
    command = page.evaluate("navigator.clipboard.readText()")
    env = os.environ | {"GSWARM_API_KEY": key, "NO_PROXY": "*", "no_proxy": "*"}
    ran = subprocess.run(
        ["bash"], input=command.encode(), env=env, capture_output=True, check=True
    )
    return ran.stdout.decode()


def test_the_request_is_copied_as_a_command_that_runs(playground, gateway, google):
    send(playground, "It's [[say:quoted]] and $HOME")
    wait_until_done(playground)
    google.forget_calls()

    answer = run_copied_command(playground, gateway.key)

    assert '"quoted"' in answer
    [said] = asked(google)["contents"]
    assert said["parts"] == [{"text": "It's [[say:quoted]] and $HOME"}]


def test_a_command_with_a_picture_runs(playground, gateway):
    picture = PIXEL + os.urandom(250_000)
    file = {"name": "large.png", "mimeType": "image/png", "buffer": picture}
    playground.locator("[data-images]").set_input_files([file])
    expect(playground.locator(".thumb")).to_have_count(1)

    assert "[DONE]" in run_copied_command(playground, gateway.key)
    copied = playground.evaluate("navigator.clipboard.readText()")
    assert base64.b64encode(picture).decode() in copied


def test_a_conversation_outlives_a_look_elsewhere(playground):
    send(playground, "[[say:Still here]]")
    wait_until_done(playground)
    playground.goto("/#/accounts")
    playground.locator("accounts-panel").wait_for()
    playground.goto("/#/playground")

    expect(words(playground)).to_have_text("Still here")


def test_what_is_typed_and_attached_outlives_a_look_elsewhere(playground, google):
    file = {"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL}
    playground.locator("[data-images]").set_input_files([file])
    playground.get_by_label("Message").fill("Half a quest")
    expect(playground.locator(".thumb")).to_have_count(1)
    playground.goto("/#/accounts")
    playground.locator("accounts-panel").wait_for()
    playground.goto("/#/playground")

    expect(playground.get_by_label("Message")).to_have_value("Half a quest")
    expect(playground.locator(".thumb")).to_have_count(1)
    playground.get_by_role("button", name="Send").click()
    wait_until_done(playground)
    assert len(asked(google)["contents"][-1]["parts"]) == 2
    expect(playground.get_by_label("Message")).to_have_value("")


def test_an_answer_that_is_left_alone_while_it_comes_is_stopped(playground, google):
    google.speed(chunk_seconds=0.1, chunk_chars=8)
    send(playground, "[[words:200]]")
    expect(words(playground)).not_to_be_empty()
    playground.goto("/#/accounts")
    playground.locator("accounts-panel").wait_for()
    wait_for(lambda: google.open_calls() == 0)
    playground.goto("/#/playground")

    expect(answer(playground)).to_contain_text("Stopped.")
    expect(words(playground)).not_to_be_empty()


def test_hostile_answers_stay_text(playground):
    send(playground, "[[say:<img src=x onerror=alert(1)><b>bold</b>]]")

    expect(words(playground)).to_contain_text("<b>bold</b>")
    assert playground.locator(".turn :is(img, b)").count() == 0


def test_without_accounts_the_next_step_is_offered(empty_gateway, page):
    empty_gateway.wait_for_pulses(2.1)  # for so long it takes accounts for granted
    page.goto("/#/playground")

    expect(page.get_by_text("No model can be asked now.")).to_be_visible()
    page.get_by_role("link", name="See what is missing").click()
    steps = page.get_by_role("region", name="To a first answer")
    expect(steps.get_by_role("link", name="Add an account")).to_be_visible()


def test_it_fits_every_screen(playground, shoot):
    shoot(playground, "playground-empty")
    playground.get_by_label("Thinking").select_option("high")
    send(playground, "[[words:120]]")
    wait_until_done(playground)
    send(playground, "[[say:A shorter one]]")
    expect(playground.locator(".turn")).to_have_count(4)
    wait_until_done(playground)
    shoot(playground, "playground")

    for width in (360, 768):
        playground.set_viewport_size({"width": width, "height": 800})
        assert playground.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(
    ("width", "height"), [(360, 740), (768, 1024), (1280, 720), (1440, 900)]
)
def test_the_message_is_in_sight_without_scrolling(playground, width, height):
    playground.set_viewport_size({"width": width, "height": height})
    playground.reload()  # settings begin closed where they are in the way
    playground.get_by_role("button", name="Send").wait_for()
    send(playground, "[[words:300]]")
    wait_until_done(playground)

    page_top = playground.locator("main").evaluate("it => it.scrollTop")
    box = playground.get_by_role("button", name="Send").bounding_box()
    assert page_top == 0
    assert box["y"] + box["height"] < height
    for name in ("Copy as curl", "New conversation"):
        expect(playground.get_by_role("button", name=name)).to_be_visible()
