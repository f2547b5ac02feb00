"""An API key: who holds it, what it may do, and what it was used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from ..errors import InvalidRequest
from ..timestamps import FIRST, LAST
from .paths import covering, one_spelling

Network: TypeAlias = IPv4Network | IPv6Network

SCOPES = ("chat", "monitor", "admin")
DEFAULT_SCOPES = ("chat",)

MOST = 10**12
"""Of anything a limit counts."""
MOST_PATTERNS = 100
LONGEST_PATTERN = 200
LONGEST_NETWORK = 100

MAPPED_V4 = IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What one API key may do.

    ``digest`` is the HMAC-SHA256 of the raw key under ``salt``, both in hex. Instants
    are epoch seconds; ``number`` puts keys of one instant in the order they were made
    in. A limit of None leaves it to the config, 0 is no limit; an empty tuple allows
    everything.
    """

    id: str
    name: str
    salt: str = ""
    digest: str = ""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    created_at: float = 0.0
    number: int = 0
    expires_at: float | None = None
    is_active: bool = True
    rate_limit: int | None = None
    tokens_per_day: int | None = None
    max_concurrent: int | None = None
    allowed_endpoints: tuple[str, ...] = ()
    allowed_ips: tuple[str, ...] = ()
    allowed_models: tuple[str, ...] = ()
    may_see_projects: bool = False

    def is_expired(self, now: float) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now

    def allows_address(self, address: str) -> bool:
        """Whether a client at this address (v4, v6, v4 written as v6) may use it."""
        if not self.allowed_ips:
            return True
        try:
            client = ip_address(address)
        except ValueError:
            return False
        client = getattr(client, "ipv4_mapped", None) or client
        return any(client in network_of(text) for text in self.allowed_ips)

    def allows_path(self, path: str) -> bool:
        """Whether it may be used on this endpoint, however that is spelled here and in
        what the key allows."""
        patterns = tuple(map(one_spelling, self.allowed_endpoints))
        return any(_matches_any(each, patterns) for each in covering(path))

    def allows_model(self, model: str) -> bool:
        """Whether it may be used for a model of this name."""
        return _matches_any(model, self.allowed_models)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What one API key was used for so far; ``last_used_at`` in epoch seconds."""

    requests: int = 0
    tokens: int = 0
    last_used_at: float | None = None


@lru_cache(maxsize=256)
def network_of(text: str) -> Network:
    """An address or CIDR block as a network; raises ValueError."""
    network = ip_network(text.strip(), strict=False)
    if isinstance(network, IPv6Network) and network.subnet_of(MAPPED_V4):
        mapped = network.network_address.ipv4_mapped
        return IPv4Network((str(mapped), network.prefixlen - 96), strict=False)
    return network


def checked(key: ApiKey) -> ApiKey:
    """The key itself, if all its settings make sense.

    Raises `InvalidRequest` with the setting, as the API spells it, as ``param``.
    """
    if not key.name.strip() or len(key.name) > 100 or not key.name.isprintable():
        raise InvalidRequest("A name has 1 to 100 printable characters.", param="name")
    _check_scopes(key.scopes)
    _check_end(key.expires_at)
    _check_limit(key.rate_limit, "rateLimit")
    _check_limit(key.tokens_per_day, "tokensPerDay")
    _check_limit(key.max_concurrent, "maxConcurrent")
    _check_patterns(key.allowed_endpoints, "allowedEndpoints")
    _check_patterns(key.allowed_models, "allowedModels")
    _check_networks(key.allowed_ips)
    return key


def _matches_any(name: str, patterns: Sequence[str]) -> bool:
    """Patterns are exact, or open-ended with a trailing ``*``; none means all."""
    return not patterns or any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns
    )


def _check_scopes(scopes: Sequence[str]) -> None:
    if not scopes or not set(scopes) <= set(SCOPES):
        raise InvalidRequest(
            f"A key has one or more of the scopes {', '.join(SCOPES)}.", param="scopes"
        )


def _check_end(instant: float | None) -> None:
    if instant is not None and not FIRST <= instant <= LAST:
        raise InvalidRequest(
            "A key expires between the years 1970 and 9990.", param="expiresAt"
        )


def _check_limit(limit: int | None, param: str) -> None:
    if limit is not None and not 0 <= limit <= MOST:
        raise InvalidRequest(f"A limit is 0 (none) to {MOST}.", param=param)


def _check_lengths(texts: Sequence[str], longest: int, param: str) -> None:
    if len(texts) > MOST_PATTERNS or any(len(text) > longest for text in texts):
        raise InvalidRequest(
            f"Up to {MOST_PATTERNS} may be named, of up to {longest} characters.",
            param=param,
        )


def _check_patterns(patterns: Sequence[str], param: str) -> None:
    _check_lengths(patterns, LONGEST_PATTERN, param)
    for pattern in patterns:
        if not pattern or "*" in pattern[:-1]:
            raise InvalidRequest(
                f"{pattern!r} is neither a whole name nor a beginning with `*`.",
                param=param,
            )


def _check_networks(networks: Sequence[str]) -> None:
    _check_lengths(networks, LONGEST_NETWORK, "allowedIps")
    for text in networks:
        try:
            network_of(text)
        except ValueError:
            raise InvalidRequest(
                f"{text!r} is neither an IP address nor a CIDR block.",
                param="allowedIps",
            ) from None
