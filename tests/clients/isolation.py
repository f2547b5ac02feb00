"""A network of one's own with nothing but loopback in it, where the machine allows it.

What a client would send home has no way out then, and one that needs the world fails.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

INSIDE = "GSWARM_CLIENTS_INSIDE"
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def is_inside() -> bool:
    """Whether this process runs in a network of its own."""
    return INSIDE in os.environ


def enter() -> None:
    """Begin this program again inside one; returns where that is not possible."""
    command = _unshare()
    if command:
        words = [*command, sys.executable, "-m", "tests.clients", *sys.argv[1:]]
        os.execvpe(words[0], words, {**os.environ, INSIDE: "1"})


def raise_loopback() -> None:
    """Make 127.0.0.1 answer; a new network begins with it switched off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        found = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, asked)
        name, flags = struct.unpack("16sh14x", found)
        up = struct.pack("16sh14x", name, flags | _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, up)


def _unshare() -> list[str]:
    """The words that make such a network here; none where it cannot be made."""
    if not shutil.which("unshare"):
        return []
    for rights in ([], ["--map-root-user"]):
        command = ["unshare", "--net", *rights]
        if not subprocess.run([*command, "true"], capture_output=True).returncode:
            return command
    return []
