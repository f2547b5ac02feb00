"""``demo``: the whole of GSwarm on one machine, with a simulated Google."""

from __future__ import annotations

import json
import re
import secrets
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from textwrap import fill, indent
from typing import Any

import click

from ..accounts.import_file import entries_in
from ..gateway import build_gateway
from ..settings import Settings
from ..simulator.grants import CLIENT_ID, CLIENT_SECRET
from ..store import secret_files
from ..store.connection import connect
from ..store.embedded import socket_url
from .children import child, stoppable, wait_for
from .serve import check_port, gateway_environment, gunicorn_command

ACCOUNTS, PROJECTS = 3, 12
PROMPT = "Say hello to whoever tries you out."
READY = re.compile(r"ready on (\S+) ")

WELCOME = """\
GSwarm is running on {accounts} simulated Google accounts of {projects} projects each,
and a simulated Gemini API key. More accounts can be linked in the dashboard.

  You asked:  {prompt}
  Answered:   {answer}

  API key:    {key}
  Base URL:   {url}/v1
  Dashboard:  {url}  (sign in as {username}, password {password})

Paste this to ask it yourself:

curl {url}/v1/chat/completions -H 'Authorization: Bearer {key}' \
-H 'Content-Type: application/json' -d '{body}'

For an answer that comes in pieces, add -N to curl and "stream": true to the body.
The log is in {log}. Ctrl-C stops everything.
"""


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of PORT.")
def demo(port: int | None) -> None:
    """Try GSwarm: no Google account, no Redis, no settings needed."""
    with stoppable(), tempfile.TemporaryDirectory(prefix="gswarm-demo-") as folder:
        _run(Path(folder), port)


def _run(folder: Path, port: int | None) -> None:
    environ = gateway_environment(port, workers=2)
    check_port("0.0.0.0", Settings.from_env(environ).port)
    google_log, log = folder / "google.log", folder / "gateway.log"
    with child(_simulator_command(), environ, google_log) as google:
        google_url = wait_for(google, google_log, lambda: _ready_url(google_log))
        environ |= _demo_settings(folder, google_url)
        settings = Settings.from_env(environ)
        command = gunicorn_command("0.0.0.0", settings.port)
        with child(command, environ, log) as gateway:
            wait_for(gateway, log, lambda: _health(settings))
            click.echo(_first_answer(settings, google_url, log))
            code = gateway.wait()
            raise click.ClickException(f"The gateway ended ({code}).")


def _simulator_command() -> list[str]:
    size = ["--accounts", str(ACCOUNTS), "--projects", str(PROJECTS)]
    return [sys.executable, "-m", "gswarm", "simulate", "--port", "0", *size]


def _ready_url(log: Path) -> str | None:
    ready = READY.search(log.read_text())
    return ready.group(1) if ready else None


def _demo_settings(folder: Path, google_url: str) -> dict[str, str]:
    """What the demo decides; all else is as the operator has it."""
    return {
        "GSWARM_GOOGLE_BASE_URL": google_url,
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "CODE_ASSIST_ENDPOINT": "",
        "REDIS_URL": "",
        "GLOBAL_URL": "",
        "GSWARM_DATA_DIR": str(folder),
        "ADMIN_PASSWORD": secrets.token_urlsafe(9),
    }


def _health(settings: Settings) -> bool | None:
    with suppress(OSError):
        urllib.request.urlopen(f"{settings.global_url}/readyz", timeout=1)
        return True
    return None


def _first_answer(settings: Settings, google_url: str, log: Path) -> str:
    """Import the accounts, make a key, ask something; the welcome with its answer."""
    settings = secret_files.complete(settings)
    store = connect(socket_url(settings.data_dir))
    with urllib.request.urlopen(f"{google_url}/_sim/accounts") as reply:
        google = json.load(reply)
    entries = entries_in([*google["accounts"], google["api_keys"][0]])
    with closing(build_gateway(settings, store)) as gateway:
        for entry in entries:
            gateway.enrolment.enrol(entry)
        _, key = gateway.keys.create(name="demo")
    body = {
        "model": settings.model,
        "messages": [{"role": "user", "content": PROMPT}],
    }
    answer = _ask(settings.global_url, key, body)
    return WELCOME.format(
        accounts=ACCOUNTS,
        projects=PROJECTS,
        prompt=PROMPT,
        answer=indent(fill(answer, 74), " " * 14).lstrip(),
        key=key,
        url=settings.global_url,
        username=settings.admin_username,
        password=settings.admin_password,
        body=json.dumps(body),
        log=log,
    )


def _ask(url: str, key: str, body: dict[str, Any]) -> str:
    request = urllib.request.Request(
        f"{url}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return str(json.load(reply)["choices"][0]["message"]["content"])
    except urllib.error.HTTPError as error:
        raise click.ClickException(error.read().decode()) from None
