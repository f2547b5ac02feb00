"""What went wrong, as the dashboard shows it and forgets it."""

from __future__ import annotations

import pytest

from tests.contract.asking import FLASH, PRO

PATH = "/api/dashboard/errors"


@pytest.fixture
def admin(gateway):
    return gateway.sign_in()


@pytest.fixture
def errors(admin):
    """What is found with these filters."""

    def ask(**filters):
        answer = admin.get(PATH, params=filters)
        assert answer.ok, answer.text
        return answer.json()["errors"]

    return ask


def test_a_failed_attempt_that_somebody_else_made_good(gateway, google, errors):
    google.script({"error": "daily_quota", "reset_after": "5h"}, model=FLASH)
    answer = gateway.ask(model=FLASH)
    assert answer.ok

    [error] = errors()

    [call] = google.calls(status=429)
    assert error["type"] == "quota_exhausted"
    assert error["status"] == 429
    assert "exhausted your capacity" in error["message"]
    assert (error["account"], error["projectId"]) == (call["account"], call["project"])
    assert (error["model"], error["key"]) == (FLASH, "test")
    assert error["requestId"] == answer.headers["x-request-id"]
    assert error["recovered"] is True
    assert error["resetsAt"] > error["at"]
    assert error["resetsIn"]


def test_google_asks_for_a_human(gateway, google, errors):
    google.script({"error": "validation"}, model=FLASH)
    assert gateway.ask(model=FLASH).ok

    [error] = errors()

    assert error["type"] == "auth"
    assert error["actionUrl"].startswith("https://")


def test_each_attempt_of_a_request_nobody_answered(gateway, google, errors):
    google.script({"error": "internal"}, times=None, model=FLASH)
    answer = gateway.ask(model=FLASH)
    assert answer.status_code == 502

    found = errors()

    assert len(found) == int(answer.headers["x-gswarm-attempts"]) == 8
    assert {each["recovered"] for each in found} == {False}
    assert len({each["projectId"] for each in found}) == 8
    assert {each["requestId"] for each in found} == {answer.headers["x-request-id"]}


def test_a_request_with_nobody_left_to_ask(gateway, errors):
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)
    assert gateway.ask(model=FLASH).status_code == 503

    [error] = errors()

    assert (error["type"], error["status"]) == ("no_available_account", 503)
    assert (error["account"], error["projectId"]) == (None, None)


def test_the_callers_mistake_is_kept_with_googles_words(gateway, google, errors):
    google.script({"error": "invalid_argument"}, model=FLASH)
    assert gateway.ask(model=FLASH).status_code == 400

    [error] = errors()

    assert (error["type"], error["status"]) == ("bad_request", 400)


def test_a_good_answer_leaves_nothing(gateway, errors):
    assert gateway.ask(model=FLASH).ok
    assert errors() == []


def test_errors_are_found_by_what_they_are_about(gateway, google, errors):
    google.script({"error": "internal"}, model=FLASH)
    google.script({"error": "rate_limit"}, model=PRO)
    assert gateway.ask(model=FLASH).ok
    assert gateway.ask(model=PRO).ok
    limited, broken = errors()

    assert errors(type="server") == [broken]
    assert errors(model=PRO) == [limited]
    assert errors(project=broken["projectId"], type="server") == [broken]
    assert errors(account="nobody@example.com") == []
    assert errors(startDate=broken["at"], endDate=broken["at"]) == [broken]
    assert errors(endDate="2020-01-01") == []


def test_errors_come_page_by_page(gateway, google, admin):
    google.script({"error": "internal"}, times=5, model=FLASH)
    assert gateway.ask(model=FLASH).ok

    pages, cursor = [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = admin.get(PATH, params=asked).json()
        pages.append([each["id"] for each in page["errors"]])
        cursor = page.get("nextCursor")
        if not cursor:
            break

    assert [len(page) for page in pages] == [2, 2, 1]
    ids = [each for page in pages for each in page]
    assert ids == sorted(ids, reverse=True)


def test_errors_can_be_forgotten(gateway, google, admin, errors):
    google.script({"error": "internal"}, model=FLASH)
    google.script({"error": "rate_limit"}, model=PRO)
    assert gateway.ask(model=FLASH).ok
    assert gateway.ask(model=PRO).ok

    some = admin.delete(PATH, params={"type": "server"})
    assert some.json() == {"deleted": 1}
    assert [each["type"] for each in errors()] == ["rate_limit"]
    assert admin.delete(PATH).json() == {"deleted": 1}
    assert errors() == []
    [entry, *_] = admin.get("/api/audit").json()["entries"]
    assert (entry["what"], entry["details"]["deleted"]) == ("errors.deleted", 1)


def test_only_people_see_and_forget_errors(gateway, admin):
    assert gateway.get(PATH).status_code == 401
    assert gateway.http.delete(gateway.url + PATH).status_code == 401
    del admin.headers["X-CSRF-Token"]
    assert admin.delete(PATH).status_code == 403
    assert admin.post(PATH).status_code == 405


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=nonsense", "cursor"),
        ("startDate=yesterday", "startDate"),
        ("colour=red", "colour"),
    ],
)
def test_a_bad_question_names_its_field(admin, query, field):
    answer = admin.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]
