"""Function names Gemini accepts, and the way back to the client's own."""

from __future__ import annotations

import re
from hashlib import sha256

from ..errors import InvalidRequest

MAX_LENGTH = 64
LONGEST_GIVEN = 200
"""Characters of a client's own name for a function."""

_ACCEPTED = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_FOREIGN = re.compile(r"[^A-Za-z0-9_.:-]")


class ToolNames:
    """The names of one request; ``originals`` maps each changed one back."""

    def __init__(self) -> None:
        self.originals: dict[str, str] = {}
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()

    def accepted(self, name: str) -> str:
        """The name Gemini will know this function by; the same each time.

        Raises `InvalidRequest` for a name beyond `LONGEST_GIVEN`.
        """
        if len(name) > LONGEST_GIVEN:
            raise InvalidRequest(
                f"A function's name has at most {LONGEST_GIVEN} characters.",
                code="string_above_max_length",
            )
        return self._given.get(name) or self._give(name)

    def _give(self, name: str) -> str:
        given = name if _ACCEPTED.fullmatch(name) else _rewritten(name)
        if given in self._taken:
            given = _marked(given, name)
        self._given[name] = given
        self._taken.add(given)
        if given != name:
            self.originals[given] = name
        return given


def _rewritten(name: str) -> str:
    plain = _FOREIGN.sub("_", name)
    if not re.match("[A-Za-z_]", plain):
        plain = "_" + plain
    return plain if len(plain) <= MAX_LENGTH else _marked(plain, name)


def _marked(plain: str, name: str) -> str:
    mark = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[: MAX_LENGTH - 9]}_{mark}"
