"""Thought signatures: opaque to everybody but the issuer, and bound to it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .models import Model

Binding: TypeAlias = Literal["account", "project", "model"]
Cover: TypeAlias = Literal["name", "arguments"]
Worth: TypeAlias = Literal["real", "bypass", "stale", "foreign"]
"""What a signature is worth where it stands: ours for this call; one of `BYPASSES`;
ours for another call; not ours."""

BYPASSES = (
    "skip_thought_signature_validator",
    "context_engineering_is_the_way_to_go",
)
"""Documented values for calls Gemini did not make; plain or as base64."""

_NONCE_BYTES = 12
_CALL_BYTES = 8
_TAG_BYTES = 32
_SHORTEST = 117
_LONGEST = 480
_HEAD = b"\x12\xa2\x02\x0a"


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf a request came: an account and one of its projects."""

    account: str = ""
    project: str = ""


class Signer:
    """Issues signatures and knows its own again, for the same family and binding.

    ``binding`` says what a signature is good for besides its model family: the
    account that got it, the project, or any (``model``). ``cover`` says how a call must
    be the one it was issued for: by name, or to its arguments. Nothing is remembered:
    the signature itself holds tags over what it is bound to.
    """

    def __init__(
        self,
        key: bytes = b"simulator",
        binding: Binding = "account",
        cover: Cover = "name",
    ) -> None:
        self._key = key
        self.binding = binding
        self.cover = cover

    def issue(
        self,
        model: Model,
        scope: Scope,
        seed: str,
        call: Mapping[str, Any] | None = None,
    ) -> str:
        """A signature of 156 base64 characters or more; equal seeds, equal ones.

        ``call`` is the functionCall it stands on, None for a text.
        """
        nonce = hashlib.sha256(seed.encode()).digest()[:_NONCE_BYTES]
        size = _SHORTEST + int.from_bytes(nonce[:2]) % (_LONGEST - _SHORTEST)
        fixed = len(_HEAD) + _NONCE_BYTES + _CALL_BYTES + _TAG_BYTES
        payload = nonce + hashlib.shake_256(nonce).digest(size - fixed)
        payload += self._call_tag(payload, call)
        message = _HEAD + payload + self._tag(payload, model, scope)
        return base64.b64encode(message).decode()

    def knows(self, signature: str, model: Model, scope: Scope) -> bool:
        """Whether it is a bypass value or was issued for this family and binding."""
        return self.worth(signature, model, scope) != "foreign"

    def worth(
        self,
        signature: str,
        model: Model,
        scope: Scope,
        call: Mapping[str, Any] | None = None,
    ) -> Worth:
        """What it is worth to this family and binding, standing on this call."""
        if is_bypass(signature):
            return "bypass"
        message = _decoded(signature)
        payload, tag = message[len(_HEAD) : -_TAG_BYTES], message[-_TAG_BYTES:]
        if len(message) < _SHORTEST or not hmac.compare_digest(
            tag, self._tag(payload, model, scope)
        ):
            return "foreign"
        payload, call_tag = payload[:-_CALL_BYTES], payload[-_CALL_BYTES:]
        return "real" if call_tag == self._call_tag(payload, call) else "stale"

    def _tag(self, payload: bytes, model: Model, scope: Scope) -> bytes:
        bound = {"account": scope.account, "project": scope.project, "model": ""}
        text = f"{model.family}\n{bound[self.binding]}\n".encode()
        return hmac.digest(self._key, text + payload, "sha256")

    def _call_tag(self, payload: bytes, call: Mapping[str, Any] | None) -> bytes:
        covered: list[Any] = [call["name"]] if call else []
        if call and self.cover == "arguments":
            covered.append(_plain(call.get("args", {})))
        text = json.dumps(covered, sort_keys=True).encode()
        return hmac.digest(self._key, text + payload, "sha256")[:_CALL_BYTES]


def is_bypass(signature: str) -> bool:
    """Whether it is one of the documented bypass values, plain or in base64."""
    return signature in BYPASSES or signature in _ENCODED_BYPASSES


def _decoded(signature: str) -> bytes:
    plain = signature.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _plain(value: Any) -> Any:
    """A value in which 5 and 5.0 are the same, as they are to Google's Struct."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


_ENCODED_BYPASSES = frozenset(
    base64.b64encode(value.encode()).decode().rstrip("=") + padding
    for value in BYPASSES
    for padding in ("", "=", "==")
)
