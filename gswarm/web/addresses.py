"""Which address a request came from, as far as it can be known."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias

from ..settings import Network

Address: TypeAlias = IPv4Address | IPv6Address


def client_address(
    peer: str, forwarded_for: str | None, trusted: Sequence[Network]
) -> str:
    """The client's address, in its shortest spelling.

    ``X-Forwarded-For`` grows to the right, one hop each, and anybody may write its
    beginning: it is read from the right, and only as far as trusted proxies vouch.
    """
    client = _address(peer)
    if client is None:
        return peer
    hops = forwarded_for.split(",") if forwarded_for else []
    while hops and any(client in network for network in trusted):
        hop = _address(hops.pop())
        if hop is None:
            break
        client = hop
    return str(client)


def _address(text: str) -> Address | None:
    """Read ``192.0.2.1``, ``192.0.2.1:80``, ``2001:db8::1`` or ``[2001:db8::1]:80``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
