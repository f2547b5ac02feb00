"""Thought signatures: opaque to everybody but the issuer, and bound to it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .models import Model

Binding: TypeAlias = Literal["account", "project", "model"]

BYPASSES = (
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
)
"""Documented values for calls Gemini did not make; plain or as base64."""

_NONCE_BYTES = 12
_TAG_BYTES = 32
_SHORTEST = 117
_LONGEST = 480


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf a request came: an account and one of its projects."""

    account: str = ""
    project: str = ""


class Signer:
    """Issues signatures and knows its own again, for the same family and binding.

    ``binding`` says what a signature is good for besides its model family: the
    account that got it, the project, or any (``model``). Nothing is remembered: the
    signature itself holds a tag over what it is bound to.
    """

    def __init__(self, key: bytes = b"simulator", binding: Binding = "account") -> None:
        self._key = key
        self.binding = binding

    def issue(self, model: Model, scope: Scope, seed: str) -> str:
        """A signature of 156 base64 characters or more; equal seeds, equal ones."""
        nonce = hashlib.sha256(seed.encode()).digest()[:_NONCE_BYTES]
        size = _SHORTEST + int.from_bytes(nonce[:2]) % (_LONGEST - _SHORTEST)
        filler = hashlib.shake_256(nonce).digest(size - _NONCE_BYTES - _TAG_BYTES - 4)
        payload = nonce + filler
        message = b"\x12\xa2\x02\x0a" + payload + self._tag(payload, model, scope)
        return base64.b64encode(message).decode()

    def knows(self, signature: str, model: Model, scope: Scope) -> bool:
        """Whether it is a bypass value or was issued for this family and binding."""
        if is_bypass(signature):
            return True
        message = _decoded(signature)
        if len(message) < _SHORTEST:
            return False
        payload, tag = message[4:-_TAG_BYTES], message[-_TAG_BYTES:]
        return hmac.compare_digest(tag, self._tag(payload, model, scope))

    def _tag(self, payload: bytes, model: Model, scope: Scope) -> bytes:
        bound = {"account": scope.account, "project": scope.project, "model": ""}
        text = f"{model.family}\n{bound[self.binding]}\n".encode()
        return hmac.digest(self._key, text + payload, "sha256")


def is_bypass(signature: str) -> bool:
    """Whether it is one of the documented bypass values, plain or in base64."""
    return signature in BYPASSES or signature in _ENCODED_BYPASSES


def _decoded(signature: str) -> bytes:
    plain = signature.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


_ENCODED_BYPASSES = frozenset(
    base64.b64encode(value.encode()).decode().rstrip("=") + padding
    for value in BYPASSES
    for padding in ("", "=", "==")
)
