"""What one POST costs with each HTTP client: ``python tests/bench/http_clients.py``.

2 KB out, 2 KB back over kept connections, under gevent as in the gateway; CPU time of
the client's process alone, since the server runs in another.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import http.client  # noqa: E402
import multiprocessing  # noqa: E402
import socket  # noqa: E402
import statistics  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

import gevent.pool  # noqa: E402
import requests  # noqa: E402
import urllib3  # noqa: E402
from gevent.server import StreamServer  # noqa: E402

from gswarm.cancellation import Cancellation  # noqa: E402
from gswarm.google.http.client import HttpClient  # noqa: E402

BODY = b"x" * 2048
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: Origin\r\n"
REPLY += b"X-Trace-Id: 0123456789abcdef\r\nServer: ESF\r\nContent-Length: 2048\r\n\r\n"
REPLY += BODY
HEADERS = {"Authorization": "Bearer " + "a" * 100, "Content-Type": "application/json"}
REQUESTS = 3000
ROUNDS = 3


def serve(port: multiprocessing.Queue) -> None:
    def handle(sock: socket.socket, _: object) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while True:
            piece = sock.recv(65536)
            if not piece:
                return
            data += piece
            if b"\r\n\r\n" in data and len(data.partition(b"\r\n\r\n")[2]) >= 2048:
                data = b""
                sock.sendall(REPLY)

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    port.put(server.server_port)
    server.serve_forever()


def with_requests(url: str) -> Callable[[], None]:
    session = requests.Session()
    session.trust_env = False
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=64)
    session.mount("http://", adapter)

    def ask() -> None:
        reply = session.post(url, data=BODY, headers=HEADERS, timeout=(5, 60))
        assert len(reply.content) == 2048

    return ask


def with_urllib3(url: str) -> Callable[[], None]:
    pool = urllib3.connection_from_url(url, maxsize=64, timeout=60, retries=False)

    def ask() -> None:
        reply = pool.urlopen("POST", "/", body=BODY, headers=HEADERS)
        assert len(reply.data) == 2048

    return ask


def with_http_client(url: str) -> Callable[[], None]:
    host, idle = url.removeprefix("http://").strip("/"), []

    def ask() -> None:
        connection = idle.pop() if idle else http.client.HTTPConnection(host)
        connection.request("POST", "/", BODY, HEADERS)
        assert len(connection.getresponse().read()) == 2048
        idle.append(connection)

    return ask


def with_wire(url: str) -> Callable[[], None]:
    wire = HttpClient()

    def ask() -> None:
        deadline = time.monotonic() + 60
        reply = wire.post(
            url, HEADERS, BODY, deadline=deadline, cancellation=Cancellation()
        )
        with reply:
            for _ in reply.opening():
                pass
            assert len(reply.read(1_000_000)) == 2048

    return ask


def microseconds(ask: Callable[[], None], greenlets: int) -> float:
    """CPU time of one request, the median of some rounds."""
    pool = gevent.pool.Pool(greenlets)
    figures = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(REQUESTS):
            pool.spawn(ask)
        pool.join(raise_error=True)
        figures.append((time.process_time() - started) / REQUESTS * 1e6)
    return statistics.median(figures)


def main() -> None:
    port: multiprocessing.Queue = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port.get()}/"
    print("client            µs CPU, 1 greenlet   10 greenlets")  # noqa: T201
    for client in (with_requests, with_urllib3, with_http_client, with_wire):
        ask = client(url)
        ask()
        one, ten = microseconds(ask, 1), microseconds(ask, 10)
        name = client.__name__.removeprefix("with_")
        print(f"{name:<18}{one:>19.0f}{ten:>15.0f}")  # noqa: T201
    server.terminate()


if __name__ == "__main__":
    main()
