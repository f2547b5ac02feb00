"""The verbs about accounts and projects, against the simulator and a real store."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result

from gswarm import __version__
from gswarm.cli import main
from tests.simulator_process import Simulator, start_simulator

Run: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="module")
def google() -> Iterator[Simulator]:
    with start_simulator(accounts=2, projects=2) as google:
        yield google


@pytest.fixture
def run(google: Simulator, redis_url: str, tmp_path: Path) -> Run:
    google.reset(accounts=2, projects=2)
    env = {
        "REDIS_URL": redis_url,
        "GSWARM_DATA_DIR": str(tmp_path),
        "GSWARM_GOOGLE_BASE_URL": google.url,
    }

    def run(*words: str, stdin: Any = None) -> Result:
        text = None if stdin is None else json.dumps(stdin)
        return CliRunner().invoke(main, words, env=env, input=text)

    return run


def shown(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_import_may_name_the_project_to_onboard_with(
    run: Run, google: Simulator
) -> None:
    google.options(operation_polls=0)
    [entry, *_] = google.accounts()
    google.account(entry["email"], kind="not_onboarded")

    result = run(
        *("accounts", "import", "-", "--project", "alice-02"),
        stdin=entry | {"projects": None},
    )

    assert result.exit_code == 0, result.output
    asked = [call["project"] for call in google.calls(method="onboardUser")]
    assert asked == ["alice-02"]


def test_a_failed_export_leaves_the_file_as_it_was(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backup.json"
    backup.write_text("the last export")

    short = run("accounts", "export", str(backup), "--passphrase", "short")
    monkeypatch.setenv("GSWARM_CACHE", "nonsense")
    broken = run("accounts", "export", str(backup), "--passphrase", "long enough")

    assert (short.exit_code, broken.exit_code) == (2, 1)
    assert "at least 8 characters" in short.stderr
    assert backup.read_text() == "the last export"


def test_import_puts_accounts_into_the_pool(run: Run, google: Simulator) -> None:
    result = run("accounts", "import", "-", stdin=google.accounts())

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "alice@example.com: in the pool with 2 projects",
        "bob@example.com: in the pool with 2 projects",
    ]
    projects = shown(run("projects", "list", "--json"))["projects"]
    assert [project["id"] for project in projects] == [
        "alice-01",
        "alice-02",
        "bob-01",
        "bob-02",
    ]


def test_import_of_a_dead_credential_says_why_and_fails(
    run: Run, google: Simulator
) -> None:
    google.account("bob@example.com", revoked=True)

    result = run("accounts", "import", "-", "--json", stdin=google.accounts())

    assert result.exit_code == 1
    alice, bob = json.loads(result.stdout)["accounts"]
    assert alice["problem"] is None
    assert bob["problem"]
    listed = shown(run("accounts", "list", "--json"))["accounts"]
    assert [each["isInvalid"] for each in listed] == [False, True]


def test_import_reads_a_file(run: Run, google: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(google.api_keys()))

    assert run("accounts", "import", str(path)).exit_code == 0
    [account, *_] = shown(run("accounts", "list", "--json"))["accounts"]
    assert account["upstream"] == "gemini_api"


@pytest.mark.parametrize("stdin", ["not an account", [], {"email": "a@example.com"}])
def test_a_file_that_makes_no_sense_is_one_line(run: Run, stdin: Any) -> None:
    result = run("accounts", "import", "-", stdin=stdin)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_no_verb_shows_a_secret(run: Run, google: Simulator) -> None:
    entries = google.accounts()

    said = [
        run("accounts", "import", "-", "--json", stdin=entries).output,
        run("accounts", "list", "--json").output,
        run("accounts", "list").output,
        run("projects", "list", "--json").output,
    ]

    for entry in entries:
        assert entry["refresh_token"] not in "".join(said)
        assert entry["client_secret"] not in "".join(said)


def test_remove_forgets_an_account_and_its_projects(
    run: Run, google: Simulator
) -> None:
    run("accounts", "import", "-", stdin=google.accounts())

    assert run("accounts", "remove", "alice@example.com").exit_code == 0

    assert len(shown(run("projects", "list", "--json"))["projects"]) == 2
    again = run("accounts", "remove", "alice@example.com")
    assert again.exit_code == 1
    assert "alice@example.com" in again.stderr


def test_projects_are_tried_out_one_by_one(run: Run, google: Simulator) -> None:
    run("accounts", "import", "-", stdin=google.accounts())
    google.project("bob-02", iam_denied=True)

    result = run("projects", "test", "--json")

    assert result.exit_code == 1
    tried = {each["id"]: each for each in json.loads(result.stdout)["projects"]}
    assert tried["alice-01"]["ok"]
    assert not tried["bob-02"]["ok"]
    assert tried["bob-02"]["status"] == 403
    assert run("projects", "test", "alice-01").exit_code == 0


def test_projects_are_tried_with_the_gateways_names_of_models(
    run: Run, google: Simulator
) -> None:
    run("accounts", "import", "-", stdin=google.accounts()[:1])

    assert run("projects", "test", "alice-01", "--model", "flash").exit_code == 0
    assert run("projects", "test", "alice-01", "--model", "nobody").exit_code == 2


def test_nothing_is_kept_with_another_key_than_the_stores(
    run: Run, google: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("accounts", "import", "-", stdin=google.accounts()[:1])
    other = base64.urlsafe_b64encode(b"o" * 32).decode()
    monkeypatch.setenv("GSWARM_ENCRYPTION_KEY", other)

    result = run("accounts", "import", "-", stdin=google.accounts()[1:])

    assert result.exit_code == 1
    assert "GSWARM_ENCRYPTION_KEY differs" in result.stderr
    monkeypatch.delenv("GSWARM_ENCRYPTION_KEY")
    assert "bob@example.com" not in run("accounts", "list").stdout


def test_a_project_nobody_knows_cannot_be_tried(run: Run) -> None:
    result = run("projects", "test", "nobody-01")

    assert result.exit_code == 1
    assert "nobody-01" in result.stderr


def test_empty_lists_say_what_to_do_next(run: Run) -> None:
    assert "accounts import" in run("accounts", "list").stdout
    assert "import an account" in run("projects", "list").stdout


def test_a_bad_setting_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(main, ["accounts", "list"], env={"PORT": "zero"})

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: PORT is 'zero'; it takes a whole number from 1 to 65535.\n"
    )


@pytest.mark.parametrize(
    "limits",
    ["{", "[]", '{"limit": 3}', '{"limits": [{"per": "project"}]}', '{"limits": [1]}'],
)
def test_limits_that_make_no_sense_are_one_line(
    run: Run, tmp_path: Path, limits: str
) -> None:
    (tmp_path / "limits.json").write_text(limits)

    result = run("simulate", "--port", "0", "--quota", str(tmp_path / "limits.json"))

    assert result.exit_code == 1
    [line] = result.output.splitlines()
    assert "limits.json: " in line


@pytest.mark.parametrize("verb", ["simulate", "serve", "demo"])
def test_a_port_that_is_taken_is_one_line(verb: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "gswarm", verb, "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)

    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert f":{port}: Address already in use" in line


def test_wrong_usage_exits_with_2(run: Run) -> None:
    assert run("accounts", "import").exit_code == 2
    assert run("nonsense").exit_code == 2


def test_every_verb_explains_itself(run: Run) -> None:
    for verb in ("serve", "demo", "simulate", "keys", "accounts", "projects"):
        result = run(verb, "--help")
        assert result.exit_code == 0
        assert verb in run("--help").stdout


def test_it_says_its_version(run: Run) -> None:
    assert __version__ in run("--version").stdout
