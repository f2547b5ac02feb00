"""Which address a request is said to come from."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from gswarm.settings import PRIVATE
from gswarm.web.addresses import Addresses, client_address

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))
NOBODY = ()


def test_without_trusted_proxies_the_header_is_not_believed() -> None:
    assert client_address("192.0.2.7", "198.51.100.1", NOBODY) == "192.0.2.7"


def test_a_stranger_who_sends_the_header_is_not_believed() -> None:
    assert client_address("192.0.2.7", "198.51.100.1", TRUSTED) == "192.0.2.7"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("203.0.113.5, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.2.2.2, 10.9.9.9", "10.2.2.2"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("unknown", "10.0.0.1"),
        ("198.51.100.1, nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
        (None, "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_says_who_came(forwarded: str | None, client: str) -> None:
    assert client_address("10.0.0.1", forwarded, TRUSTED) == client


def test_a_trusted_proxy_may_be_written_as_v6() -> None:
    assert client_address("::ffff:10.0.0.1", "192.0.2.7", TRUSTED) == "192.0.2.7"
    assert client_address("2001:db8:1::5", "192.0.2.7", TRUSTED) == "192.0.2.7"


def test_a_peer_without_an_address_is_passed_on() -> None:
    assert client_address("", "192.0.2.7", TRUSTED) == ""


def test_a_proxy_that_nobody_has_named_is_told_of_once(caplog) -> None:
    addresses = Addresses(NOBODY)

    assert addresses.of("203.0.113.9", "192.0.2.1") == "203.0.113.9"
    assert caplog.messages == []
    assert [addresses.of("172.17.0.1", "192.0.2.1") for _ in range(3)] == [
        "172.17.0.1"
    ] * 3

    [line] = caplog.messages
    assert "172.17.0.1" in line and "TRUSTED_PROXIES" in line


def test_a_proxy_that_is_named_is_not_told_of(caplog) -> None:
    assert Addresses(PRIVATE).of("172.17.0.1", "192.0.2.1") == "192.0.2.1"
    assert Addresses(NOBODY).of("127.0.0.1", None) == "127.0.0.1"
    assert caplog.messages == []
