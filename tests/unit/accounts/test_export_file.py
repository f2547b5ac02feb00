"""Exports of accounts: whole with the passphrase, nothing without."""

from __future__ import annotations

import json

import pytest

from gswarm.accounts.export_file import entries_of, is_export, open_export, seal_export
from gswarm.errors import InvalidRequest
from gswarm.store.projects import Projects

ENTRIES = [{"email": "alice@example.com", "refresh_token": "a planted token"}]


@pytest.fixture(scope="module")
def export():
    return seal_export(ENTRIES, "a passphrase")


def test_an_export_comes_back_whole(export):
    assert is_export(export)
    assert json.loads(open_export(export, "a passphrase")) == ENTRIES


def test_an_export_shows_nothing(export):
    assert "planted" not in json.dumps(export)
    assert "alice" not in json.dumps(export)


@pytest.mark.parametrize("passphrase", ["", "A passphrase", "a passphrase "])
def test_a_wrong_passphrase_opens_nothing(export, passphrase):
    with pytest.raises(InvalidRequest, match="passphrase is wrong"):
        open_export(export, passphrase)


def test_no_two_exports_are_alike(export):
    assert seal_export(ENTRIES, "a passphrase")["sealed"] != export["sealed"]


def test_accounts_in_clear_are_no_export():
    assert not is_export(ENTRIES)
    assert not is_export(ENTRIES[0])


def test_entries_hold_what_an_import_takes(store, accounts, add_projects):
    add_projects("alice@example.com", 2)
    credential = {"refresh_token": "r", "client_id": "c", "access_token": "a"}
    accounts.keep("alice@example.com", "cloudcode", credential)
    add_projects("studio", 1)
    accounts.keep("studio", "gemini_api", {"api_key": "k"})

    assert entries_of(accounts, Projects(store)) == [
        {
            "email": "alice@example.com",
            "refresh_token": "r",
            "client_id": "c",
            "projects": ["alice@example.com-01", "alice@example.com-02"],
        },
        {
            "upstream": "gemini_api",
            "name": "studio",
            "api_key": "k",
            "project": "studio-01",
        },
    ]


def test_a_short_passphrase_seals_nothing():
    with pytest.raises(InvalidRequest, match="at least 8"):
        seal_export(ENTRIES, "7 chars")
