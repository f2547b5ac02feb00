"""What the wire makes of servers good and bad; run plain, and again under gevent."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
from contextlib import closing
from itertools import pairwise

import pytest

from gswarm.cancellation import Cancellation
from gswarm.errors import ClientGone, ServerFailure, UpstreamSilent
from gswarm.google.http import client as wire_module
from gswarm.google.http.client import HttpClient, HttpResponse, Timeouts

from ..raw_server import answer, chunked, read_request, serving

QUICK = Timeouts(connect=5.0, first_byte=0.15, stall=0.15)
AT_ONCE = 3.0
"""Sooner than the next tick, the deadline, or anything else that could end a wait."""


@pytest.fixture
def wire():
    with closing(HttpClient()) as wire:
        yield wire


@pytest.fixture
def quick_wire():
    with closing(HttpClient(QUICK)) as wire:
        yield wire


def post(wire: HttpClient, url: str, body: bytes = b"{}", **options) -> HttpResponse:
    options = {
        "deadline": time.monotonic() + 10,
        "cancellation": Cancellation(),
        **options,
    }
    return wire.post(url, {"X-Name": "value"}, body, **options)


def ask(
    wire: HttpClient, url: str, body: bytes = b"{}", **options
) -> tuple[int, bytes]:
    with post(wire, url, body, **options) as reply:
        for _ in reply.opening():
            pass
        return reply.status, reply.read(1_000_000)


def saying(*parts: bytes, pause: float = 0.0):
    """A script that reads one request, sends these parts and closes."""

    def script(sock: socket.socket) -> None:
        read_request(sock)
        for part in parts:
            sock.sendall(part)
            time.sleep(pause)

    return script


def answering_all(sock: socket.socket) -> None:
    """A script that answers each request on its connection."""
    while read_request(sock):
        sock.sendall(answer())


def falling_silent(*parts: bytes):
    """A script that sends these parts and then nothing, until the client leaves."""

    def script(sock: socket.socket) -> None:
        read_request(sock)
        for part in parts:
            sock.sendall(part)
        while sock.recv(65536):
            pass

    return script


def test_sends_a_whole_request(wire):
    got = []

    def script(sock):
        got.append(read_request(sock))
        sock.sendall(answer(b"hello", b"X-Name: Value"))

    with serving(script) as server, post(wire, f"{server.url}/a?b=c", b"12") as reply:
        assert list(reply.opening()) == []
        assert reply.status == 200
        assert reply.headers["x-name"] == "Value"
        assert reply.read(100) == b"hello"

    head, _, body = got[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /a?b=c HTTP/1.1",
        b"Host: 127.0.0.1:%d" % server.port,
        b"X-Name: value",
        b"Accept-Encoding: identity",
        b"Content-Length: 2",
    ]
    assert body == b"12"


def test_sends_a_body_larger_than_any_buffer(wire):
    body = bytes(range(256)) * 40_000
    got = []

    def script(sock):
        got.append(read_request(sock))
        sock.sendall(answer())

    with serving(script) as server:
        assert ask(wire, server.url, body) == (200, b"ok")

    assert got[0].endswith(body)


def test_keeps_a_connection_from_one_request_to_the_next(wire):
    with serving(answering_all, answering_all) as server:
        for _ in range(3):
            assert ask(wire, server.url) == (200, b"ok")

    assert server.connections == 1


def test_a_connection_that_was_not_read_to_its_end_is_not_kept(wire):
    stuck = falling_silent(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1")

    with serving(stuck, saying(chunked(b"first"))) as server:
        with post(wire, server.url) as reply:
            assert list(reply.opening()) == []
        assert ask(wire, server.url) == (200, b"first")

    assert server.connections == 2


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", b"HTTP/1.0 200 OK\r\n"]
)
def test_a_connection_the_server_wants_closed_is_not_kept(wire, head):
    script = falling_silent(head + b"Content-Length: 2\r\n\r\nok")

    with serving(script, script) as server:
        assert ask(wire, server.url) == ask(wire, server.url) == (200, b"ok")

    assert server.connections == 2


def test_a_kept_connection_that_was_closed_meanwhile_is_not_used(wire):
    with serving(saying(answer()), saying(answer(b"new"))) as server:
        ask(wire, server.url)
        time.sleep(0.05)
        assert ask(wire, server.url) == (200, b"new")


def test_bytes_nobody_asked_for_spoil_a_connection(wire):
    forged = threading.Event()

    def forging(sock):
        read_request(sock)
        sock.sendall(answer())
        sock.sendall(answer(b"forged"))
        forged.set()
        sock.recv(1)

    with serving(forging, answering_all) as server:
        ask(wire, server.url)
        assert forged.wait(10)
        assert ask(wire, server.url) == (200, b"ok")


@pytest.mark.parametrize("how", ["eof", "reset"])
def test_a_kept_connection_that_dies_under_a_request_is_replaced(how, wire):
    def dying(sock):
        read_request(sock)
        sock.sendall(answer())
        sock.recv(1)
        if how == "reset":
            reset(sock)

    with serving(dying, answering_all) as server:
        ask(wire, server.url)
        assert ask(wire, server.url, b"x" * 10) == (200, b"ok")

    assert server.connections == 2


def test_a_new_connection_that_dies_is_not_tried_again(wire):
    with serving(lambda sock: reset(sock), answering_all) as server:
        with pytest.raises(ServerFailure):
            ask(wire, server.url)
        assert server.connections == 1


def test_a_kept_connection_that_dies_in_the_middle_of_a_reply_is_not_replaced(wire):
    def dying(sock):
        read_request(sock)
        sock.sendall(answer())
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nConte")

    with serving(dying, answering_all) as server:
        ask(wire, server.url)
        with pytest.raises(ServerFailure, match="without a reply"):
            ask(wire, server.url)
        assert server.connections == 1


def test_connections_are_dropped_after_half_a_minute(wire, monkeypatch):
    with serving(answering_all, answering_all) as server:
        ask(wire, server.url)
        monkeypatch.setattr("gswarm.google.http.pool.IDLE_SECONDS", 0.01)
        time.sleep(0.02)
        ask(wire, server.url)
        assert server.connections == 2


def test_a_reply_may_end_with_its_connection(wire):
    with serving(saying(b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo", pause=0.02)) as server:
        assert ask(wire, server.url) == (200, b"hello")


def test_a_chunked_reply_is_delivered_as_it_arrives_however_it_is_cut(wire):
    whole = chunked(b"one", b"two", b"three")

    with serving(saying(*[whole[i : i + 1] for i in range(len(whole))])) as server:
        assert ask(wire, server.url) == (200, b"onetwothree")


def test_pieces_arrive_at_once(wire):
    heard = threading.Semaphore(0)

    def script(sock):
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            sock.sendall(b"1\r\nx\r\n")
            if not heard.acquire(timeout=4):
                return
        sock.sendall(b"0\r\n\r\n")

    with serving(script) as server, post(wire, server.url) as reply:
        list(reply.opening())
        for piece in reply.pieces():
            assert piece == b"x"
            heard.release()


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_a_compressed_reply_is_read_although_none_was_asked_for(wire, cut):
    packed = gzip.compress(b"hello" * 1000)
    reply = answer(packed, b"Content-Encoding: gzip")

    with serving(saying(reply[:-cut], reply[-cut:], pause=0.02)) as server:
        assert ask(wire, server.url) == (200, b"hello" * 1000)


def test_a_provisional_reply_is_not_the_reply(wire):
    early = b"HTTP/1.1 100 Continue\r\nX-Name: early\r\n\r\n"

    with (
        serving(saying(early, answer(b"real"))) as server,
        post(wire, server.url) as reply,
    ):
        list(reply.opening())
        assert (reply.status, reply.read(100)) == (200, b"real")
        assert "x-name" not in reply.headers


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 100_000,
        b"HTTP/1.1 101 Upgrade\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_a_cut_or_broken_reply_is_the_servers_failure(wire, said):
    with serving(saying(said)) as server, pytest.raises(ServerFailure):
        ask(wire, server.url)


def test_a_reset_in_a_reply_without_a_length_is_no_end(wire):
    def script(sock):
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\nhel")
        time.sleep(0.05)
        reset(sock)

    with serving(script) as server, pytest.raises(ServerFailure, match="broke"):
        ask(wire, server.url)


def test_an_answer_given_before_the_request_was_read_is_heard(wire):
    def refusing(sock):
        sock.recv(10)
        sock.sendall(answer(b"too large", status=b"413 Too Large"))
        sock.shutdown(socket.SHUT_RD)
        time.sleep(0.2)

    with serving(refusing) as server:
        status, _ = ask(wire, server.url, b"x" * 20_000_000)

    assert status == 413


def test_a_reply_longer_than_asked_for_is_refused(wire):
    with (
        serving(saying(answer(b"x" * 200))) as server,
        post(wire, server.url) as reply,
        pytest.raises(ServerFailure, match="too long"),
    ):
        list(reply.opening())
        reply.read(100)


def test_nobody_listening_is_the_servers_failure(wire):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(ServerFailure, match=f"No connection to 127.0.0.1:{port}"):
        ask(wire, f"http://127.0.0.1:{port}/")


def test_an_address_that_swallows_packets_costs_the_time_to_connect():
    with full_listener() as port:
        started = time.monotonic()
        with pytest.raises(ServerFailure, match="timed out"):
            ask(HttpClient(Timeouts(connect=0.15)), f"http://127.0.0.1:{port}/")

    assert 0.1 < time.monotonic() - started < AT_ONCE


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh"],
)
def test_silence_is_borne_only_so_long(quick_wire, said):
    started = time.monotonic()

    with serving(falling_silent(said)) as server, pytest.raises(UpstreamSilent):
        ask(quick_wire, server.url)

    assert 0.1 < time.monotonic() - started < AT_ONCE


def test_a_slow_drip_is_borne_as_long_as_it_drips():
    whole = chunked(b"12345")
    drip = saying(whole[:50], *[bytes([b]) for b in whole[50:]], pause=0.25)

    with serving(drip) as server, closing(HttpClient(Timeouts(stall=2.5))) as wire:
        assert ask(wire, server.url) == (200, b"12345")


def test_the_deadline_ends_even_a_drip(wire):
    endless = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 200]

    with serving(saying(*endless, pause=0.05)) as server:
        started = time.monotonic()
        with pytest.raises(UpstreamSilent):
            ask(wire, server.url, deadline=time.monotonic() + 0.2)

    assert time.monotonic() - started < AT_ONCE


def test_a_slow_reader_is_not_taken_for_a_silent_server():
    wire = HttpClient(Timeouts(stall=0.15))
    sent = threading.Event()

    def script(sock):
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
        time.sleep(0.2)
        sock.sendall(b"b")
        sent.set()

    with serving(script) as server, closing(wire), post(wire, server.url) as reply:
        list(reply.opening())
        got = []
        for piece in reply.pieces():
            got.append(piece)
            assert sent.wait(10)

    assert b"".join(got) == b"ab"


def test_silence_is_told_at_each_tick(wire, monkeypatch):
    monkeypatch.setattr(wire_module, "TICK_SECONDS", 0.06)

    go_on = threading.Semaphore(0)

    def script(sock):
        read_request(sock)
        for part in (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", b"x"):
            go_on.acquire(timeout=10)
            sock.sendall(part)

    def heard_until_it_goes_on(silence):
        started, heard, at = time.monotonic(), [], []
        for each in silence:
            heard.append(each)
            at.append(time.monotonic() - started)
            if len(heard) == 5:
                go_on.release()
        gaps = [late - early for early, late in pairwise([0.0, *at[:5]])]
        assert 0.05 < min(gaps) < 0.1
        return heard

    with serving(script) as server, post(wire, server.url) as reply:
        assert set(heard_until_it_goes_on(reply.opening())) == {None}
        *silent, last = heard_until_it_goes_on(reply.pieces())
        assert (set(silent), last) == ({None}, b"x")


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh"]
)
def test_hanging_up_ends_a_wait_at_once(wire, said):
    cancellation = Cancellation()
    closed = threading.Event()

    def script(sock):
        falling_silent(said)(sock)
        closed.set()

    with serving(script) as server:
        threading.Timer(0.1, cancellation.cancel).start()
        started = time.monotonic()
        with pytest.raises(ClientGone):
            ask(wire, server.url, cancellation=cancellation)
        assert 0.05 < time.monotonic() - started < AT_ONCE
        assert closed.wait(10)


def test_hanging_up_ends_connecting_at_once(wire):
    cancellation = Cancellation()

    with full_listener() as port:
        threading.Timer(0.1, cancellation.cancel).start()
        started = time.monotonic()
        with pytest.raises(ClientGone):
            ask(wire, f"http://127.0.0.1:{port}/", cancellation=cancellation)
        assert time.monotonic() - started < AT_ONCE


def test_one_who_hung_up_before_asks_nothing(wire):
    cancellation = Cancellation()
    cancellation.cancel()

    with serving(answering_all) as server:
        with pytest.raises(ClientGone):
            ask(wire, server.url, cancellation=cancellation)
        assert server.connections == 0


def test_hanging_up_later_does_not_touch_a_connection_that_was_given_back(wire):
    cancellation = Cancellation()

    with serving(answering_all) as server:
        ask(wire, server.url, cancellation=cancellation)
        cancellation.cancel()
        assert ask(wire, server.url) == (200, b"ok")
        assert server.connections == 1


def test_a_header_cannot_smuggle_another(wire):
    with pytest.raises(ValueError, match="header"):
        wire.post(
            "http://127.0.0.1:1/",
            {"X-Key": "a\r\nX-Other: b"},
            b"",
            deadline=0,
            cancellation=Cancellation(),
        )


def test_speaks_tls_and_keeps_the_connection(certificate):
    trusting = closing(HttpClient(trust=lambda: certificate.client))

    with serving(answering_all, wrap=certificate.wrap) as server, trusting as wire:
        url = f"https://localhost:{server.port}/"
        for _ in range(2):
            assert ask(wire, url, b"x" * 300_000) == (200, b"ok")

    assert server.connections == 1


def test_does_not_speak_to_a_server_it_cannot_trust(wire, certificate):
    with (
        serving(answering_all, wrap=certificate.wrap) as server,
        pytest.raises(ServerFailure, match="certificate"),
    ):
        ask(wire, f"https://localhost:{server.port}/")


def test_a_silent_tls_read_can_be_resumed_and_interrupted(monkeypatch, certificate):
    monkeypatch.setattr(wire_module, "TICK_SECONDS", 0.06)
    cancellation = Cancellation()
    script = falling_silent(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh")

    with serving(script, wrap=certificate.wrap) as server:
        url = f"https://localhost:{server.port}/"
        wire = HttpClient(trust=lambda: certificate.client)
        with (
            post(wire, url, cancellation=cancellation) as reply,
            pytest.raises(ClientGone),
        ):
            list(reply.opening())
            got = []
            for piece in reply.pieces():
                got.append(piece)
                if got == [b"h", None, None]:
                    threading.Timer(0.03, cancellation.cancel).start()

    assert got[:3] == [b"h", None, None]


def test_hanging_up_ends_a_tls_handshake(wire):
    cancellation = Cancellation()

    with serving(lambda sock: time.sleep(2 * AT_ONCE)) as server:
        threading.Timer(0.1, cancellation.cancel).start()
        started = time.monotonic()
        with pytest.raises(ClientGone):
            ask(wire, f"https://127.0.0.1:{server.port}/", cancellation=cancellation)

    assert time.monotonic() - started < AT_ONCE


def reset(sock: socket.socket) -> None:
    """Close with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class full_listener:
    """A port whose queue is full: who connects to it waits."""

    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        port = self._listener.getsockname()[1]
        self._queued = [socket.socket() for _ in range(3)]
        for sock in self._queued:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        time.sleep(0.05)
        return port

    def __exit__(self, *_: object) -> None:
        for sock in [self._listener, *self._queued]:
            sock.close()
