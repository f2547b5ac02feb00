"""``accounts login`` as its own process, with the simulator's consent page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from click.testing import CliRunner

from gswarm.cli import main

ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def environ(google, redis_url, tmp_path):
    google.reset(accounts=2, projects=2)
    return os.environ | {
        "REDIS_URL": redis_url,
        "GSWARM_DATA_DIR": str(tmp_path),
        "GSWARM_GOOGLE_BASE_URL": google.url,
        "GOOGLE_CLIENT_ID": "sim-client.apps.example",
        "GOOGLE_CLIENT_SECRET": "sim-client-secret",
    }


class Login:
    """A running ``accounts login``, and the address it shows."""

    def __init__(self, environ, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gswarm", "accounts", "login", *words],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.process.stderr.readline()
        self.address = self.process.stderr.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    @property
    def redirect_uri(self):
        return parse_qs(urlsplit(self.address).query)["redirect_uri"][0]

    def end(self, typed=""):
        """Its exit code, and what it said."""
        said, complained = self.process.communicate(typed, timeout=30)
        return self.process.returncode, said, complained


def get(url):
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.get(url, timeout=10)


def run(environ, *words):
    """Another verb, in this process."""
    return CliRunner().invoke(main, words, env=environ)


def test_the_browser_comes_back_and_the_account_is_in_the_pool(environ, google):
    with Login(environ, "--json") as login:
        asked = parse_qs(urlsplit(login.address).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", login.redirect_uri)

        page = get(google.consent(login.address, ALICE))
        code, said, _ = login.end()

    assert page.status_code == 200
    assert "terminal" in page.text
    assert code == 0
    [account] = json.loads(said)["accounts"]
    assert (account["email"], account["problem"]) == (ALICE, None)
    listed = json.loads(run(environ, "accounts", "list", "--json").stdout)
    assert listed["accounts"][0]["projectIds"] == ["alice-01", "alice-02"]


def test_strangers_at_the_port_are_sent_away(environ, google):
    with Login(environ) as login:
        strange = get(f"{login.redirect_uri}?state=made-up&code=stolen")
        lost = get(login.redirect_uri.replace("/callback", "/favicon.ico"))

        get(google.consent(login.address, ALICE))
        code, said, _ = login.end()

    assert (strange.status_code, lost.status_code) == (404, 404)
    assert (code, said) == (0, f"{ALICE}: in the pool with 2 projects\n")


def test_denied_consent_ends_it(environ, google):
    with Login(environ) as login:
        get(google.consent(login.address, ALICE, allow=False))
        code, _, complained = login.end()

    assert code == 1
    assert "Access was not granted" in complained
    assert json.loads(run(environ, "accounts", "list", "--json").stdout) == {
        "accounts": []
    }


def test_the_address_can_be_pasted(environ, google):
    with Login(environ, "--paste", "--hint", BOB) as login:
        assert login.redirect_uri == "http://localhost:3000/api/auth/callback"
        location = google.consent(login.address, BOB)
        code, said, _ = login.end(f"{location}\n")

    assert (code, said) == (0, f"{BOB}: in the pool with 2 projects\n")


def test_another_address_is_refused(environ, google):
    with Login(environ, "--paste", "--port", "8085") as login:
        assert login.redirect_uri == "http://localhost:8085/api/auth/callback"
        code, _, complained = login.end("http://localhost:8085/?code=x&state=y\n")

    assert code == 1
    assert "not the address of this sign-in" in complained


def test_an_account_that_cannot_serve_is_kept_with_its_reason(environ, google):
    google.account(ALICE, kind="suspended")
    with Login(environ) as login:
        get(google.consent(login.address, ALICE))
        code, said, _ = login.end()

    assert code == 1
    assert "Terms of Service" in said
    [account] = json.loads(run(environ, "accounts", "list", "--json").stdout)[
        "accounts"
    ]
    assert account["isInvalid"]


def test_without_a_client_it_says_what_to_set(environ):
    result = run(environ | {"GOOGLE_CLIENT_ID": ""}, "accounts", "login")

    assert result.exit_code == 1
    assert "GOOGLE_CLIENT_ID" in result.stderr


def test_an_export_is_imported_with_its_passphrase(environ, google, tmp_path):
    accounts, export = tmp_path / "accounts.json", tmp_path / "export.json"
    accounts.write_text(json.dumps(google.accounts()))
    secret = {"GSWARM_PASSPHRASE": "a passphrase of the tests"}
    run(environ, "accounts", "import", str(accounts))

    assert run(environ | secret, "accounts", "export", str(export)).exit_code == 0
    run(environ, "accounts", "remove", ALICE)
    wrong = run(environ, "accounts", "import", str(export), "--passphrase", "wrong")
    right = run(environ | secret, "accounts", "import", str(export), "--json")

    assert google.accounts()[0]["refresh_token"] not in export.read_text()
    assert (wrong.exit_code, "passphrase is wrong" in wrong.stderr) == (1, True)
    assert right.exit_code == 0
    assert len(json.loads(right.stdout)["accounts"]) == 2


def test_a_project_can_be_named_for_an_account_that_needs_one(environ, google):
    google.options(operation_polls=0)
    google.account(ALICE, kind="not_onboarded")

    with Login(environ, "--project", "alice-02") as login:
        get(google.consent(login.address, ALICE))
        code, said, _ = login.end()

    assert (code, said) == (0, f"{ALICE}: in the pool with 2 projects\n")
    asked = [call["project"] for call in google.calls(method="onboardUser")]
    assert asked == ["alice-02"]


def test_what_is_no_project_is_wrong_usage(environ):
    result = run(environ, "accounts", "login", "--project", "Not/One")

    assert result.exit_code == 2
    assert "neither a project's id nor its number" in result.output
