"""gunicorn's worker, with clients that do not behave."""

from __future__ import annotations

import logging
from typing import Any

import gevent.socket
import pytest
from gunicorn.workers.ggevent import GeventWorker

from gswarm.web.server import worker
from gswarm.web.server.worker import Worker


def test_a_client_that_does_not_read_is_let_go(monkeypatch, caplog) -> None:
    monkeypatch.setattr(worker, "SEND_SECONDS", 0.05)
    ours, theirs = gevent.socket.socketpair()
    closed: list[str] = []

    def answer(self: Any, _: Any, __: Any, sock: Any, ___: Any) -> None:
        try:
            while True:
                sock.sendall(b"x" * 65_536)
        finally:
            closed.append("upstream")

    monkeypatch.setattr(GeventWorker, "handle_request", answer)
    serving = Worker.__new__(Worker)
    serving.log = logging.getLogger("test")
    with ours, theirs, pytest.raises(BrokenPipeError):
        serving.handle_request(None, None, ours, None)

    assert closed == ["upstream"]
    assert len(caplog.messages) == 1
