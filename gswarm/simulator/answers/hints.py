"""Values a prompt offers for arguments: numbers, quoted strings, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w]|\.\d)")
_QUOTED = re.compile(
    r"(?<!\w)'([^'\n]{1,200})'(?!\w)|\"([^\"\n]{1,200})\"|`([^`\n]{1,200})`"
    r"|“([^”\n]{1,200})”|«([^»\n]{1,200})»|「([^」\n]{1,200})」"
)
_WORD = r"[A-ZÀ-ÖØ-Þ](?:[\w'\u2019-]*\w)?"
_NAME = rf"{_WORD}(?: {_WORD})*(?:, [A-Z]{{2}}\b)?"
_NAMES = re.compile(rf"(?<!\w)(?<!\w['\u2019]){_NAME}")
_LIST = re.compile(rf"(?:{_NAME})(?:, (?:{_NAME}))*,? and (?:in |for |of )?(?:{_NAME})")
_NUMBER_LIST = re.compile(r"-?\d+(?:, -?\d+)*,? and -?\d+")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n]\s*)$")
_NO_NAMES = frozenset(["I", "I'm", "I'll", "I've", "JSON", "OK", "Hello", "Hi", "Hey"])


class Hints:
    """The values of one prompt, each given out once."""

    def __init__(self, text: str, *, without: Iterable[str] = ()) -> None:
        skipped = set(without)
        self.text = text
        self._numbers = [float(found) for found in _NUMBER.findall(text)]
        self._quoted = [q for q in _quoted(text) if q not in skipped]
        self._names = [name for name in _names(text) if name not in skipped]

    def number(self, *, whole: bool) -> float | None:
        """The next number not given out yet, passing over fractions if ``whole``."""
        for number in self._numbers:
            if not whole or number.is_integer():
                self._numbers.remove(number)
                return number
        return None

    def string(self) -> str | None:
        """The next quoted string, else the next capitalised name."""
        return next(self._strings(self._quoted, self._names), None)

    def name(self) -> str | None:
        """The next capitalised name, else the next quoted string."""
        return next(self._strings(self._names, self._quoted), None)

    def mentions(self, word: str) -> bool:
        """Whether the word, or its parts with spaces between, stands in the prompt."""
        plain = re.escape(word.lower()).replace("_", "[ _-]?")
        return bool(word and re.search(rf"(?<!\w){plain}(?!\w)", self.text.lower()))

    def _strings(self, *pools: list[str]) -> Iterator[str]:
        for pool in pools:
            while pool:
                yield pool.pop(0)


def names_listed(text: str) -> list[str]:
    """The names of an enumeration: ``in both Oslo and Rome``; empty without one."""
    found = _LIST.search(text)
    if not found:
        return []
    listed = re.split(r",? and (?:in |for |of )?|, (?![A-Z]{2}\b)", found[0])
    return [name for name in listed if name]


def numbers_listed(text: str) -> list[str]:
    """The whole numbers of an enumeration: ``3, 4 and 5``; empty without one."""
    found = _NUMBER_LIST.search(text)
    return re.findall(r"-?\d+", found[0]) if found else []


def excerpt(text: str, longest: int = 80) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _quoted(text: str) -> list[str]:
    return [next(filter(None, groups)) for groups in _QUOTED.findall(text)]


def _names(text: str) -> list[str]:
    found = []
    for match in _NAMES.finditer(text):
        name = match[0]
        if _SENTENCE_START.search(text[: match.start()]):
            _, _, name = name.partition(" ")
        if name and name not in _NO_NAMES:
            found.append(name)
    return found
