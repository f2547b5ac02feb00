"""A certificate of our own for localhost."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.certificates import make_certificate


@dataclass
class Certificate:
    """``wrap`` makes a server's socket speak TLS; ``client`` trusts it."""

    wrap: Callable[[socket.socket], ssl.SSLSocket]
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    path = make_certificate("localhost", tmp_path_factory.mktemp("tls"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cafile=str(path))
    return Certificate(lambda sock: server.wrap_socket(sock, server_side=True), client)
