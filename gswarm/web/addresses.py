"""Which address a request came from, as far as it can be known."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias

from ..settings import PRIVATE, Network

logger = logging.getLogger(__name__)

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


class Addresses:
    """Tells where requests come from, and once in a process that nobody can tell."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted
        self._has_warned = False

    def of(self, peer: str, forwarded_for: str | None) -> str:
        """As `client_address`."""
        if forwarded_for and not self._has_warned:
            self._warn(peer)
        return client_address(peer, forwarded_for, self._trusted)

    def _warn(self, peer: str) -> None:
        """A proxy that is not trusted makes one address of all who come through it:
        five wrong passwords shut everybody out."""
        address = _address(peer)
        is_near = address and any(address in network for network in PRIVATE)
        if is_near and not any(address in network for network in self._trusted):
            self._has_warned = True
            logger.warning(
                "A proxy at %s says whom requests come from (X-Forwarded-For), and is "
                "not believed: all its clients count as one address. Set "
                "TRUSTED_PROXIES to its network, or to `private`.",
                peer,
            )


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
