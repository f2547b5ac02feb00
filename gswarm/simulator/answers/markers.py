"""Wishes a prompt may hold, so that an ordinary client can reach every kind of answer.

``[[block:SAFETY]]``       the prompt is blocked, for that reason
``[[finish:SAFETY]]``      the answer breaks off halfway with that finishReason
``[[malformed-call]]``     short for ``[[finish:MALFORMED_FUNCTION_CALL]]``
``[[empty]]``              a candidate without parts
``[[thoughts-only]]``      thoughts and nothing else
``[[no-candidates]]``      neither candidates nor a reason why
``[[no-finish]]``          the stream ends without a finishReason
``[[no-usage]]``           no usageMetadata at all
``[[late-usage]]``         usage comes in a chunk of its own, after the finish
``[[say:…]]``              answers with exactly that text
``[[words:500]]``          answers with that many words
``[[image]]``              a picture comes with the text
``[[agent]]``              calls a declared tool once, then answers with text
``[[agent:2]]``            calls that many tools at once
``[[call:f {"a": 1}]]``    calls f with these arguments; without them, with fitting ones
``[[then]]``               what is called after it, is called after the results before
``[[before:…]]``           a text comes before the calls
``[[after:…]]``            a text comes after the calls
``[[thought:…]]``          thinks exactly that, where thoughts are shown; may come twice
``[[unsigned]]``           no thought signature anywhere
``[[signed-text]]``        the first text carries a thought signature
``[[ending:bare]]``        how the stream ends: text, signature, bare
``[[odd:null-parts]]``     an odd shape, one of those in ``odd``; may come twice
``[[do:{"cut": …}]]``      what ``POST /_sim/script`` can do to a call

Wishes hold for the whole turn, also where more text comes with results; which tools are
called is said in ``dictated``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_HEAD = re.compile(r"\[\[([a-z-]+)(:|\]\])")
_ARGUMENTS = re.compile(r"[^{}\[\]]*(?=\{)")
_JSON = json.JSONDecoder(strict=False)
_NAMES = frozenset(
    re.findall(
        r"[\w-]+",
        """
        block finish malformed-call empty thoughts-only no-candidates no-finish no-usage
        late-usage say words image agent call then before after thought unsigned
        signed-text ending odd do
        """,
    )
)


def every(text: str) -> list[tuple[str, str]]:
    """The markers of a text in order, each with its value; ``""`` where none is."""
    return [(name, value) for name, value, _, _ in _found(text)]


def values(text: str, wanted: str) -> list[str]:
    """The values of all markers of that name, in order."""
    return [value for name, value in every(text) if name == wanted]


def find(text: str) -> dict[str, str]:
    """The markers of a prompt with their values; of equal ones the last."""
    found = dict(every(text))
    if "malformed-call" in found:
        found["finish"] = "MALFORMED_FUNCTION_CALL"
    return found


def without(text: str) -> str:
    """The prompt as it reads without its markers."""
    kept, at = "", 0
    for _, _, start, end in _found(text):
        kept, at = kept + text[at:start], end
    return (kept + text[at:]).strip()


def _found(text: str) -> Iterator[tuple[str, str, int, int]]:
    at = 0
    while head := _HEAD.search(text, at):
        at = head.end()
        if head[1] not in _NAMES:
            continue
        end = at if head[2] == "]]" else _end(text, at)
        if end < 0:
            return
        value = "" if head[2] == "]]" else text[at:end].removesuffix("]]")
        at = end
        yield head[1], value, head.start(), end


def _end(text: str, at: int) -> int:
    """Behind the ``]]`` that ends a value; those inside JSON do not."""
    before = _ARGUMENTS.match(text, at)
    try:
        after = _JSON.raw_decode(text, before.end())[1] if before else at
    except ValueError:
        after = at
    closing = text.find("]]", after)
    return closing + 2 if closing >= 0 else -1
