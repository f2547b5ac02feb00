"""What really happens on the line: writes, silences, cuts and resets, byte by byte."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.contract.simulator.client import GREETING, Client
from tests.simulator_process import Simulator


@contextmanager
def asked(
    google: Simulator, alice: Client, method: str = "streamGenerateContent?alt=sse"
) -> Iterator[socket.socket]:
    """A raw connection on which one call was just made."""
    body = json.dumps(
        {"model": "gemini-2.5-flash", "project": "alice-01", "request": GREETING}
    )
    head = (
        f"POST /v1internal:{method} HTTP/1.1\r\nHost: sim\r\n"
        f"Authorization: {alice.headers['Authorization']}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    parts = urlsplit(google.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=3) as line:
        line.sendall((head + body).encode())
        yield line


def received(line: socket.socket) -> bytes:
    """Everything until the other side closes."""
    content = b""
    while piece := line.recv(65536):
        content += piece
    return content


def test_a_cut_ends_without_the_last_chunk(google: Simulator, alice: Client) -> None:
    google.script({"cut": {"after": 1, "how": "eof"}})

    with asked(google, alice) as line:
        content = received(line)

    assert content.count(b"data: ") == 1
    assert not content.endswith(b"0\r\n\r\n")


def test_a_reset_is_a_reset(google: Simulator, alice: Client) -> None:
    google.script({"cut": {"after": 1, "how": "rst"}})

    with asked(google, alice) as line, pytest.raises(ConnectionResetError):
        received(line)
        line.recv(1)


def test_a_whole_answer_can_be_cut_in_its_middle(
    google: Simulator, alice: Client
) -> None:
    google.script({"cut": {"after": 1, "how": "eof"}})

    with asked(google, alice, "generateContent") as line:
        content = received(line)

    assert content.startswith(b"HTTP/1.1 200")
    assert b'"response"' in content
    assert not content.endswith(b"0\r\n\r\n")


def test_a_stall_before_the_headers_sends_nothing(
    google: Simulator, alice: Client
) -> None:
    google.script({"stall": {"before": "headers", "seconds": 0.3}})

    with asked(google, alice) as line:
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(1)
        line.settimeout(3)
        assert line.recv(8) == b"HTTP/1.1"


def test_a_stall_before_the_first_chunk_sends_the_headers(
    google: Simulator, alice: Client
) -> None:
    google.script({"stall": {"before": "first_chunk", "seconds": 0.3}})

    with asked(google, alice) as line:
        begun = time.monotonic()
        assert line.recv(65536).endswith(b"\r\n\r\n")
        assert time.monotonic() - begun < 0.2
        assert b"data: " in line.recv(65536)
        assert time.monotonic() - begun >= 0.29


def test_an_event_can_come_in_pieces(google: Simulator, alice: Client) -> None:
    google.script({"split_writes": True})

    with asked(google, alice) as line:
        pieces = []
        while not (pieces and pieces[-1].endswith(b"0\r\n\r\n")):
            pieces.append(line.recv(65536))

    assert len(pieces) > 4
    assert b"finishReason" in b"".join(pieces)


def test_the_line_stays_open_and_short_answers_come_in_one_write(
    google: Simulator, alice: Client
) -> None:
    with asked(google, alice) as line:
        first = b""
        while not first.endswith(b"0\r\n\r\n"):
            first += line.recv(65536)
        line.sendall(b"GET /_sim/health HTTP/1.1\r\nHost: sim\r\n\r\n")

        assert line.recv(65536).endswith(b'{"ok":true}')


def test_a_next_call_sent_early_is_not_mistaken_for_a_hang_up(
    google: Simulator, alice: Client
) -> None:
    google.script({"slow": {"chunk_seconds": 0.05, "chunks": 4}})

    with asked(google, alice) as line:
        line.sendall(b"GET /_sim/health HTTP/1.1\r\nHost: sim\r\n\r\n")
        content = b""
        while not content.endswith(b'{"ok":true}'):
            content += line.recv(65536)

    call = google.calls(brief=True)[-1]
    assert (call["finished"], call["closed_by_client"]) == (True, False)
