"""Who of an API key's requests may come in: counted and decided in one step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from ..limits.api_key import ApiKey
from ..limits.rate_limits import Counts, LimitName, Limits
from . import names
from .connection import Pipeline
from .deferred import Later
from .scripts import Script

LEASE_SECONDS = 10.0
"""How long a place outlives its last renewal: a dead worker's are free after it."""

TOKENS_KEPT_SECONDS = 2 * 86_400
PLACES_KEPT_SECONDS = 3600

_admit = Script("admit")
_leave = Script("leave")
_LIMITS: dict[int, LimitName] = {
    3: "per_minute",
    4: "per_second",
    5: "tokens_per_day",
    6: "at_once",
    9: "tokens_under_way",
}


def queue_admission(
    pipe: Pipeline,
    key: ApiKey,
    limits: Limits,
    place: str | None,
    now: float,
    tokens: int = 0,
) -> Later[Counts]:
    """Ask for one request to be let in, which may come to so many ``tokens``.

    Without a ``place`` only the requests in time are limited: such a request neither
    makes tokens nor lasts. A place must be renewed or left.
    """
    keys = [
        names.requests_in(_short(key), str(int(now // 60))),
        names.requests_in(_short(key), f"{int(now)}s"),
        names.tokens_on(_short(key), _date(now)),
        names.places(key.id),
        names.API_KEY_USES,
        names.tokens_under_way(key.id),
    ]
    args = [
        int(now * 1000),
        key.id,
        limits.per_minute,
        limits.per_second,
        limits.tokens_per_day,
        limits.at_once,
        place or "",
        _lease_end(now),
        tokens,
    ]
    _admit(pipe, keys, args)
    return Later.of_last(pipe, _counts)


def queue_leave(
    pipe: Pipeline, key: ApiKey, place: str | None, tokens: int, now: float
) -> None:
    """Count the tokens of an answer, for good and for today's limit, and free the
    request's place, if it has one."""
    keys = [
        names.tokens_on(_short(key), _date(now)),
        names.places(key.id),
        names.API_KEY_USES,
        names.tokens_under_way(key.id),
    ]
    _leave(pipe, keys, [key.id, tokens, place or "", TOKENS_KEPT_SECONDS])


def queue_renewal(
    pipe: Pipeline, places: Iterable[tuple[str, str]], now: float
) -> None:
    """Hold (key id, place)s for another while; one that was left stays left."""
    by_key: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for key_id, place in places:
        by_key[key_id][place] = _lease_end(now)
    for key_id, ends in by_key.items():
        pipe.zadd(names.places(key_id), ends, xx=True)
        pipe.expire(names.places(key_id), PLACES_KEPT_SECONDS)
        pipe.expire(names.tokens_under_way(key_id), PLACES_KEPT_SECONDS)


def _counts(reply: tuple[int, int, int]) -> Counts:
    refusal, requests, tokens = reply
    return Counts(_LIMITS.get(refusal), requests, tokens)


def _short(key: ApiKey) -> str:
    return key.digest[:16] or key.id


def _date(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _lease_end(now: float) -> int:
    return int((now + LEASE_SECONDS) * 1000)
