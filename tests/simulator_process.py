"""A Google simulator in a process of its own, and a hand on its controls.

with start_simulator(accounts=1) as google:
    google.script({"error": "rate_limit"}, project="alice-01")
    ...  # talk to google.url
    assert google.calls(method="generateContent")
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import requests

READY = re.compile(r"ready on (\S+) ")
TIMEOUT_SECONDS = 10


class Simulator:
    """``url`` stands in for every Google host; the methods are the control API."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; may be called twice."""
        self._http.close()
        self.process.terminate()
        self.process.communicate(timeout=TIMEOUT_SECONDS)

    def reset(self, **options: Any) -> dict[str, Any]:
        """A fresh world; answers what `import_entries` does."""
        return self.control("POST", "reset", options)

    def import_entries(self) -> dict[str, Any]:
        """``{"accounts": [...], "api_keys": [...]}``, each an import entry."""
        return self.control("GET", "accounts")

    def accounts(self) -> list[dict[str, Any]]:
        """Every OAuth account as an import entry."""
        accounts: list[dict[str, Any]] = self.import_entries()["accounts"]
        return accounts

    def api_keys(self) -> list[dict[str, Any]]:
        """Every AI Studio key as an import entry."""
        keys: list[dict[str, Any]] = self.import_entries()["api_keys"]
        return keys

    def add_account(self, email: str, **fields: Any) -> dict[str, Any]:
        """Add or replace an account; answers its import entry."""
        return self.control("POST", "accounts", {"email": email, **fields})

    def add_api_key(self, name: str, **fields: Any) -> dict[str, Any]:
        """Add an AI Studio key; answers its import entry."""
        asked = {"upstream": "gemini_api", "name": name, **fields}
        return self.control("POST", "accounts", asked)

    def account(self, email: str, **changes: Any) -> dict[str, Any]:
        """Change an account (kind, revoked, expire_access, ...), or just read it."""
        return self.control("POST", f"accounts/{email}", changes)

    def project(self, project_id: str, **changes: Any) -> dict[str, Any]:
        """Change a project (api_enabled, iam_denied, models_missing, owner, state)."""
        return self.control("POST", f"projects/{project_id}", changes)

    def calls(
        self, since: int = 0, *, brief: bool = False, **fields: Any
    ) -> list[dict[str, Any]]:
        """The call log, oldest first; ``fields`` keep only the calls that agree."""
        path = f"calls?since={since}&brief={int(brief)}"
        calls = self.control("GET", path)["calls"]
        return [
            call
            for call in calls
            if all(call[name] == value for name, value in fields.items())
        ]

    def forget_calls(self) -> None:
        """Empty the call log."""
        self.control("DELETE", "calls")

    def counts(self, **fields: Any) -> int:
        """How many calls were answered whose method, project, status agree."""
        counts = self.control("GET", "counts")["counts"]
        return sum(
            entry["count"]
            for entry in counts
            if all(entry[name] == value for name, value in fields.items())
        )

    def open_calls(self) -> int:
        """How many calls are under way now."""
        number: int = self.control("GET", "counts")["open"]
        return number

    def script(self, do: dict[str, Any], times: int | None = 1, **match: Any) -> None:
        """Do this to the next ``times`` calls that match (None: to all)."""
        asked = {"match": match, "times": times, "do": do}
        self.control("POST", "script", asked)

    def clear_scripts(self) -> None:
        """Drop every scripted fault."""
        self.control("DELETE", "script")

    def clock(self, advance: float = 0) -> float:
        """Jump the simulated clock; answers its instant."""
        now: float = self.control("POST", "clock", {"advance": advance})["now"]
        return now

    def quota(self, **settings: Any) -> dict[str, Any]:
        """Set ``limits`` or ``capacity``; without them just read."""
        verb = "POST" if settings else "GET"
        return self.control(verb, "quota", settings or None)

    def speed(self, **speed: float) -> None:
        """Set ``ttft_seconds``, ``chunk_seconds``, ``chunk_chars``."""
        self.control("POST", "speed", speed)

    def options(self, **options: Any) -> dict[str, Any]:
        """Change how this Google behaves (see ``world.Options``)."""
        return self.control("POST", "options", options)

    def consent(
        self, url: str, account: str, *, allow: bool = True, **form: Any
    ) -> str:
        """Answer the consent page at ``url``; the address the browser is sent to."""
        page = self._http.get(url, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        if page.is_redirect:
            return page.headers["Location"]
        page.raise_for_status()
        decision = "allow" if allow else "deny"
        answer = self._http.post(
            urljoin(url, "/o/oauth2/v2/auth/decision"),
            data=_hidden_fields(page.text)
            | {"account": account, "decision": decision}
            | form,
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        return answer.headers["Location"]

    def control(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call of the control API; raises for anything but success."""
        url = f"{self.url}/_sim/{path}"
        reply = self._http.request(verb, url, json=body, timeout=TIMEOUT_SECONDS)
        if not reply.ok:
            raise AssertionError(f"{verb} {path}: {reply.status_code} {reply.text}")
        answer: dict[str, Any] = reply.json()
        return answer


def start_simulator(
    accounts: int = 3, projects: int = 12, options: Sequence[str] = ()
) -> Simulator:
    """Start one on a free port; it ends with this process at the latest.

    ``options`` are further words of its command line; its models answer at once.
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gswarm.simulator", "--exit-on-eof", "--instant"),
            *("--accounts", str(accounts), "--projects", str(projects)),
            *options,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    ready = READY.search(line)
    if not ready:
        process.kill()
        process.communicate()
        raise RuntimeError(f"the simulator did not start: {line!r}")
    return Simulator(process, ready.group(1))


def _hidden_fields(page: str) -> dict[str, str]:
    fields = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}
