"""Media by address, against real sockets."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
import pytest

from gswarm.chat.in_flight import BytesInFlight
from gswarm.chat.media import (
    MAX_BYTES,
    Fetcher,
    Media,
    NotFetched,
    inline_remote,
    is_public,
    share_of_media,
)
from gswarm.errors import InvalidRequest, Unavailable
from gswarm.google.http.resolver import Resolver
from tests.certificates import make_certificate

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ANYWHERE = Fetcher(allow=lambda _: True)

Answer = Callable[[socket.socket, bytes], None]


@contextmanager
def host(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A host on loopback that lets ``answer`` speak to each who connects."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                with tls.wrap_socket(line, server_side=True) if tls else line as spoken:
                    answer(spoken, spoken.recv(65_536))
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def says(status: str, headers: str = "", body: bytes = b"") -> Answer:
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return lambda line, _: line.sendall(head.encode() + body)


def fetch(port: int, path: str = "/cat", *, seconds: float = 5.0) -> Media:
    return ANYWHERE(f"http://127.0.0.1:{port}{path}", time.monotonic() + seconds)


def reason(fetcher: Fetcher, url: str, *, seconds: float = 5.0) -> str:
    with pytest.raises(NotFetched) as failed:
        fetcher(url, time.monotonic() + seconds)
    return str(failed.value)


def resolving(*addresses: str) -> Callable[..., list]:
    def getaddrinfo(name: str, port: int, **_: object) -> list:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return getaddrinfo


# --------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_out_on_the_internet_is_refused(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.215.14",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_an_address_on_the_internet_is_allowed(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "spelling",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0",
        "127.0.0.1.",
    ],
)
def test_loopback_is_refused_however_it_is_spelled(spelling):
    with host(says("200 OK", body=PNG)) as port:
        said = reason(Fetcher(), f"http://{spelling}:{port}/")

    assert said in ("its host is not public", "its host is not known")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com/cat.png", "it is not an http(s) address"),
        ("file:///etc/passwd", "it is not an http(s) address"),
        ("http:///cat.png", "it is not an http(s) address"),
        ("http://example.com:99999/", "it is not a valid address"),
        ("http://[::1/", "it is not a valid address"),
        ("http://me:secret@example.com/", "it holds a password"),
        ("http://" + "a" * 64 + ".example/", "it is not a valid address"),
    ],
)
def test_an_address_of_another_kind_is_refused(url, said):
    assert reason(ANYWHERE, url) == said


def test_one_bad_address_among_a_names_answers_spoils_them_all(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", resolving("8.8.8.8", "10.0.0.1"))

    assert reason(Fetcher(), "http://two-faced.example/") == "its host is not public"


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch):
    heard = []
    asked = []

    def answer(line: socket.socket, request: bytes) -> None:
        heard.append(request)
        says("200 OK", body=PNG)(line, request)

    def getaddrinfo(name: str, port: int, **_: object) -> list:
        asked.append(name)
        return resolving("127.0.0.1")(name, port)

    with host(answer) as port:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        judged = []
        fetcher = Fetcher(allow=lambda address: judged.append(str(address)) or True)
        fetcher(f"http://pictures.example:{port}/a%20b?x=1 2", time.monotonic() + 5)

    assert asked[0] == "pictures.example"
    assert judged == ["127.0.0.1"]
    assert heard[0].startswith(b"GET /a%20b?x=1%202 HTTP/1.1\r\n")
    assert f"Host: pictures.example:{port}\r\n".encode() in heard[0]


# --------------------------------------------------------------------- transport


def test_media_arrives_with_its_type():
    with host(says("200 OK", "Content-Type: image/jpg\r\n", b"not really")) as port:
        assert fetch(port) == Media("image/jpeg", b"not really")


def test_the_first_bytes_tell_more_than_the_host():
    with host(says("200 OK", "Content-Type: text/html\r\n", PNG)) as port:
        assert fetch(port).mime_type == "image/png"


def test_the_name_tells_where_nothing_else_does():
    with host(says("200 OK", "", b"a,b\n")) as port:
        assert fetch(port, "/table.csv").mime_type == "text/csv"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (says("404 Not Found"), "its host answered 404"),
        (
            says("200 OK", "Content-Type: text/html\r\n", b"<html>"),
            "it does not hold an image, audio, video or PDF",
        ),
        (says("200 OK"), "it does not hold an image, audio, video or PDF"),
        (
            says("200 OK", "Content-Encoding: gzip\r\n", PNG),
            "its host sent it compressed",
        ),
        (lambda line, _: line.sendall(b"garbage\r\n"), "the host did not answer"),
        (lambda line, _: None, "the host did not answer"),
        (
            lambda line, _: line.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + PNG
            ),
            "the host did not answer",
        ),
    ],
)
def test_an_answer_that_is_no_media_says_why(answer, said):
    with host(answer) as port:
        assert reason(ANYWHERE, f"http://127.0.0.1:{port}/cat") == said


def test_media_that_announces_too_many_bytes_is_not_read():
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {MAX_BYTES + 1}\r\n\r\n"
    with host(lambda line, _: line.sendall(head.encode())) as port:
        assert (
            reason(ANYWHERE, f"http://127.0.0.1:{port}/") == "it is larger than 20 MB"
        )


def test_media_that_hides_its_size_is_cut_at_the_limit():
    def pour(line: socket.socket, _: bytes) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            line.sendall(b"100000\r\n" + bytes(0x100000) + b"\r\n")

    with host(pour) as port:
        assert (
            reason(ANYWHERE, f"http://127.0.0.1:{port}/") == "it is larger than 20 MB"
        )


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "],
)
def test_a_host_that_drips_is_cut_at_the_deadline(head):
    def drip(line: socket.socket, _: bytes) -> None:
        line.sendall(head)
        while True:
            line.sendall(b"x")
            time.sleep(0.05)

    with host(drip) as port:
        began = time.monotonic()
        said = reason(ANYWHERE, f"http://127.0.0.1:{port}/", seconds=0.4)

    assert said == "it took too long"
    assert time.monotonic() - began < 4


# --------------------------------------------------------------------- redirects


def redirecting(location: Callable[[], str]) -> Answer:
    def answer(line: socket.socket, request: bytes) -> None:
        if b"GET /end" in request:
            says("200 OK", body=PNG)(line, request)
        else:
            says("302 Found", f"Location: {location()}\r\n")(line, request)

    return answer


def test_a_redirect_is_followed():
    with host(redirecting(lambda: "/end")) as port:
        assert fetch(port).content == PNG


def test_redirects_have_an_end():
    with host(redirecting(lambda: "/again")) as port:
        assert reason(ANYWHERE, f"http://127.0.0.1:{port}/") == "it redirects too often"


def test_a_redirect_to_a_private_address_is_refused():
    with host(redirecting(lambda: "http://10.0.0.1/end")) as port:
        only_here = Fetcher(allow=lambda address: str(address) == "127.0.0.1")
        said = reason(only_here, f"http://127.0.0.1:{port}/")

    assert said == "its host is not public"


def test_a_redirect_to_another_scheme_is_refused():
    with host(redirecting(lambda: "file:///etc/passwd")) as port:
        said = reason(ANYWHERE, f"http://127.0.0.1:{port}/")

    assert said == "it is not an http(s) address"


# --------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> str:
    """A certificate of its own authority, for pictures.example."""
    folder = tmp_path_factory.mktemp("tls")
    return str(make_certificate("pictures.example", folder))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("pictures.example", PNG), ("other.example", "its certificate is not valid")],
)
def test_a_certificate_must_be_for_the_name_not_the_address(
    name, outcome, certificate, monkeypatch
):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    fetcher = Fetcher(lambda _: True, ssl.create_default_context(cafile=certificate))
    with host(says("200 OK", body=PNG), server) as port:
        monkeypatch.setattr(socket, "getaddrinfo", resolving("127.0.0.1"))
        try:
            found = fetcher(f"https://{name}:{port}/", time.monotonic() + 5).content
        except NotFetched as failed:
            found = str(failed)

    assert found == outcome


# ---------------------------------------------------------------------- inlining


def body(*uris: str) -> dict:
    files = [{"fileData": {"fileUri": uri}} for uri in uris]
    result = {"name": "f", "id": "1", "response": {}, "parts": files[:1]}
    return {
        "contents": [
            {"role": "user", "parts": [{"text": "look"}, *files]},
            {"role": "user", "parts": [{"functionResponse": result}]},
        ]
    }


def test_media_takes_the_place_of_its_address_everywhere():
    given = body("http://a/", "gs://left/alone")
    before = repr(given)

    found = inline_remote(
        given, lambda *_: Media("image/png", b"abc"), {"http://a/": "messages[0]"}
    )

    inside = {"inlineData": {"mimeType": "image/png", "data": "YWJj"}}
    left = {"fileData": {"fileUri": "gs://left/alone"}}
    assert found["contents"][0]["parts"] == [{"text": "look"}, inside, left]
    assert found["contents"][1]["parts"][0]["functionResponse"]["parts"] == [inside]
    assert repr(given) == before


def test_a_body_without_addresses_is_left_as_it_is():
    given = body()

    assert inline_remote(given, ANYWHERE, {}) is given


def test_a_resolution_stays_with_its_picture():
    part = {"fileData": {"fileUri": "u"}, "mediaResolution": {"level": "x"}}

    found = inline_remote(
        {"contents": [{"parts": [part]}]},
        lambda *_: Media("image/png", b""),
        {"u": "p"},
    )

    assert found["contents"][0]["parts"][0].keys() == {"inlineData", "mediaResolution"}


def test_a_failure_names_the_field_it_came_from():
    def fail(url: str, *_: object) -> Media:
        raise NotFetched("its host answered 404")

    with pytest.raises(InvalidRequest) as refused:
        inline_remote(body("u"), fail, {"u": "messages[3].content[1].image_url.url"})

    assert refused.value.code == "invalid_image_url"
    assert refused.value.param == "messages[3].content[1].image_url.url"
    assert "404" in refused.value.message


def test_only_so_many_addresses_are_fetched():
    many = {f"http://{n}/": f"messages[{n}]" for n in range(17)}

    with pytest.raises(InvalidRequest, match="At most 16"):
        inline_remote(body(*many), ANYWHERE, many)


def test_few_addresses_are_fetched_at_once():
    running, most, lock = 0, 0, threading.Lock()

    def slow(url: str, *_: object) -> Media:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return Media("image/png", b"x")

    many = {f"http://{n}/": "" for n in range(16)}
    inline_remote(body(*many), slow, many)

    assert 1 < most <= 4


def test_all_media_together_have_a_limit_that_holds_before_they_are_read():
    read = []

    def large(url: str, _: float, take: Callable[[int], None]) -> Media:
        for step in range(12):
            take(MAX_BYTES // 16)
            read.append(step)
        return Media("image/png", b"")

    with pytest.raises(InvalidRequest, match="together"):
        inline_remote(body("a", "b"), large, {"a": "", "b": ""})

    assert len(read) <= 16


def test_all_requests_of_a_process_share_one_limit_and_give_back_what_they_held():
    process = BytesInFlight(30)

    def twenty(url: str, _: float, take: Callable[[int], None]) -> Media:
        take(20)
        return Media("image/png", b"x")

    first, second = share_of_media(process), share_of_media(process)
    inline_remote(body("a"), twenty, {"a": ""}, first)
    with pytest.raises(Unavailable):
        inline_remote(body("a"), twenty, {"a": ""}, second)
    first.release()
    inline_remote(body("a"), twenty, {"a": ""}, share_of_media(process))

    assert process.held == 20


def test_an_address_that_is_longer_than_any_is_not_looked_at_nor_remembered():
    before = urllib.parse.urlsplit.cache_info().currsize

    said = reason(ANYWHERE, "http://127.0.0.1/" + "a" * 8_192)

    assert said == "it is not a valid address"
    assert urllib.parse.urlsplit.cache_info().currsize == before


def test_a_name_that_never_answers_costs_its_own_time_only(monkeypatch):
    """And takes no thread from those who look up Google."""
    hub, woken = gevent.get_hub(), threading.Event()

    def looked_up(*_: object, **__: object) -> list:
        woken.wait(5)
        return []

    monkeypatch.setattr("gswarm.google.http.resolver._getaddrinfo", looked_up)
    ask = Resolver(threads=2)

    def give_up() -> str:
        try:
            ask("slow.example", 80, time.monotonic() + 0.05)
        except TimeoutError:
            return "too late"
        return "found"

    asking = [gevent.spawn(give_up) for _ in range(6)]
    gevent.joinall(asking, timeout=5)
    answered = hub.threadpool.spawn(lambda: "at once").get(timeout=1)
    woken.set()

    assert [each.value for each in asking] == ["too late"] * 6
    assert answered == "at once"


def test_a_fetch_that_hangs_does_not_hold_the_request(monkeypatch):
    monkeypatch.setattr("gswarm.chat.media.MAX_SECONDS", 0.1)
    woken = threading.Event()

    def hang(url: str, *_: object) -> Media:
        woken.wait(5)
        return Media("image/png", b"x")

    began = time.monotonic()
    with pytest.raises(InvalidRequest, match="too long"):
        inline_remote(body("u"), hang, {"u": "messages[0]"})
    woken.set()

    assert time.monotonic() - began < 4
