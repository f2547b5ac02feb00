"""What a key that only watches is shown of accounts and projects."""

from __future__ import annotations

import orjson
import pytest
from flask import Flask, g

from gswarm.limits.api_key import ApiKey
from gswarm.web.discretion import Discretion, as_shown, discretion, short

ALICE, PROJECT = "alice@example.com", "alice-01"
EVERYTHING = {
    "accounts": [{"email": ALICE, "projectIds": [PROJECT], "status": "active"}],
    "by_account": {ALICE: {"total": 1}},
    "by_project": {PROJECT: {"total": 1}},
    "by_model": {"gemini-3.5-flash": {"total": 1}},
    "quota": {"uses": [{"account": ALICE, "used": 1}]},
    "route": {"attempts": [{"account_id": ALICE, "project_id": PROJECT}]},
    "message": f"Quota of {ALICE} for projects/{PROJECT} is used up.",
    "actionUrl": f"https://accounts.google.com/?Email={ALICE}",
    "count": 1,
    "nobody": {"account_id": None, "project_id": ""},
}
WATCHER = ApiKey(id="12ab", name="w", scopes=("monitor",))


def hidden_from(key: ApiKey | None) -> Discretion:
    with Flask("test").app_context():
        if key:
            g.api_key = key
        return discretion()


def test_a_key_that_only_watches_sees_hashes_for_names() -> None:
    shown = hidden_from(WATCHER).of(EVERYTHING)

    text = orjson.dumps(shown).decode()
    assert ALICE not in text and PROJECT not in text and "alice" not in text
    assert shown["accounts"] == [
        {"email": short(ALICE), "projectIds": [short(PROJECT)], "status": "active"}
    ]
    assert list(shown["by_account"]) == [short(ALICE)]
    assert shown["by_model"] == EVERYTHING["by_model"]
    assert shown["nobody"] == EVERYTHING["nobody"]
    assert shown["actionUrl"] is None


@pytest.mark.parametrize(
    "key", [None, ApiKey(id="1", name="a", scopes=("monitor", "admin"))]
)
def test_operators_see_everything(key) -> None:
    hidden = hidden_from(key)

    assert hidden.of(EVERYTHING) is EVERYTHING
    assert hidden.shows({"key_id": "another"})


def test_a_key_that_may_see_projects_sees_no_emails() -> None:
    key = ApiKey(id="1", name="a", scopes=("monitor",), may_see_projects=True)
    shown = hidden_from(key).of(EVERYTHING)

    assert list(shown["by_project"]) == [PROJECT]
    assert list(shown["by_account"]) == [short(ALICE)]


def test_others_requests_are_not_shown_even_under_the_same_name() -> None:
    hidden = hidden_from(WATCHER)

    assert hidden.shows({"key_name": "w", "key_id": "12ab"})
    assert not hidden.shows({"key_name": "w", "key_id": "34cd"})
    assert not hidden.shows({"key_name": "w"})
    assert as_shown({"id": "r", "key_id": "12ab"}, hidden) == {"id": "r"}
