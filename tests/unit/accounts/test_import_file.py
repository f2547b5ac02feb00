"""Import files: what is read, and what is said about the others."""

from __future__ import annotations

import json

import pytest

from gswarm.accounts.import_file import GoogleEntry, KeyEntry, read_entries
from gswarm.errors import InvalidRequest

ALICE = {"email": "Alice@example.com", "refresh_token": "1-r3fresh"}


def read(payload):
    return read_entries(json.dumps(payload).encode())


def test_one_object_or_a_list_of_them():
    one = GoogleEntry("alice@example.com", "1-r3fresh")

    assert read(ALICE) == [one]
    assert read([ALICE, ALICE]) == [one, one]


def test_everything_an_entry_may_say():
    fields = {
        "access_token": "unused",
        "expiry_date": 5,
        "client_id": "c",
        "client_secret": "s3cret",
        "projects": ["alpha-1", "example.com:beta-2", "alpha-1"],
        "token_type": "what other programs keep does no harm",
    }

    [entry] = read(ALICE | fields)

    assert entry.client_id == "c"
    assert entry.client_secret == "s3cret"
    assert entry.projects == ("alpha-1", "example.com:beta-2")


def test_a_field_that_nobody_knows_is_refused_by_its_place():
    with pytest.raises(InvalidRequest, match="no such field") as refused:
        read([ALICE, ALICE | {"project_ids": ["alpha-1"]}])

    assert refused.value.param == "[1].project_ids"


def test_the_file_of_the_gemini_cli_names_nobody():
    [entry] = read({"access_token": "a", "refresh_token": "r", "expiry_date": 1})

    assert entry == GoogleEntry(None, "r")
    assert entry.account == ""


def test_a_key_stands_for_its_own_project_unless_it_names_one():
    key = {"upstream": "gemini_api", "name": "studio 1", "api_key": "k"}

    assert read([key, key | {"project": "alpha-1"}]) == [
        KeyEntry("studio 1", "k", "studio 1"),
        KeyEntry("studio 1", "k", "alpha-1"),
    ]


@pytest.mark.parametrize(
    ("payload", "param", "said"),
    [
        ("alice", None, "JSON object"),
        ([ALICE, 5], "[1]", "JSON object"),
        ([], None, "1 to 1000"),
        ({}, "refresh_token", "missing"),
        ([ALICE, {"email": "b@c"}], "[1].refresh_token", "missing"),
        (ALICE | {"refresh_token": ""}, "refresh_token", "refresh token"),
        (ALICE | {"refresh_token": "a\r\nb"}, "refresh_token", "refresh token"),
        (ALICE | {"refresh_token": 5}, "refresh_token", "refresh token"),
        (ALICE | {"email": "nobody"}, "email", "e-mail"),
        (ALICE | {"email": "a:b@c"}, "email", "e-mail"),
        (ALICE | {"upstream": "vertex"}, "upstream", "cloudcode or gemini_api"),
        (ALICE | {"projects": "alpha-1"}, "projects", "list"),
        (ALICE | {"projects": ["123456"]}, "projects", "'123456' is not a project id"),
        (ALICE | {"projects": ["Alpha"]}, "projects", "not a project id"),
        (ALICE | {"projects": [None]}, "projects", "not a project id"),
        ({"upstream": "gemini_api", "api_key": "k"}, "name", "missing"),
        ({"upstream": "gemini_api", "name": "a@b", "api_key": "k"}, "name", "letters"),
        ({"upstream": "gemini_api", "name": "a"}, "api_key", "missing"),
        ({"upstream": "gemini_api", "name": "a", "api_key": "k k"}, "api_key", "key"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(payload, param, said):
    with pytest.raises(InvalidRequest, match=said) as caught:
        read(payload)

    assert caught.value.param == param


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"refresh_token=1"])
def test_a_file_that_is_not_json_is_refused(data):
    with pytest.raises(InvalidRequest, match="not a JSON file"):
        read_entries(data)


def test_no_secret_is_shown():
    entries = [
        *read(ALICE | {"client_id": "c", "client_secret": "s3cret"}),
        *read({"upstream": "gemini_api", "name": "a", "api_key": "k3y"}),
    ]

    assert not {"1-r3fresh", "s3cret", "k3y"} & set(repr(entries).split("'"))


def test_no_secret_is_in_an_error():
    with pytest.raises(InvalidRequest) as caught:
        read(ALICE | {"refresh_token": "s3 cret"})

    assert "s3 cret" not in str(caught.value)
