"""The projects of a running gateway, as the dashboard lists, tries and changes them."""

from __future__ import annotations

import pytest

from tests.contract.asking import FLASH, ask_all
from tests.gateway_process import wait_for

PATH = "/api/projects"
ONE = "alice-01"
STREAM, UNARY = "streamGenerateContent", "generateContent"
ROW = {
    *("id", "projectId", "name", "account", "upstream", "enabled", "apiEnabled"),
    *("status", "health", "healthTerms", "inFlight", "lastUsedAt", "cooldownUntil"),
    *("cooldownReason", "successCount", "errorCount", "models"),
}


@pytest.fixture
def admin(gateway):
    return gateway.sign_in()


def listed(admin, **query):
    answer = admin.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(page):
    return [row["id"] for row in page["projects"]]


def row(admin, project_id=ONE):
    [found] = listed(admin, search=project_id)["projects"]
    return found


def change(admin, verb, project_id=ONE, **body):
    answer = admin.post(f"{PATH}/{project_id}/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def error_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def newest_entry(admin):
    return admin.get("/api/audit?limit=1").json()["entries"][0]


# ------------------------------------------------------------------- listing


def test_a_fresh_project_is_shown_in_full(admin):
    shown = row(admin)

    assert shown.keys() == ROW
    assert shown["projectId"] == shown["id"] == ONE
    assert (shown["account"], shown["upstream"]) == ("alice@example.com", "cloudcode")
    assert (shown["enabled"], shown["status"], shown["inFlight"]) == (True, "active", 0)
    assert shown["healthTerms"] == {"success": 1, "recency": 1, "cooldown": 0}
    assert (shown["health"], shown["lastUsedAt"], shown["models"]) == (1, None, {})


def test_what_a_project_served_is_told_by_model(gateway, admin):
    ask_all(gateway, 12)
    gateway.ask(model=FLASH)

    shown = wait_for(lambda: row(admin)["successCount"] and row(admin))
    assert shown["lastUsedAt"].endswith("Z")
    assert shown["models"][FLASH]["successCount"] == shown["successCount"]
    assert shown["models"][FLASH]["lastUsedAt"] > 1_600_000_000_000
    assert shown["healthTerms"]["recency"] < 1


def test_a_resting_project_says_why_and_how_long(gateway, google, admin):
    google.script({"error": "daily_quota", "reset_after": "2h"}, times=2)
    gateway.ask(model=FLASH)
    [resting] = [
        each for each in listed(admin)["projects"] if each["status"] == "cooldown"
    ][:1]

    assert resting["cooldownReason"] == "quota_exhausted"
    assert resting["cooldownUntil"].endswith("Z")
    assert resting["healthTerms"]["cooldown"] == 1
    assert resting["models"][FLASH]["cooldownReason"] == "quota_exhausted"
    assert ids(listed(admin, status="cooldown"))


def test_what_somebody_has_to_mend_is_an_error(gateway, google, admin):
    google.project(ONE, iam_denied=True)
    ask_all(gateway, 12)

    wait_for(lambda: row(admin)["status"] == "error")
    assert row(admin)["cooldownReason"] == "auth"
    assert ids(listed(admin, status="error")) == [ONE]


def test_projects_are_searched_filtered_sorted_and_paged(admin):
    assert listed(admin)["total"] == 12
    assert ids(listed(admin, search="ALICE-0", pageSize=2)) == ["alice-01", "alice-02"]
    assert ids(listed(admin, search="alice", page=2, pageSize=3)) == ["alice-04"]
    bobs = listed(admin, account="bob@example.com", direction="desc")
    assert ids(bobs) == ["bob-04", "bob-03", "bob-02", "bob-01"]
    assert (bobs["total"], bobs["page"], bobs["pageSize"]) == (4, 1, 50)
    assert listed(admin, search="nobody") == {
        "projects": [],
        "total": 0,
        "page": 1,
        "pageSize": 50,
    }


def test_the_best_come_first_and_what_nobody_asks_comes_last(gateway, google, admin):
    google.account("alice@example.com", revoked=True)
    admin.post("/api/refresh-tokens", json={"email": "alice@example.com"})
    change(admin, "toggle", "bob-01", enabled=False)
    gateway.ask(model=FLASH)

    rows = listed(admin, sort="health", direction="desc")["projects"]

    asked = [each["status"] == "active" for each in rows]
    assert asked == [True] * 7 + [False] * 5
    health = [each["health"] for each in rows]
    assert health[:7] == sorted(health[:7], reverse=True)
    assert health[6] < health[7]


@pytest.mark.parametrize(
    "sort",
    [
        *("id", "name", "account", "upstream", "enabled", "status", "health"),
        *("inFlight", "lastUsedAt", "cooldownUntil", "successCount", "errorCount"),
    ],
)
def test_every_order_takes_both_directions(gateway, admin, sort):
    gateway.ask(model=FLASH)
    for direction in ("asc", "desc"):
        page = listed(admin, sort=sort, direction=direction)
        values = [each[sort] for each in page["projects"] if each[sort] is not None]
        assert len(page["projects"]) == 12
        assert values == sorted(values, reverse=direction == "desc")


def test_a_new_look_at_google_finds_new_projects(google, admin):
    google.project("alice-09", owner="alice@example.com")
    assert "alice-09" not in ids(listed(admin))

    assert "alice-09" in ids(listed(admin, refresh="true"))


@pytest.mark.parametrize(
    "query",
    [
        *("pageSize=201", "pageSize=0", "page=0", "status=happy", "sort=luck"),
        *("direction=up", "refresh=perhaps", "unknown=1"),
    ],
)
def test_a_query_that_is_none_is_refused(admin, query):
    answer = admin.get(f"{PATH}?{query}")

    assert error_of(answer) == (400, "validation")
    assert query.partition("=")[0] in answer.json()["error"]["details"]


# ------------------------------------------------------------------ changing


def test_a_project_switched_off_gets_no_request_from_any_worker(gateway, google, admin):
    for project_id in ids(listed(admin)):
        if project_id != ONE:
            change(admin, "toggle", project_id, enabled=False)
    google.forget_calls()
    assert {reply.status_code for reply in ask_all(gateway, 16)} == {200}
    assert {call["project"] for call in google.calls(method=STREAM)} == {ONE}

    assert change(admin, "toggle", enabled=False)["status"] == "disabled"
    replies = ask_all(gateway, 16)

    assert {reply.status_code for reply in replies} == {503}
    assert google.counts(method=STREAM) == 16
    assert change(admin, "toggle")["enabled"]
    assert {reply.status_code for reply in ask_all(gateway, 16)} == {200}
    assert newest_entry(admin)["what"] == "project.enabled"
    assert newest_entry(admin)["target"] == ONE


def test_a_toggle_without_words_turns_it_round(admin):
    assert not admin.post(f"{PATH}/{ONE}/toggle").json()["enabled"]
    assert admin.post(f"{PATH}/{ONE}/toggle").json()["enabled"]


def test_a_rest_is_ended_by_hand(gateway, google, admin):
    google.script({"error": "rate_limit"}, times=None, project=ONE)
    ask_all(gateway, 12)
    wait_for(lambda: row(admin)["status"] == "cooldown")

    assert change(admin, "reset")["status"] == "active"
    assert newest_entry(admin)["details"] == {"rested": True}
    change(admin, "reset")
    assert newest_entry(admin)["details"] == {"rested": False}


# ------------------------------------------------------------------- testing


def test_one_is_tried_beside_the_rotation(google, admin):
    before = row(admin)

    tried = change(admin, "test")

    assert tried["ok"]
    assert tried.keys() == {"ok", "latencyMs"}
    [call] = google.calls(method=UNARY)
    assert call["project"] == ONE
    assert row(admin) == before


def test_one_that_google_refuses_says_so_and_rests_nothing(google, admin):
    google.script({"error": "api_disabled"}, project=ONE)

    tried = change(admin, "test", model=FLASH)

    assert not tried["ok"]
    assert tried["status"] == 403
    assert "has not been used in project" in tried["message"]
    assert tried["actionUrl"].startswith("https://")
    assert row(admin)["status"] == "active"


def test_google_is_left_alone_about_an_account_it_has_suspended(gateway, google, admin):
    google.account("alice@example.com", kind="suspended")
    ask_all(gateway, 12)
    wait_for(lambda: row(admin)["status"] == "error")
    google.forget_calls()

    tried = change(admin, "test")

    assert not tried["ok"]
    assert tried["message"]
    assert google.calls(account="alice@example.com") == []


# ------------------------------------------------------------------ refusals

CHANGES = ["toggle", "reset", "test", "enable"]


@pytest.mark.parametrize("verb", CHANGES)
def test_an_unknown_project_is_not_found(admin, verb):
    assert error_of(admin.post(f"{PATH}/nobody-01/{verb}", json={}))[0] == 404


@pytest.mark.parametrize("verb", CHANGES)
def test_changes_need_a_session_and_its_token(gateway, admin, verb):
    url = f"{PATH}/{ONE}/{verb}"
    by_key = gateway.post(url, {})
    assert error_of(by_key) == (401, "not_signed_in")

    admin.headers.pop("X-CSRF-Token")
    assert error_of(admin.post(url, json={})) == (403, "wrong_csrf_token")


def test_only_who_is_signed_in_sees_projects(gateway):
    assert error_of(gateway.get(PATH)) == (401, "not_signed_in")
    assert gateway.http.get(gateway.url + PATH).status_code == 401


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("toggle", {"enabled": "yes"}),
        ("toggle", {"on": True}),
        ("test", {"model": ""}),
        ("test", {"model": "gemini-3/../../files"}),
    ],
)
def test_a_body_that_is_none_is_refused(admin, verb, body):
    answer = admin.post(f"{PATH}/{ONE}/{verb}", json=body)

    assert error_of(answer) == (400, "validation")


def test_other_methods_are_refused_in_json(admin):
    assert error_of(admin.delete(PATH)) == (405, "method_not_allowed")
    assert admin.get(f"{PATH}/{ONE}/toggle").status_code == 405
    assert admin.get(f"{PATH}/{ONE}/nothing").status_code == 404
