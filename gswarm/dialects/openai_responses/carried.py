"""Thought signatures that a client carries for us, as a reasoning item's
``encrypted_content``.

A token is sealed and names its tenant and model: what another gateway or key made,
or somebody changed, is known for what it is and never sent to Google.
"""

from __future__ import annotations

from typing import Any

import orjson

from ...gemini.models import Model, find
from .memory import Memory

MARK = "gsr1."
LONGEST_TOKEN = 256 * 1024


def write_token(
    memory: Memory, model: str, signed: dict[str, str] | None = None
) -> str:
    """A token for the signatures of calls, by call id; it may carry none."""
    content = {"t": memory.tenant, "m": model, "s": signed or {}}
    return MARK + memory.seal(orjson.dumps(content).decode())


def read_token(memory: Memory, model: Model, token: Any) -> dict[str, str]:
    """The signatures in a token; none in one that is not ours or another family's."""
    if not isinstance(token, str) or not token.startswith(MARK):
        return {}
    if len(token) > LONGEST_TOKEN:
        return {}
    plain = memory.open(token[len(MARK) :])
    if plain is None:
        return {}
    content = orjson.loads(plain)
    if content.get("t") != memory.tenant or not _is_kin(content["m"], model):
        return {}
    signed: dict[str, str] = content["s"]
    return signed


def _is_kin(issuer: str, model: Model) -> bool:
    other = find(issuer)
    return other.family == model.family and other.is_gemini_3 == model.is_gemini_3
