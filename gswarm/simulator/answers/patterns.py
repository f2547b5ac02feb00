"""A text that matches a regular expression, for the plain ones schemas use."""

from __future__ import annotations

import re

_CLASSES = {"d": "5", "w": "a", "s": " ", "D": "x", "W": "-", "S": "x"}
_QUANTIFIER = re.compile(r"\{(\d+)(?:,\d*)?\}|[*+?]")


def matching(pattern: str) -> str | None:
    """The first text that comes to mind; None if it does not match after all."""
    try:
        text = _Sampler(pattern).alternatives()
        return text if re.search(pattern, text) else None
    except (re.error, IndexError):
        return None


class _Sampler:
    """Walks a pattern once, taking first alternatives and fewest repetitions."""

    def __init__(self, pattern: str) -> None:
        self._rest = pattern

    def alternatives(self) -> str:
        first = self._sequence()
        while self._rest.startswith("|"):
            self._take(1)
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while self._rest and self._rest[0] not in "|)":
            atom = self._atom()
            text += atom * self._repetitions()
        return text

    def _repetitions(self) -> int:
        found = _QUANTIFIER.match(self._rest)
        if not found:
            return 1
        self._take(found.end())
        if self._rest.startswith("?"):
            self._take(1)
        if found[1]:
            return int(found[1])
        return 1 if found[0] == "+" else 0

    def _atom(self) -> str:
        head = self._take(1)
        if head == "\\":
            letter = self._take(1)
            return "" if letter in "bBAZ" else _CLASSES.get(letter, letter)
        if head == "[":
            return self._class()
        if head == "(":
            return self._group()
        return "" if head in "^$" else "a" if head == "." else head

    def _group(self) -> str:
        kind = re.match(r"\?(:|P<\w+>|[=!]|<[=!])", self._rest)
        self._take(kind.end() if kind else 0)
        text = self.alternatives()
        self._take(1)
        return "" if kind and kind[1] in ("=", "!", "<=", "<!") else text

    def _class(self) -> str:
        body = ""
        while self._rest[0] != "]" or not body:
            body += self._take(2) if self._rest[0] == "\\" else self._take(1)
        self._take(1)
        if body.startswith("^"):
            return next(c for c in "ax0- " if not re.match(f"[{body[1:]}]", c))
        return _CLASSES.get(body[1], body[1]) if body[0] == "\\" else body[0]

    def _take(self, count: int) -> str:
        if count > len(self._rest):
            raise IndexError(self._rest)
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken
