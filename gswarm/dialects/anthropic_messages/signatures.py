"""Gemini's thought signatures inside the signatures of thinking blocks.

Clients echo a thinking block's ``signature`` untouched, so it can carry what Gemini
wants back with the function call that follows the block. It is wrapped, with the model
that issued it and a check sum, to be told from Claude's own signatures, from damaged
ones and from those of other models: none of these may go to Gemini, which refuses
them. Whoever forges one only has his own request mended.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

MARK = b"gs1"
LONGEST = 65_536
"""Characters of a wrapped signature that is still looked into; seen are 3,000."""

_SUM_BYTES = 8
_SIGNATURE = re.compile(r"[A-Za-z0-9+/_=-]+")


def wrap(model: str, signature: str | None) -> str:
    """A signature for a thinking block; without a Gemini signature it carries none,
    but every block needs one: clients drop thinking without."""
    carried = b"\0".join((MARK, model.encode(), (signature or "").encode()))
    return urlsafe_b64encode(_sum(carried) + carried).decode("ascii").rstrip("=")


def unwrap(wrapped: object, model: str) -> str | None:
    """The Gemini signature that `wrap` put inside for this model, if there is one."""
    if not isinstance(wrapped, str) or len(wrapped) > LONGEST:
        return None
    try:
        raw = urlsafe_b64decode(wrapped + "=" * (-len(wrapped) % 4))
        mark, issuer, signature = raw[_SUM_BYTES:].split(b"\0")
        carried = signature.decode("ascii")
    except ValueError:
        return None
    is_ours = mark == MARK and raw[:_SUM_BYTES] == _sum(raw[_SUM_BYTES:])
    is_good = is_ours and issuer == model.encode() and _SIGNATURE.fullmatch(carried)
    return carried if is_good else None


def _sum(carried: bytes) -> bytes:
    return hashlib.sha256(carried).digest()[:_SUM_BYTES]
