"""The log of every call a client made, bounded, with exact counts beside it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

MAX_CALLS = 20_000
MAX_BODY_BYTES = 200_000


@dataclass(slots=True)
class Call:
    """One request as it came in, and how it ended.

    ``status`` is 0 until the answer begins. ``finished`` means that the whole answer
    was written, ``closed_by_client`` that the client left before. ``signatures`` counts
    what stands on the calls of the current turn that need a thought signature: how many
    were ``real``, ``bypass``, ``stale``, ``foreign`` or ``bare``.
    """

    n: int
    at: float
    method: str
    user_agent: str
    headers: dict[str, str]
    account: str = ""
    project: str = ""
    model: str = ""
    status: int = 0
    body: bytes = b""
    signatures: dict[str, int] = field(default_factory=dict)
    finished: bool = False
    closed_by_client: bool = False

    def as_json(self, *, brief: bool) -> dict[str, Any]:
        """The call as the control API shows it."""
        shown: dict[str, Any] = {
            "n": self.n,
            "at": self.at,
            "method": self.method,
            "account": self.account,
            "project": self.project,
            "model": self.model,
            "status": self.status,
            "signatures": self.signatures,
            "user_agent": self.user_agent,
            "headers": self.headers,
            "finished": self.finished,
            "closed_by_client": self.closed_by_client,
        }
        if not brief:
            shown["request"] = orjson.Fragment(self.body) if self.body else None
        return shown


@dataclass
class CallLog:
    """The last calls in order. ``total`` numbers them and survives eviction."""

    keeps_bodies: bool = True
    total: int = 0
    open: int = 0
    most_open: int = 0
    _calls: deque[Call] = field(default_factory=lambda: deque(maxlen=MAX_CALLS))
    _counts: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def begin(
        self, at: float, method: str, user_agent: str, headers: dict[str, str]
    ) -> Call:
        """Record that a call arrived."""
        self.total += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        call = Call(self.total, at, method, user_agent, headers)
        self._calls.append(call)
        return call

    def keep_body(self, call: Call, body: bytes) -> None:
        """Keep a well-formed JSON body with its call, unless it is too long."""
        if self.keeps_bodies and len(body) <= MAX_BODY_BYTES:
            call.body = body

    def answered(self, call: Call, status: int) -> None:
        """Record the status the answer began with."""
        call.status = status
        self._counts[call.method, call.project, status] += 1

    def ended(self) -> None:
        """Record that one call is no longer open."""
        self.open = max(0, self.open - 1)

    def since(self, n: int) -> Iterator[Call]:
        """The kept calls numbered above ``n``, oldest first."""
        return (call for call in self._calls if call.n > n)

    def counts(self) -> list[dict[str, Any]]:
        """How many calls were answered, per method, project and status."""
        return [
            {"method": method, "project": project, "status": status, "count": count}
            for (method, project, status), count in sorted(self._counts.items())
        ]

    def clear(self) -> None:
        """Forget all calls and counts; numbering goes on."""
        self._calls.clear()
        self._counts.clear()
        self.most_open = self.open
