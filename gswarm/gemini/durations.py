"""Read every way Google writes a delay or an instant, into seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SECONDS |= {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_SECONDS |= {"day": 86400.0, "hour": 3600.0, "minute": 60.0, "second": 1.0}
_SECONDS |= {"hr": 3600.0, "min": 60.0, "sec": 1.0, "millisecond": 1e-3}

# The digits are bounded, so that no number here can overflow to infinity.
_STEP = re.compile(
    r"(\d{1,12}(?:\.\d{1,18})?)\s?"
    r"((?:milli)?seconds?|days?|hours?|hrs?|minutes?|mins?|secs?|[mµun]s|[dhms])"
    r"(?![A-Za-zµ])",
    re.IGNORECASE,
)
_IN_MESSAGE = re.compile(
    rf"\b(?:after|in)\s+((?:{_STEP.pattern}[\s,]{{0,2}})+)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,18})?")


def read_seconds(text: object) -> float | None:
    """The length a duration names, or None when it is not one.

    Takes ``0.53s``, ``539.477544ms``, ``15722.87s``, Go's ``143h4m52.7s`` with any unit
    missing, words (``2 minutes``), and plain numbers, which are seconds.
    """
    plain = str(text).strip()
    if _NUMBER.fullmatch(plain):
        return float(plain)
    steps = list(_STEP.finditer(plain))
    if not steps or _STEP.sub("", plain).strip(" ,"):
        return None
    return sum(float(step[1]) * _unit(step[2]) for step in steps)


def _unit(word: str) -> float:
    word = word.lower()
    return _SECONDS[word] if word in _SECONDS else _SECONDS[word.rstrip("s")]


def find_delay(message: str) -> str | None:
    """The duration a sentence names: ``21h10m20s`` in "reset after 21h10m20s."."""
    found = _IN_MESSAGE.search(message)
    return found[1].strip(" ,") if found else None


def read_instant(text: object) -> float | None:
    """Epoch seconds of an RFC 3339 timestamp, or None when it is not one."""
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None
    return _epoch(moment)


def read_retry_after(value: str, now: float) -> float | None:
    """Seconds from ``now`` that a Retry-After header asks for (RFC 9110 10.2.3)."""
    seconds = read_seconds(value)
    if seconds is not None:
        return seconds
    try:
        return _epoch(parsedate_to_datetime(value)) - now
    except ValueError:
        return None


def _epoch(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.timestamp()
