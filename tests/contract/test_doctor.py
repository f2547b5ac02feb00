"""``doctor``: what is amiss, and how it is mended."""

from __future__ import annotations

import json
import re
import time

import pytest
from click.testing import CliRunner

from gswarm.accounts.import_file import read_entries
from gswarm.cli import main
from gswarm.gateway import build_gateway
from gswarm.settings import Settings
from gswarm.store import claims, secret_files
from tests.gateway_process import free_port


@pytest.fixture
def environ(redis_url, google, tmp_path):
    return {
        "REDIS_URL": redis_url,
        "GSWARM_DATA_DIR": str(tmp_path),
        "GSWARM_GOOGLE_BASE_URL": google.url,
        "CODE_ASSIST_ENDPOINT": "",
        "GOOGLE_CLIENT_ID": "",
    }


@pytest.fixture
def examine(environ):
    """Run it; the findings by subject, and its exit code."""

    def examine(**changes):
        result = CliRunner().invoke(main, ["doctor", "--json"], env=environ | changes)
        shown = json.loads(result.stdout)
        assert shown["ok"] is (result.exit_code == 0)
        return {each["subject"]: each for each in shown["checks"]}, result.exit_code

    return examine


@pytest.fixture
def enrol(environ, store):
    """Bring accounts in, as they are written in an import file."""
    settings = secret_files.complete(Settings.from_env(environ))
    rooms = build_gateway(settings, store)

    def enrol(*entries):
        claims.claim_secrets(store, settings)
        for entry in read_entries(json.dumps(entries).encode()):
            rooms.enrolment.enrol(entry)
        return rooms

    yield enrol
    rooms.close()


def test_all_is_well(examine, enrol, google):
    enrol(google.accounts()[0], google.api_keys()[0])
    findings, code = examine()

    assert code == 0
    assert {"settings", google.url, "clock", "store", "secrets"} < set(findings)
    assert findings["alice@example.com"]["message"] == "its token works."
    assert all(each["remedy"] is None for each in findings.values())


def test_it_speaks_to_people_in_one_line_each(environ, enrol, google):
    enrol(google.accounts()[0])
    result = CliRunner().invoke(main, ["doctor"], env=environ)
    lines = result.stdout.splitlines()

    assert result.exit_code == 0
    assert all(line.startswith("ok    ") for line in lines)
    assert any("alice@example.com: its token works." in line for line in lines)


def test_a_gateway_without_accounts_is_not_well(examine):
    findings, code = examine()

    assert code == 1
    assert "accounts import" in findings["accounts"]["remedy"]


def test_a_bad_setting_is_named_and_ends_the_examination(examine):
    findings, code = examine(PORT="nowhere")

    assert code == 1
    assert list(findings) == ["settings"]
    assert "PORT is 'nowhere'" in findings["settings"]["message"]


def test_a_store_that_is_not_there_is_no_reason_to_stop_at_once(examine, google):
    findings, code = examine(REDIS_URL=f"redis://127.0.0.1:{free_port()}")

    assert code == 1
    assert findings[google.url]["ok"]
    assert "REDIS_URL" in findings["store"]["remedy"]


def test_an_address_of_google_that_cannot_be_reached_is_named(examine):
    nowhere = f"http://127.0.0.1:{free_port()}"
    findings, code = examine(CODE_ASSIST_ENDPOINT=nowhere)

    assert code == 1
    assert "cannot be reached" in findings[nowhere]["message"]
    assert "firewall" in findings[nowhere]["remedy"]


def test_a_clock_that_is_wrong_is_told(examine, monkeypatch):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 90)
    findings, code = examine()

    assert code == 1
    found = re.match(r"(\d+) s ahead of", findings["clock"]["message"])
    assert int(found[1]) == pytest.approx(90, abs=5)
    assert "NTP" in findings["clock"]["remedy"]


def test_secrets_other_than_the_stores_are_told(examine, enrol, google, tmp_path):
    enrol(google.accounts()[0])
    findings, code = examine(GSWARM_DATA_DIR=str(tmp_path / "other"))

    assert code == 1
    assert "GSWARM_ENCRYPTION_KEY differs" in findings["secrets"]["message"]
    assert not findings["alice@example.com"]["ok"]


def test_a_revoked_account_is_to_sign_in_again(examine, enrol, google):
    enrol(google.accounts()[0])
    google.account("alice@example.com", revoked=True)
    findings, code = examine()

    assert code == 1
    assert "accounts login" in findings["alice@example.com"]["remedy"]


def test_a_refused_account_is_shown_and_not_asked_again(examine, enrol, google):
    google.account("alice@example.com", kind="suspended")
    enrol(google.accounts()[0])
    google.forget_calls()
    findings, code = examine()

    assert code == 1
    assert not findings["alice@example.com"]["ok"]
    assert not google.calls(account="alice@example.com")


def test_an_account_that_is_switched_off_is_left_alone(examine, enrol, google):
    enrol(google.accounts()[0]).accounts.enable("alice@example.com", False)
    google.forget_calls()
    findings, code = examine()

    assert code == 0
    assert findings["alice@example.com"]["message"] == "switched off."
    assert not google.calls(account="alice@example.com")


def test_no_secret_is_printed(environ, enrol, google):
    entries = [*google.accounts(), *google.api_keys()]
    enrol(*entries)
    result = CliRunner().invoke(main, ["doctor"], env=environ)
    secrets = [
        entry[name]
        for entry in entries
        for name in ("refresh_token", "client_secret", "api_key")
        if name in entry
    ]

    assert secrets
    assert not any(secret in result.output for secret in secrets)
