"""The real gateway as processes of its own: gunicorn, its workers, its store.

with start_simulator() as google, start_gateway(google) as gateway:
    reply = gateway.post("/v1/chat/completions", {"messages": [...]})
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from gswarm.accounts.import_file import read_entries
from gswarm.cli.serve import gateway_environment, gunicorn_command
from gswarm.gateway import Gateway as Rooms
from gswarm.gateway import build_gateway
from gswarm.keys.api_keys import ApiKeys
from gswarm.settings import Settings
from gswarm.store import names, secret_files
from gswarm.store.accounts import Account
from gswarm.store.config import Config
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import socket_url
from gswarm.store.records import read as read_records

from .dashboard import PASSWORD, Dashboard, sign_in
from .simulator_process import Simulator

HOST = "127.0.0.1"
READY_SECONDS = 30.0
STOP_SECONDS = 35.0
HOUR = 3600


class Gateway:
    """A running gateway, a key for it, and a hand on what is inside."""

    def __init__(self, google_url: str, workers: int, env: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gswarm-test-"))
        self.log_path = self.folder / "gateway.log"
        self.environ = _environ(self.folder, google_url, workers, env)
        self.settings = secret_files.complete(Settings.from_env(self.environ))
        self.url = f"http://{HOST}:{self.settings.port}"
        self.process = self._launch()
        url = self.settings.redis_url or socket_url(self.settings.data_dir)
        self.store: Store = connect(url)
        self.http = requests.Session()
        self.http.trust_env = False
        self.key = self._lookout = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # ------------------------------------------------------------ asking

    @property
    def headers(self) -> dict[str, str]:
        """What shows the key."""
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET with the key."""
        return self.http.get(self.url + path, headers=self.headers, **options)

    @property
    def lookout(self) -> dict[str, str]:
        """Headers of a key that sees the names of accounts, and others' requests."""
        if not self._lookout:
            self._lookout = self.new_key("lookout", scopes=("monitor", "admin"))
        return {"Authorization": f"Bearer {self._lookout}"}

    def look(self, path: str, **options: Any) -> requests.Response:
        """GET as one who sees everything."""
        return self.http.get(self.url + path, headers=self.lookout, **options)

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        """POST JSON with the key."""
        headers = self.headers | options.pop("headers", {})
        url = self.url + path
        return self.http.post(url, json=body, headers=headers, **options)

    def ask(self, text: str = "Hello", **fields: Any) -> requests.Response:
        """One chat completion."""
        messages = [{"role": "user", "content": text}]
        stream = bool(fields.get("stream"))
        body = {"messages": messages, **fields}
        return self.post("/v1/chat/completions", body, stream=stream)

    def sign_in(self) -> Dashboard:
        """Somebody who is signed in at the dashboard, with their CSRF token."""
        return sign_in(self.url)

    # ------------------------------------------------------------ inside

    @cached_property
    def rooms(self) -> Rooms:
        """What it knows, straight from the store."""
        return build_gateway(self.settings, self.store)

    def new_key(self, name: str = "test", **settings: Any) -> str:
        """Make an API key; answers the raw one. It may ask models, and watch."""
        settings.setdefault("scopes", ("chat", "monitor"))
        return ApiKeys(self.store).create(name=name, **settings)[1]

    def import_entries(self, entries: list[dict[str, Any]]) -> list[str | None]:
        """Bring accounts in; answers what is wrong with each."""
        read = read_entries(json.dumps(entries).encode())
        return [self.rooms.enrolment.enrol(entry).problem for entry in read]

    def begin_anew(self, entries: list[dict[str, Any]]) -> None:
        """Forget everything; then there are these accounts, and a new key.

        The background leaves Google's quotas alone: whoever counts calls would see it.
        """
        self.store.flushall()
        self._lookout = ""
        self.store.set(names.lock("quotas"), "", ex=HOUR)
        problems = self.import_entries(entries) if entries else []
        assert not any(problems), problems
        self.key = self.new_key()

    def configure(self, **changes: Any) -> None:
        """Change the config; every worker follows at once, having been asked for it."""
        config = Config(self.store, {})
        # First what there is now: a store that was emptied counts from the beginning.
        self._show_config()
        config.change(changes, version=config.values["version"])
        self._show_config()

    def _show_config(self) -> None:
        headers = self.headers | {"Connection": "close"}
        for _ in range(16):
            self.http.get(self.url + "/api/gswarm/config", headers=headers)

    def wait_for_pulses(self, seconds: float = 2.0) -> None:
        """Let every worker look at the store again."""
        time.sleep(seconds)

    def record(self, project_id: str, model: str) -> dict[str, Any]:
        """What the pool knows of a project for a model."""
        [found] = read_records(self.store, [project_id], time.time())
        return found.models.get(model, {})

    def project_status(self, project_id: str) -> dict[str, Any]:
        """What the pool knows of a project over all models."""
        return read_records(self.store, [project_id], time.time())[0].status

    def account(self, email: str) -> Account:
        """What is known of an account."""
        found = self.rooms.accounts.find(email)
        assert found
        return found

    def run(self, *words: str, fed: Any = None) -> subprocess.CompletedProcess[bytes]:
        """Run a verb beside the gateway; ``fed`` goes to its stdin as JSON."""
        return subprocess.run(
            [sys.executable, "-m", "gswarm", *words],
            env=self.environ,
            input=b"" if fed is None else json.dumps(fed).encode(),
            capture_output=True,
            timeout=READY_SECONDS,
        )

    def log(self) -> str:
        """All that the processes have written down."""
        return self.log_path.read_text(errors="replace")

    def worker_pids(self) -> list[int]:
        """The worker processes alive now."""
        return _children(self.process.pid, "gunicorn")

    def store_pid(self) -> int:
        """The embedded store's process."""
        [pid] = _children(self.process.pid, "unixsocket")
        return pid

    def kill9_worker(self) -> int:
        """Kill one worker outright; answers which."""
        pid = self.worker_pids()[0]
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill9_workers(self) -> None:
        """Kill every worker outright, and see them gone."""
        pids = self.worker_pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not set(pids) & set(self.worker_pids()))

    def kill9(self) -> None:
        """Kill the master and its workers outright."""
        pids = [self.process.pid, *self.worker_pids()]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def kill9_store(self) -> None:
        """Kill the embedded store outright."""
        os.kill(self.store_pid(), signal.SIGKILL)

    # ------------------------------------------------------------ life

    def wait_until_ready(self) -> None:
        """Wait until it answers and its store does; raises with its log if it ends."""
        wait_for(self._is_ready, READY_SECONDS, self.log)

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it (SIGINT is quicker than SIGTERM); answers its exit code."""
        self.http.close()
        self.rooms.close()
        self.store.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(STOP_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def restart(self) -> None:
        """End it and start it again on the same data."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_SECONDS)
        self.start()

    def start(self) -> None:
        """Start it again after its end."""
        self.process = self._launch()
        self.wait_until_ready()

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.log_path.open("ab") as output:
            return subprocess.Popen(
                gunicorn_command(HOST, self.settings.port),
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"The gateway ended:\n{self.log()}")
        try:
            return requests.get(f"{self.url}/readyz", timeout=1).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


