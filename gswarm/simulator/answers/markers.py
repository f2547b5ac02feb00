"""Wishes a prompt may hold, so that an ordinary client can reach every kind of end.

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
"""

from __future__ import annotations

import re

_MARKER = re.compile(r"\[\[([a-z-]+)(?::(.*?))?\]\]", re.DOTALL)
_NAMES = frozenset(
    re.findall(
        r"[\w-]+",
        """
        block finish malformed-call empty thoughts-only no-candidates no-finish no-usage
        late-usage say words image
        """,
    )
)


def find(text: str) -> dict[str, str]:
    """The markers of a prompt with their values; ``""`` where there is none."""
    found = {name: value for name, value in _MARKER.findall(text) if name in _NAMES}
    if "malformed-call" in found:
        found["finish"] = "MALFORMED_FUNCTION_CALL"
    return found


def without(text: str) -> str:
    """The prompt as it reads without its markers."""
    return _MARKER.sub(lambda m: "" if m[1] in _NAMES else m[0], text).strip()
