"""The fastest Google there is: the same answer to everybody, for both contestants.

A body shapes its stream by the words of `in_chunks` in its text, whatever language it
came in; without them it is three chunks at once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import gevent
import orjson
from gevent import socket
from gevent.pywsgi import WSGIServer

SHAPE = re.compile(rb"In (\d+) chunks, ([\d.]+) s apart")
TEXT = "All work and no play makes a dull stream. "


def in_chunks(chunks: int, pause: float) -> str:
    """Words that ask for so many chunks, so many seconds apart."""
    return f"In {chunks} chunks, {pause:.6f} s apart: "


def _chunk(is_last: bool, wrap: bool) -> bytes:
    candidate: dict[str, Any] = {
        "index": 0,
        "content": {"role": "model", "parts": [{"text": TEXT}]},
    }
    if is_last:
        candidate["finishReason"] = "STOP"
    reply: dict[str, Any] = {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": 12,
            "candidatesTokenCount": 40,
            "totalTokenCount": 52,
        },
        "modelVersion": "gemini-2.5-flash",
        "responseId": "canned",
    }
    return orjson.dumps({"response": reply, "traceId": "0"} if wrap else reply)


MIDDLE = b"data: " + _chunk(False, True) + b"\r\n\r\n"
LAST = b"data: " + _chunk(True, True) + b"\r\n\r\n"
WHOLE = _chunk(True, False)
METHODS = {
    "loadCodeAssist": b'{"currentTier": {"id": "standard-tier"}}',
    "retrieveUserQuota": b"{}",
}


def _stream(chunks: int, pause: float) -> Iterator[bytes]:
    for _ in range(chunks - 1):
        yield MIDDLE
        if pause:
            gevent.sleep(pause)
    yield LAST


def canned(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer anything, as a stream where its path says so."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    method = environ["PATH_INFO"].rpartition(":")[2]
    if "tream" not in method:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [METHODS.get(method, WHOLE)]
    shape = SHAPE.search(body)
    start_response("200 OK", [("Content-Type", "text/event-stream")])
    return _stream(int(shape[1]), float(shape[2])) if shape else _stream(3, 0)


def main() -> None:
    """Serve on the port that is named, and say when."""
    listener = socket.socket()
    # Connections inherit it: without it, chunks would wait for acknowledgements.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(4096)
    server = WSGIServer(listener, canned, log=None, spawn=10_000)
    server.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