def start_gateway(
    google: Simulator | str,
    workers: int = 2,
    env: Mapping[str, str] | None = None,
    *,
    accounts: bool = True,
) -> Gateway:
    """Start a gateway on a free port, with a key, a fresh store of its own and, unless
    told otherwise, every account of the simulator."""
    google_url = google if isinstance(google, str) else google.url
    gateway = Gateway(google_url, workers, env or {})
    try:
        gateway.wait_until_ready()
        gateway.key = gateway.new_key()
        if accounts and not isinstance(google, str):
            problems = gateway.import_entries(google.accounts())
            assert not any(problems), problems
    except BaseException:
        gateway.stop()
        raise
    return gateway


def wait_for(
    is_so: Callable[[], Any],
    seconds: float = 15.0,
    explain: Callable[[], object] = lambda: "it never came true",
) -> Any:
    """What ``is_so`` answers as soon as that is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := is_so()):
        if time.monotonic() > deadline:
            raise AssertionError(explain())
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _environ(
    folder: Path, google_url: str, workers: int, env: Mapping[str, str]
) -> dict[str, str]:
    own = {
        "GSWARM_DATA_DIR": str(folder / "data"),
        "GSWARM_GOOGLE_BASE_URL": google_url,
        "REDIS_URL": "",
        "ADMIN_PASSWORD": PASSWORD,
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "SESSION_SECRET": "a secret that only tests know",
    }
    return gateway_environment(free_port(), workers) | own | dict(env)


def _children(parent: int, word: str) -> list[int]:
    """The children of a process that have this word in their command line (Linux)."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in listed if word in _command_line(pid)]


def _command_line(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
