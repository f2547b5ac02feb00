"""Which scripted fault, if any, meets which call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .answers.odd import bent
from .calls import Call
from .catalogue import NAMED

Do = dict[str, Any]
"""What to do to a call, in the words of ``POST /_sim/script``."""

_INSTEAD = frozenset({"error", "status"})
_FAULTS = frozenset(
    {
        "chunks",
        "comments",
        "cut",
        "finish",
        "midstream_error",
        "multiline",
        "odd",
        "parts",
        "slow",
        "split_writes",
        "stall",
        "unterminated",
        "usage",
    }
)


@dataclass
class Rule:
    """``do`` for calls that match, so many times; None for ever."""

    match: dict[str, Any]
    times: int | None
    do: Do

    def meets(self, call: Call) -> bool:
        """Whether every named field of the call has (one of) the value(s) asked for."""
        return all(_agrees(getattr(call, name), v) for name, v in self.match.items())


@dataclass
class Scripts:
    """The queue of rules; the oldest that matches acts."""

    _rules: list[Rule] = field(default_factory=list)

    def add(self, match: dict[str, Any], times: int | None, do: Do) -> None:
        """Queue a rule; ValueError for a field no call has."""
        unknown = set(match) - {"account", "project", "model", "method"}
        if unknown:
            raise ValueError(f"cannot match on {', '.join(sorted(unknown))}")
        self._rules.append(Rule(match, times, do))

    def take(self, call: Call) -> Do:
        """What to do to this call, used up once; empty for nothing."""
        for rule in self._rules:
            if rule.meets(call):
                self._use(rule)
                return rule.do
        return {}

    def pending(self) -> list[dict[str, Any]]:
        """The rules still waiting."""
        return [vars(rule) for rule in self._rules]

    def clear(self) -> None:
        """Forget every rule."""
        self._rules.clear()

    def _use(self, rule: Rule) -> None:
        if rule.times is None:
            return
        rule.times -= 1
        if rule.times <= 0:
            self._rules.remove(rule)


def check(do: Do) -> None:
    """Raise ValueError for what would do nothing; an error's own facts are free."""
    for fault in (do, do.get("midstream_error", {})):
        if "error" in fault and fault["error"] not in NAMED:
            raise ValueError(f"no error is named {fault['error']!r}")
    bent((), do.get("odd", ()))
    unknown = set(do) - _FAULTS
    if unknown and not _INSTEAD & set(do):
        raise ValueError(f"cannot do {', '.join(sorted(unknown))}")


def _agrees(actual: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return actual in wanted
    return bool(actual == wanted)
